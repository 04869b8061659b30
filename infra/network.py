"""NetworkPolicies, made from one table: who may open a connection to whom, and on which ports.

Every namespace denies everything (`infra.namespace`); what is not in the table is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from infra.labels import PREFIX, Labels
from infra.namespace import NAME_LABEL

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
"""What `the internet` leaves out: clusters, nodes, and the clouds' metadata servers."""


@dataclass(frozen=True, kw_only=True)
class Pods:
    """Those with this name in this namespace; `labels` instead of the name where they are not ours."""

    namespace: str
    name: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    def selector(self) -> dict[str, str]:
        """Empty: every pod of the namespace."""
        return dict(self.labels) if self.labels else {f"{PREFIX}/name": self.name} if self.name else {}

    def to_peer(self) -> NetworkPolicyPeerArgs:
        """As the other side of a rule."""
        return NetworkPolicyPeerArgs(
            namespace_selector=LabelSelectorArgs(match_labels={NAME_LABEL: self.namespace}),
            pod_selector=LabelSelectorArgs(match_labels=self.selector()),
        )


@dataclass(frozen=True, kw_only=True)
class Block:
    """Addresses outside the cluster."""

    cidr: str
    but: tuple[str, ...] = ()

    def to_peer(self) -> NetworkPolicyPeerArgs:
        """As the other side of a rule."""
        return NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=self.cidr, except_=list(self.but) or None))


INTERNET = Block(cidr="0.0.0.0/0", but=PRIVATE)

Peer = Pods | Block


@dataclass(frozen=True, kw_only=True)
class Edge:
    """`source` may connect to `target`."""

    source: Peer
    target: Peer
    ports: tuple[int, ...]
    protocols: tuple[str, ...] = ("TCP",)

    def to_ports(self) -> list[NetworkPolicyPortArgs]:
        """Each port with each protocol."""
        return [
            NetworkPolicyPortArgs(port=port, protocol=protocol) for port in self.ports for protocol in self.protocols
        ]


DNS = Pods(namespace="kube-system", labels=(("k8s-app", "kube-dns"),))
DNS_PORT = 53


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """The table, and the namespaces whose pods it is enforced for; their pods may also ask DNS."""

    edges: Sequence[Edge]
    namespaces: Mapping[str, Labels] = field(default_factory=dict)
    after: Sequence[pulumi.Resource] = ()
    """The namespaces, where they are made by the same program."""


class Network(pulumi.ComponentResource):
    """One policy for each kind of pod that has an edge."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:network:Network", name, None, opts)
        self._args = args
        for namespace in args.namespaces:
            every = Pods(namespace=namespace)
            self._declare(every, f"{namespace}-dns", [_dns_of(namespace)])
        for pods in _pods_of(args.edges, args.namespaces):
            self._declare(pods, f"{pods.namespace}-{pods.name}", args.edges)
        self.register_outputs({})

    def _declare(self, pods: Pods, name: str, edges: Sequence[Edge]) -> None:
        ingress = [_ingress(edge) for edge in edges if edge.target == pods]
        egress = [_egress(edge) for edge in edges if edge.source == pods]
        labels = self._args.namespaces[pods.namespace]
        NetworkPolicy(
            name,
            metadata=ObjectMetaArgs(name=pods.name or "dns", namespace=pods.namespace, labels=labels.full()),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels=pods.selector()),
                policy_types=[*(["Ingress"] if ingress else []), *(["Egress"] if egress else [])],
                ingress=ingress or None,
                egress=egress or None,
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
        )


def _dns_of(namespace: str) -> Edge:
    return Edge(source=Pods(namespace=namespace), target=DNS, ports=(DNS_PORT,), protocols=("UDP", "TCP"))


def _pods_of(edges: Iterable[Edge], namespaces: Mapping[str, Labels]) -> list[Pods]:
    """Ours, each once, in the order of the table."""
    ends = [end for edge in edges for end in (edge.source, edge.target)]
    ours = [end for end in ends if isinstance(end, Pods) and end.name and end.namespace in namespaces]
    return list(dict.fromkeys(ours))


def _ingress(edge: Edge) -> NetworkPolicyIngressRuleArgs:
    return NetworkPolicyIngressRuleArgs(from_=[edge.source.to_peer()], ports=edge.to_ports())


def _egress(edge: Edge) -> NetworkPolicyEgressRuleArgs:
    return NetworkPolicyEgressRuleArgs(to=[edge.target.to_peer()], ports=edge.to_ports())
