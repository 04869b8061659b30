"""Istio, from the same table of edges as NetworkPolicies: who is who is proved by certificates, and a request is let in
only from those that the table names. Probes are asked by the kubelet past all of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.labels import Labels
from infra.network import Block, Edge, Peer, Pods

SECURITY = "security.istio.io/v1"
NETWORKING = "networking.istio.io/v1"


@dataclass(frozen=True, kw_only=True)
class Members:
    """Who has a sidecar."""

    namespaces: Mapping[str, Labels]
    """Ours."""
    accounts: Mapping[Pods, tuple[str, ...]]
    """Names of the ServiceAccounts that pods of each kind run as."""
    others: frozenset[str] = frozenset()
    """Namespaces that are not ours."""

    def know(self, peer: Peer) -> bool:
        """Whether it can prove who it is."""
        return isinstance(peer, Pods) and peer.namespace in {*self.namespaces, *self.others}


@dataclass(frozen=True, kw_only=True)
class MeshArgs:
    """`bare` ports are spoken to pod by pod, without a Service, and so without a proof."""

    edges: Sequence[Edge]
    members: Members
    trust_domain: str
    bare: frozenset[int]
    control_plane: str
    """The namespace of Istio itself."""
    after: Sequence[pulumi.Resource] = ()


class Mesh(pulumi.ComponentResource):
    """Mutual TLS everywhere, nothing allowed but edges, and each proxy told of its neighbours alone."""

    def __init__(self, name: str, args: MeshArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:mesh:Mesh", name, None, opts)
        self._args = args
        for namespace in args.members.namespaces:
            every = Pods(namespace=namespace)
            self._declare(every, SECURITY, "PeerAuthentication", {"mtls": {"mode": "STRICT"}})
            self._declare(every, SECURITY, "AuthorizationPolicy", {})  # Allows nothing, where nothing else allows.
        for pods in _ends(edge.target for edge in args.edges):
            if pods.namespace in args.members.namespaces:
                self._let_in(pods)
        for pods in _ends(edge.source for edge in args.edges):
            if pods.namespace in args.members.namespaces:
                self._let_out(pods)
        self.register_outputs({})

    def _let_in(self, pods: Pods) -> None:
        edges = [edge for edge in self._args.edges if edge.target == pods]
        rules = [self._rule(edge) for edge in edges]
        self._declare(pods, SECURITY, "AuthorizationPolicy", {**_selected(pods), "action": "ALLOW", "rules": rules})
        plain = sorted({port for edge in edges if not self._proves(edge) for port in edge.ports})
        if plain:
            open_to_all = {str(port): {"mode": "PERMISSIVE"} for port in plain}
            spec = {**_selected(pods), "mtls": {"mode": "STRICT"}, "portLevelMtls": open_to_all}
            self._declare(pods, SECURITY, "PeerAuthentication", spec)

    def _rule(self, edge: Edge) -> Mapping[str, object]:
        to = [{"operation": {"ports": [str(port) for port in edge.ports]}}]
        if not isinstance(edge.source, Pods) or not self._proves(edge):
            return {"to": to}  # The network policy says who.
        accounts = self._args.members.accounts.get(edge.source)
        if accounts is None:
            return {"from": [{"source": {"namespaces": [edge.source.namespace]}}], "to": to}
        place = f"{self._args.trust_domain}/ns/{edge.source.namespace}/sa"
        return {"from": [{"source": {"principals": [f"{place}/{account}" for account in accounts]}}], "to": to}

    def _proves(self, edge: Edge) -> bool:
        return self._args.members.know(edge.source) and not self._args.bare & set(edge.ports)

    def _let_out(self, pods: Pods) -> None:
        edges = [edge for edge in self._args.edges if edge.source == pods]
        spaces = {edge.target.namespace for edge in edges if isinstance(edge.target, Pods)}
        hosts = sorted(f"{space}/*" for space in {*spaces, self._args.control_plane})
        # Addresses, and pods that are not called by a Service's name, are in no registry.
        anywhere = any(isinstance(edge.target, Block) or self._args.bare & set(edge.ports) for edge in edges)
        spec = {
            "workloadSelector": {"labels": pods.selector()},
            "egress": [{"hosts": hosts}],
            "outboundTrafficPolicy": {"mode": "ALLOW_ANY" if anywhere else "REGISTRY_ONLY"},
        }
        self._declare(pods, NETWORKING, "Sidecar", spec)

    def _declare(self, pods: Pods, api_version: str, kind: str, spec: Mapping[str, object]) -> None:
        labels = self._args.members.namespaces[pods.namespace]
        CustomResource(
            f"{pods.namespace}-{pods.name or 'every'}-{kind.lower()}",
            api_version=api_version,
            kind=kind,
            metadata=ObjectMetaArgs(name=pods.name or "default", namespace=pods.namespace, labels=labels.full()),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
        )


def _ends(peers: Iterable[Peer]) -> list[Pods]:
    """Those with a name, each once, in the order of the table."""
    return list(dict.fromkeys(peer for peer in peers if isinstance(peer, Pods) and peer.name))


def _selected(pods: Pods) -> dict[str, object]:
    return {"selector": {"matchLabels": pods.selector()}}
