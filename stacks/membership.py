"""Who is in the service mesh, and as whom: what `infra.mesh` is told of a stack."""

from collections.abc import Iterable, Mapping

from infra import elasticsearch, rabbitmq
from infra.labels import Labels
from infra.mesh import Members
from infra.network import Edge, Pods
from infra.service import METRICS_PORT
from stacks.configuration.shape import Configuration, Istio
from stacks.places import Places, running
from stacks.roster import ROSTER

BARE = frozenset({METRICS_PORT, rabbitmq.METRICS_PORT, *rabbitmq.MEMBER_PORTS.values(), elasticsearch.MEMBER_PORT})
"""Prometheus asks pods, not Services, and members of a store call each other by name."""
ISTIOD_PORT = 15012


def meshed(mesh: Istio | None, places: Places) -> tuple[str, ...]:
    """The namespaces whose pods have sidecars."""
    if mesh is None:
        return ()
    return (places.services, places.monitoring, *((places.data,) if mesh.stores else ()))


def members_of(configuration: Configuration, mesh: Istio, places: Places, edges: Iterable[Edge]) -> Members:
    """Of the edges' ends."""
    ours = meshed(mesh, places)
    known = {end for edge in edges for end in (edge.source, edge.target) if isinstance(end, Pods) and end.name}
    accounts = {pods: _accounts(configuration, places, pods) for pods in known if pods.namespace in ours}
    labels: Mapping[str, Labels] = {space: places.labels("mesh") for space in ours}
    return Members(namespaces=labels, accounts=accounts, others=frozenset(mesh.also))


def _accounts(configuration: Configuration, places: Places, pods: Pods) -> tuple[str, ...]:
    """A service has one a role, and its migration; everything else is called as its pods are."""
    if pods.namespace == places.services:
        for service in running(configuration):
            if service == pods.name:
                return (*(f"{service}-{role}" for role in ROSTER[service].roles), f"{service}-migrate")
    return (pods.name,)
