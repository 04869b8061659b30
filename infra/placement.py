"""Which nodes pods land on: replicas apart from each other, over zones and nodes."""

from collections.abc import Mapping

from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
    TopologySpreadConstraintArgs,
    WeightedPodAffinityTermArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

ZONE = "topology.kubernetes.io/zone"
NODE = "kubernetes.io/hostname"


def spread(selector: Mapping[str, str], *, rolls: bool) -> list[TopologySpreadConstraintArgs]:
    """At most one replica more in a zone, or on a node, than in another.

    A cluster with too few of either still runs all of them. `rolls`: pods of another ReplicaSet do not count.
    """
    return [
        TopologySpreadConstraintArgs(
            topology_key=key,
            max_skew=1,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=LabelSelectorArgs(match_labels=dict(selector)),
            match_label_keys=["pod-template-hash"] if rolls else None,
        )
        for key in (ZONE, NODE)
    ]


def apart(selector: Mapping[str, str]) -> AffinityArgs:
    """Rather not on the node of another replica."""
    term = PodAffinityTermArgs(topology_key=NODE, label_selector=LabelSelectorArgs(match_labels=dict(selector)))
    preferred = [WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=term)]
    return AffinityArgs(
        pod_anti_affinity=PodAntiAffinityArgs(preferred_during_scheduling_ignored_during_execution=preferred)
    )
