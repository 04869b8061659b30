"""Text that only some may read: in this program's hands, or known to a secret manager alone, which the cluster asks by
itself. What is composed of both stays a phrase, and External Secrets puts it together in the cluster.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from urllib.parse import quote

import pulumi

Form: TypeAlias = Literal["text", "url", "json"]
"""As it is, as a part of a URL, or as a JSON string with its quotes."""
StoreKind: TypeAlias = Literal["ClusterSecretStore", "SecretStore"]


@dataclass(frozen=True, kw_only=True)
class SecretStore:
    """External Secrets' way to a secret manager; it is in the cluster already."""

    name: str
    kind: StoreKind = "ClusterSecretStore"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a manager keeps under one key: texts by property."""

    store: SecretStore
    key: str
    version: str | None = None
    """In the manager's own words; None: the newest when it is first asked."""

    def to_reference(self) -> dict[str, str]:
        """As External Secrets has it."""
        return {"key": self.key, **({"version": self.version} if self.version else {})}


@dataclass(frozen=True, kw_only=True)
class Remote:
    """One property of an entry."""

    entry: Entry
    property: str
    form: Form = "text"


@dataclass(frozen=True)
class Phrase:
    """Parts, one after the other; at least one is remote."""

    parts: tuple[pulumi.Input[str] | Remote, ...]


Confidential: TypeAlias = pulumi.Input[str] | Phrase


def remote(entry: Entry, name: str) -> Phrase:
    """The property `name` of an entry, and nothing around it."""
    return Phrase((Remote(entry=entry, property=name),))


def phrase(*texts: Confidential) -> Confidential:
    """One after the other: an output, or a phrase where this program does not know all of them."""
    parts = tuple(part for text in texts for part in _parts(text))
    known = [part for part in parts if not isinstance(part, Remote)]
    return pulumi.Output.concat(*known) if len(known) == len(parts) else Phrase(parts)


def escaped(text: Confidential) -> Confidential:
    """As a part of a URL. Raises `ValueError` for a phrase that is more than one property."""
    return _formed(text, "url", lambda known: quote(known, safe=""))


def quoted(text: Confidential) -> Confidential:
    """As a JSON string. Raises `ValueError` for a phrase that is more than one property."""
    return _formed(text, "json", json.dumps)


def _formed(text: Confidential, form: Form, here: Callable[[str], str]) -> Confidential:
    if not isinstance(text, Phrase):
        return pulumi.Output.secret(text).apply(here)
    match text.parts:
        case (Remote() as only,):
            return Phrase((replace(only, form=form),))
        case _:
            raise ValueError("only a property by itself can be escaped")


def _parts(text: Confidential) -> tuple[pulumi.Input[str] | Remote, ...]:
    return text.parts if isinstance(text, Phrase) else (text,)
