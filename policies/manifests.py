"""Resources as the engine hands them over, made plain and typed.

In a preview some values are not known yet. They stand as `UNKNOWN` in what is read; a policy that judges a text asks
`known` for it, and a resource that cannot be read for want of a value raises `NotKnown`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Struct

JsonObject: TypeAlias = Mapping[str, object]

Thing = TypeVar("Thing", bound=Struct)

UNKNOWN = "\N{REPLACEMENT CHARACTER}unknown"
"""No Kubernetes field can hold this character where a policy looks."""


class NotKnown(Exception):
    """The policy cannot be judged before the resource exists."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack."""

    type: str
    """Pulumi's token: `kubernetes:apps/v1:Deployment`."""
    name: str
    """Pulumi's own name of it."""
    urn: str
    props: JsonObject
    protected: bool = False
    parent: str | None = None
    """URN of the component it belongs to."""

    @property
    def kubernetes(self) -> bool:
        """Whether it is an object of a cluster, and not a component or something of another provider."""
        return self.type.startswith("kubernetes:")

    @property
    def kind(self) -> str:
        """`Deployment`; of a resource that is no Kubernetes object, empty."""
        return self.type.rpartition(":")[2] if self.kubernetes else ""


def known(text: str) -> str:
    """`text`, if it is known. Raises `NotKnown`."""
    if UNKNOWN in text:
        raise NotKnown("a value is not known before the update")
    return text


def read(resource: Resource, thing: type[Thing]) -> Thing:
    """`resource` as `thing`.

    Raises `NotKnown` if a value it needs is not known, `msgspec.ValidationError` if it is malformed.
    """
    try:
        return msgspec.convert(resource.props, thing)
    except msgspec.ValidationError as fault:
        if _unknown_in(resource.props):
            raise NotKnown(str(fault)) from fault
        raise


def _unknown_in(value: object) -> bool:
    match value:
        case str():
            return UNKNOWN in value
        case Mapping():
            return any(_unknown_in(part) for part in value.values())
        case Sequence():
            return any(_unknown_in(part) for part in value)
        case _:
            return False
