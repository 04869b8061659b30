import msgspec
import pytest

from stacks.cluster.catalogue import OFFERS
from stacks.cluster.installing import Wanted, install
from stacks.configuration.reading import WrongConfiguration, decode
from tests.infra.engine import Declarations, declare
from tests.stacks.files import REPOSITORY


class _File(msgspec.Struct):
    config: dict[str, object]


def values(**given: object) -> dict[str, str]:
    return {f"souk-cluster:{name}": msgspec.json.encode(value).decode() for name, value in given.items()}


def declared(wanted: Wanted) -> Declarations:
    return declare(lambda: install("prod", wanted))


def test_the_cluster_of_the_repository_is_right() -> None:
    path = REPOSITORY / "stacks" / "cluster" / "Pulumi.prod.yaml"
    given = msgspec.yaml.decode(path.read_bytes(), type=_File).config

    read = decode(Wanted, "souk-cluster", {key: msgspec.json.encode(value).decode() for key, value in given.items()})

    assert "cert-manager" in read.install


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"install": ["istio"]}, r"souk-cluster:install\[0\]: Invalid enum value 'istio'"),
        ({}, "souk-cluster:install: is missing"),
        ({"install": [], "versions": {"cnpg": 1}}, r"souk-cluster:versions: Expected `str`, got `int`"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(given: dict[str, object], fault: str) -> None:
    with pytest.raises(WrongConfiguration, match=fault):
        decode(Wanted, "souk-cluster", values(**given))


def test_only_what_is_asked_for_is_installed() -> None:
    made = declared(Wanted(install=["cert-manager", "metrics-server"]))

    assert {one.name for one in made.components()} == {"cert-manager", "metrics-server"}


def test_another_version_can_be_asked_for() -> None:
    made = declared(Wanted(install=["cert-manager"], versions={"cert-manager": "v9.9.9"}))

    files = made.one("ConfigGroup").at("files")
    assert isinstance(files, list)
    assert files[0].endswith("/cert-manager/cert-manager/releases/download/v9.9.9/cert-manager.yaml")


@pytest.mark.parametrize("name", OFFERS)
def test_an_addon_comes_from_an_exact_version(name: str) -> None:
    offer = next(offer for known, offer in OFFERS.items() if known == name)

    assert "latest" not in str(offer.source(offer.version))
    assert offer.version.removeprefix("v") in str(offer.source(offer.version))


def test_the_redis_operator_is_told_to_run_redis_own_image() -> None:
    made = declared(Wanted(install=["redis-operator"]))

    assert made.one("Release").at("values.featureGates.GenerateConfigInInitContainer") is True
