"""Stacks whose secrets are in a secret manager, which the cluster asks by itself."""

from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from stacks.composing import compose
from stacks.configuration.reading import WrongConfiguration, read
from stacks.configuration.shape import Configuration
from stacks.safe import entries_of
from tests.infra.engine import SECRET, SIGNATURE, Declarations, Declared, Value, declare, look
from tests.stacks.files import STACKS, changed
from tests.stacks.judging import violations
from tests.stacks.variants import VARIANTS

MANAGER = {"source": "external-secrets", "store": "vault", "path": "souk/prod"}
OPERATORS = VARIANTS["every store an operator's"]
ELSEWHERE = VARIANTS["every store elsewhere"]
CERTIFIED: Mapping[str, Mapping[str, object]] = {
    "edge": {"host": "souk.example", "tls": {"from": "secrets"}},
    "secrets_from": {**MANAGER, "alerts_webhook": True},
}
CASES: dict[str, tuple[str, Mapping[str, Mapping[str, object] | None]]] = {
    **{stack: (stack, {}) for stack in STACKS},
    "operators": ("dev", OPERATORS),
    "elsewhere": ("dev", ELSEWHERE),
    "certified": ("prod", CERTIFIED),
    "searching with a password": ("dev", {"elasticsearch": {"engine": "statefulset", "password": True}}),
    "logged in": ("dev", {"upstream": {"login": True}}),
    "bare": ("dev", {"objects": None, "backups": None, "monitoring": {"engine": "none"}}),
}

every_case = pytest.mark.parametrize("case", CASES)


def configured(stack: str, concerns: Mapping[str, Mapping[str, object] | None]) -> Configuration:
    values = changed(stack, **{"secrets_from": MANAGER, **concerns})
    del values["souk:secrets"]
    return read(values)


@cache
def made(case: str) -> Declarations:
    stack, concerns = CASES[case]
    configuration = configured(stack, concerns)
    return declare(lambda: compose(stack, configuration), stack=stack)


def rotated(**versions: str) -> Declarations:
    configuration = configured("prod", {"secrets_from": {**MANAGER, "versions": versions}})
    return declare(lambda: compose("prod", configuration), stack="prod")


@every_case
def test_pulumi_sees_no_secret_at_all(case: str) -> None:
    declared = made(case)

    assert declared.of("Secret") == []
    assert [one.name for one in declared.resources if _sealed(one.sent)] == []


@every_case
def test_what_it_is_said_to_need_is_what_it_asks_for(case: str) -> None:
    stack, concerns = CASES[case]

    asked = {key.removeprefix("souk/prod/") for one in made(case).of("ExternalSecret") for key in _keys(one)}

    assert asked == set(entries_of(configured(stack, concerns)))


@every_case
def test_whatever_a_pod_mounts_is_fetched_into_its_namespace(case: str) -> None:
    declared = made(case)
    there = {(one.at("metadata.namespace"), one.at("metadata.name")) for one in declared.of("ExternalSecret")}

    missing = [used for one in declared.objects() for used in _mounted(one) if used not in there]

    assert missing == []


@pytest.mark.parametrize("stack", STACKS)
def test_such_a_stack_breaks_no_policy(stack: str) -> None:
    assert list(violations(stack, made(stack))) == []


def test_another_version_rolls_those_that_read_it_and_nobody_else() -> None:
    before = made("prod")

    after = rotated(redis="2")

    fresh = {one.name for one in after.of("ExternalSecret")} & _changed(before, after)
    assert fresh == {"redis-auth", "gateway-secrets", "auth-secrets", "items-secrets"}


def test_a_new_signing_key_is_another_version_of_an_entry() -> None:
    after = rotated(**{"keys/orders": "2"})

    assert after.one("ExternalSecret", "orders-keys").at("spec.dataFrom") == [
        {"extract": {"key": "souk/prod/keys/orders", "version": "2"}}
    ]


def test_keys_can_do_without_slashes_and_underscores() -> None:
    configuration = configured("prod", {"secrets_from": {**MANAGER, "path": "souk-prod", "separator": "-"}})

    declared = declare(lambda: compose("prod", configuration), stack="prod")

    keys = {key for one in declared.of("ExternalSecret") for key in _keys(one)}
    assert {"souk-prod-auth-data-key", "souk-prod-databases-orders"} <= keys
    assert [key for key in keys if "/" in key or "_" in key] == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({**MANAGER, "versions": {"rediss": "2"}}, "souk:secrets_from.versions.rediss: the stack needs no such entry"),
        ({**MANAGER, "path": "/souk"}, "souk:secrets_from.path: Expected `str` matching regex"),
        ({**MANAGER, "store_kind": "Vault"}, "souk:secrets_from.store_kind: Invalid enum value 'Vault'"),
        ({"source": "vault"}, "souk:secrets_from.source: Invalid value 'vault'"),
        ({"source": "external-secrets"}, "souk:secrets_from: Object missing required field `store`"),
        ({"source": "generated"}, "souk:secrets: is missing; `make secrets STACK=…` makes those of a new stack"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(given: Mapping[str, object], fault: str) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        configured("prod", {"secrets_from": given})

    assert fault in str(wrong.value)


def test_a_stack_has_its_secrets_in_one_place() -> None:
    with pytest.raises(WrongConfiguration, match="souk:secrets: is given, though"):
        read(changed("prod", secrets_from=MANAGER))


def _keys(one: Declared) -> Iterator[str]:
    for path, inside in (("spec.data", "remoteRef.key"), ("spec.dataFrom", "extract.key")):
        for asked in _list(one.at(path)):
            yield str(look(asked, inside))


def _mounted(one: Declared) -> Iterator[tuple[Value, Value]]:
    for path in ("spec.template.spec.volumes", "spec.jobTemplate.spec.template.spec.volumes"):
        for volume in _list(one.at(path)):
            if look(volume, "secret"):
                yield one.at("metadata.namespace"), look(volume, "secret.secretName")


def _changed(before: Declarations, after: Declarations) -> set[str]:
    names = {one.name: one.at("metadata.name") for one in before.of("ExternalSecret")}
    return {one.name for one in after.of("ExternalSecret") if names.get(one.name) != one.at("metadata.name")}


def _sealed(value: Value) -> bool:
    if isinstance(value, Mapping):
        return value.get(SIGNATURE) == SECRET or any(_sealed(part) for part in value.values())
    return isinstance(value, list) and any(_sealed(part) for part in value)


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []
