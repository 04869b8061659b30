"""ConfigMaps and Secrets that never change: their name ends with a hash of what they hold.

A change makes a new object, and with it a new pod template, so exactly the pods that read it roll. The old object stays
(`retain_on_delete`) for the ReplicaSets that a rollback goes back to; it goes with its namespace.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, Secret
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

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
    entries: Mapping[str, pulumi.Input[str]]
    type: str = "Opaque"
    """Of a Secret."""


def config_map(name: str, content: Content, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Its name: `<name>-<hash>`."""
    made = ConfigMap(
        name,
        metadata=_metadata(name, content),
        data=dict(content.entries),
        immutable=True,
        opts=pulumi.ResourceOptions.merge(opts, _REPLACEABLE),
    )
    return name_of(made.metadata)


def secret(name: str, content: Content, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Its name: `<name>-<hash>`. At least one entry must be random, since the hash of all of them shows."""
    made = Secret(
        name,
        metadata=_metadata(name, content),
        type=content.type,
        string_data={key: pulumi.Output.secret(value) for key, value in content.entries.items()},
        immutable=True,
        opts=pulumi.ResourceOptions.merge(opts, _REPLACEABLE),
    )
    return name_of(made.metadata)


def _metadata(name: str, content: Content) -> ObjectMetaArgs:
    digest = pulumi.Output.json_dumps(dict(content.entries), sort_keys=True).apply(_hash)
    return ObjectMetaArgs(
        name=pulumi.Output.concat(name, "-", pulumi.Output.unsecret(digest)),
        namespace=content.namespace,
        labels=content.labels.full(),
    )


def _hash(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_CHARACTERS]
