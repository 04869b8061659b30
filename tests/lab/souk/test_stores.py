import pytest

from infra.security import STORE_UID
from tests.lab.souk.stores import FOLDER, STORES, Stores


@pytest.fixture(scope="module")
def stores() -> Stores:
    return Stores({}, lambda _: None)


def test_every_store_has_an_image_and_every_image_a_store() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == set(STORES)


@pytest.mark.parametrize("store", STORES)
def test_an_image_runs_as_the_user_of_stores_on_the_labs_own_base(stores: Stores, store: str) -> None:
    image = stores.image_of(store)
    text = image.dockerfile.read_text()

    assert f"\nUSER {STORE_UID}:" in text
    assert image.arguments["BASE_IMAGE"] == "docker.io/souk-lab/base:1"
    assert {name for name in image.arguments if f"ARG {name}=" not in text} == set()
