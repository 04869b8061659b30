"""How an object is read: a struct of the fields that some policy reads, all others passed over.

An absent field has Kubernetes' own default where it has one, else None or empty, so that a policy asks for what it
wants instead of walking a tree. Field names are the API's, in snake case.
"""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

IntOrText: TypeAlias = int | str


class Lens(Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of an object; fields that no policy reads are passed over."""


class Metadata(Lens, frozen=True):
    """Of any object."""

    name: str = ""
    namespace: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}


class Selector(Lens, frozen=True):
    """A label selector."""

    match_labels: Mapping[str, str] = {}
    match_expressions: tuple[Mapping[str, object], ...] = ()

    @property
    def everything(self) -> bool:
        """An empty selector means all, not none."""
        return not self.match_labels and not self.match_expressions

    def selects(self, labels: Mapping[str, str]) -> bool:
        """By `matchLabels` alone; Souk's selectors have no expressions."""
        return all(labels.get(key) == value for key, value in self.match_labels.items())


class AnyObject(Lens, frozen=True):
    """An object of whatever kind, for its metadata."""

    metadata: Metadata = Metadata()


class ObjectReference(Lens, frozen=True):
    """Another object, by kind and name."""

    kind: str = ""
    name: str = ""
