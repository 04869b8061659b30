"""The stacks as they are in the repository, with secrets made up for them."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from stacks.composing import Outputs, compose
from stacks.configuration.reading import read
from stacks.configuration.sealed import Sealed
from stacks.configuration.shape import Configuration
from stacks.minting import mint
from tests.infra.engine import Declarations, Value, declare

REPOSITORY = Path(__file__).parents[2]
STACKS = ("dev", "staging", "prod")
LOGINS = '{"auths": {"registry.example.com": {"auth": "cm9ib3Q6aHVudGVyMg=="}}}'
OUTSIDE = {
    "registry_logins": LOGINS,
    "mail_url": "smtp://souk:letter-box-password@mail.example:587",
    "stripe_api_key": "sk_test_not_a_real_key",
    "stripe_webhook_secret": "whsec_not_a_real_secret",
}


class _File(msgspec.Struct):
    config: dict[str, object]


@cache
def secrets() -> Sealed:
    return mint(OUTSIDE)


def values_of(stack: str) -> dict[str, str]:
    """As Pulumi hands them to the program: JSON by key."""
    file = msgspec.yaml.decode((REPOSITORY / f"Pulumi.{stack}.yaml").read_bytes(), type=_File)
    texts = {key: msgspec.json.encode(value).decode() for key, value in file.config.items()}
    return {**texts, "souk:secrets": msgspec.json.encode(secrets()).decode()}


@cache
def configuration_of(stack: str) -> Configuration:
    return read(values_of(stack))


@cache
def declared(stack: str) -> Declarations:
    return declare(lambda: compose(stack, configuration_of(stack)), stack=stack)


def outputs_of(stack: str) -> Outputs:
    made: list[Outputs] = []
    declare(lambda: made.append(compose(stack, configuration_of(stack))), stack=stack)
    return made[0]


def changed(stack: str, **concerns: Mapping[str, object] | None) -> dict[str, str]:
    """The values of a stack with some concerns given otherwise."""
    texts = {f"souk:{name}": msgspec.json.encode(value).decode() for name, value in concerns.items()}
    return {**values_of(stack), **texts}


def secret_texts() -> Iterator[str]:
    """Every text of theirs that is secret."""

    def walk(value: Value) -> Iterator[str]:
        if isinstance(value, dict):
            for item in value.values():
                yield from walk(item)
        elif isinstance(value, str):
            yield value

    told = msgspec.to_builtins(secrets())
    yield from walk({name: value for name, value in told.items() if name != "staff_email"})
