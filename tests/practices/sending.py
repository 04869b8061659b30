"""What an object alone does not show: how it travels to the engine, and what the engine is to do with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tests.infra.engine import Declared, opened, plain_texts
from tests.stacks.files import secret_texts

Gate = Callable[[Sequence[Declared]], Iterator[str]]


def secrets_travel_sealed(made: Sequence[Declared]) -> Iterator[str]:
    secrets = frozenset(secret_texts())
    for one in made:
        if any(secret in text for text in plain_texts(one.sent) for secret in secrets):
            yield f"{one.kind} {one.name} holds a secret in the open"


def scaled_numbers_are_left_alone(made: Sequence[Declared]) -> Iterator[str]:
    for one in made:
        if one.kind == "Deployment" and one.at("spec.replicas") is None and "spec.replicas" not in one.ignore_changes:
            yield f"{one.name} is set back to one pod"


def old_settings_stay(made: Sequence[Declared]) -> Iterator[str]:
    for one in made:
        if one.kind in {"ConfigMap", "Secret"} and not one.retain_on_delete:
            yield f"{one.kind} {one.name} is gone when a rollback wants it"


class Way(NamedTuple):
    """How to send an object otherwise; objects of these kinds that it does not change are passed over."""

    kinds: tuple[str, ...]
    change: Callable[[Declared], Declared]
    gate: Gate
    stacks: tuple[str, ...] = ("dev", "prod")


WAYS: Mapping[str, Way] = {
    "secrets travel sealed": Way(
        ("Secret",), lambda one: replace(one, sent={"all": opened(one.sent)}), secrets_travel_sealed
    ),
    "what is scaled is not set back": Way(
        ("Deployment",),
        lambda one: replace(one, ignore_changes=()),
        scaled_numbers_are_left_alone,
        ("prod",),  # In dev nothing is scaled.
    ),
    "old settings stay for rollbacks": Way(
        ("ConfigMap", "Secret"), lambda one: replace(one, retain_on_delete=False), old_settings_stay
    ),
}
