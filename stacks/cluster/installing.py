"""From a list of names to addons."""

from msgspec import field

from infra.addons import Addon, AddonArgs
from infra.labels import Labels
from stacks.cluster.catalogue import OFFERS, AddonName
from stacks.configuration.words import Strict, Text


class Wanted(Strict, frozen=True, kw_only=True):
    """What a cluster lacks."""

    install: list[AddonName]
    versions: dict[AddonName, Text] = field(default_factory=dict)
    """Other than those that were chosen."""


def install(cluster: str, wanted: Wanted) -> dict[str, str]:
    """Version by name."""
    versions = {name: wanted.versions.get(name, OFFERS[name].version) for name in wanted.install}
    for name, version in versions.items():
        offer = OFFERS[name]
        args = AddonArgs(
            source=offer.source(version),
            namespace=offer.namespace,
            labels=Labels(name=name, instance=cluster, component="addon"),
            own_namespace=offer.own_namespace,
        )
        Addon(name, args)
    return {str(name): version for name, version in versions.items()}
