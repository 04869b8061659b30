"""The name an object ends up with, for those that refer to it: they wait until it is there."""

import pulumi
from pulumi_kubernetes.meta.v1.outputs import ObjectMeta


def name_of(metadata: pulumi.Output[ObjectMeta]) -> pulumi.Output[str]:
    """`name_of(account.metadata)`."""
    return metadata.apply(lambda known: str(known.name))
