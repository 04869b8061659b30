"""ConfigMaps and Secrets that never change: their name ends with a hash of what they hold, or of where it is fetched.

A change makes a new object, and with it a new pod template, so exactly the pods that read it roll. The old object stays
(`retain_on_delete`) for the ReplicaSets that a rollback goes back to; it goes with its namespace.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra import external_secret
from infra.confidential import Confidential, Entry, Phrase
from infra.labels import Labels
from infra.names import name_of

HASH_CHARACTERS = 10

_REPLACEABLE = pulumi.ResourceOptions(
    retain_on_delete=True,
    protect=False,  # Else no setting of a protected store could ever change.
)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What is to be held, by key, and for whom."""

    namespace: pulumi.Input[str]
    labels: Labels
    entries: Mapping[str, Confidential] | Entry
    type: str = "Opaque"
    """Of a Secret."""
    called: str | None = None
    """What it is called in its namespace, if not after its resource, whose name is the stack's only one."""


def config_map(name: str, content: Content, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Its name: `<name>-<hash>`. Raises `ValueError` for what only a secret manager knows."""
    entries = _known(content.entries)
    made = ConfigMap(
        name,
        metadata=_metadata(name, content, _canonical(entries)),
        data=entries,
        immutable=True,
        opts=pulumi.ResourceOptions.merge(opts, _REPLACEABLE),
    )
    return name_of(made.metadata)


def secret(name: str, content: Content, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Its name: `<name>-<hash>`. At least one entry must be random, since the hash of all of them shows."""
    replaceable = pulumi.ResourceOptions.merge(opts, _REPLACEABLE)
    if external_secret.is_remote(content.entries):
        return _fetched(name, content, replaceable)
    entries = _known(content.entries)
    made = Secret(
        name,
        metadata=_metadata(name, content, _canonical(entries)),
        type=content.type,
        string_data={key: pulumi.Output.secret(value) for key, value in entries.items()},
        immutable=True,
        opts=replaceable,
    )
    return name_of(made.metadata)


def _fetched(name: str, content: Content, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    wanted = external_secret.specify(content.entries, kind=content.type, labels=content.labels.full())
    metadata = _metadata(name, content, external_secret.canonical(wanted))
    made = external_secret.declare(name, metadata, wanted, opts)
    # The Secret has the name of what asks for it.
    return pulumi.Output.all(metadata.name, made.id).apply(lambda known: str(known[0]))


def _known(entries: Mapping[str, Confidential] | Entry) -> dict[str, pulumi.Input[str]]:
    if isinstance(entries, Entry):
        raise ValueError(f"{entries.key} is known to a secret manager alone")  # noqa: TRY004 - the type is right.
    known = {key: text for key, text in entries.items() if not isinstance(text, Phrase)}
    if len(known) < len(entries):
        raise ValueError(f"{', '.join(sorted(entries.keys() - known))}: known to a secret manager alone")
    return known


def _canonical(entries: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(dict(entries), sort_keys=True)


def _metadata(name: str, content: Content, canonical: pulumi.Output[str]) -> ObjectMetaArgs:
    return ObjectMetaArgs(
        name=pulumi.Output.concat(content.called or name, "-", pulumi.Output.unsecret(canonical.apply(_hash))),
        namespace=content.namespace,
        labels=content.labels.full(),
    )


def _hash(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_CHARACTERS]
