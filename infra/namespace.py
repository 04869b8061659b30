"""Namespaces that refuse what is not restricted, not bounded or not allowed to talk; and who goes first when a node is
full.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import (
    LimitRange,
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    ResourceQuota,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.core.v1 import Namespace as KubernetesNamespace
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy, NetworkPolicySpecArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from infra.confidential import Confidential
from infra.configuration import Content, secret
from infra.labels import Labels
from infra.names import name_of
from infra.resources import canonical

POD_SECURITY = "pod-security.kubernetes.io"
NAME_LABEL = "kubernetes.io/metadata.name"
"""Set on every namespace by the API server; network policies select by it."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The most that all pods of a namespace may ask for together."""

    cpu: str
    memory: str
    storage: str = "0"
    pods: int = 100
    volumes: int = 0


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """`name` is the namespace's own."""

    name: str
    labels: Labels
    quota: Quota
    further: Mapping[str, str] = field(default_factory=dict)
    """Labels that others look for: a service mesh."""
    logins: Confidential | None = None
    """A Docker configuration with `auths`: how its pods' images are pulled."""


class Namespace(pulumi.ComponentResource):
    """With Pod Security `restricted`, a quota, defaults for what says nothing of itself, and no traffic either way."""

    name: pulumi.Output[str]
    login: pulumi.Output[str] | None
    """The Secret that images are pulled with; of the same name in every namespace with the same logins."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:namespace:Namespace", name, None, opts)
        self._args = args
        namespace = KubernetesNamespace(name, metadata=self._metadata(), opts=pulumi.ResourceOptions(parent=self))
        self.name = name_of(namespace.metadata)
        inside = pulumi.ResourceOptions(parent=self, depends_on=[namespace])
        self._bound(name, inside)
        self._deny(name, inside)
        self.login = self._log_in(name, inside)
        self.register_outputs({"name": self.name})

    def _metadata(self) -> ObjectMetaArgs:
        modes = ("enforce", "audit", "warn")
        restricted = {f"{POD_SECURITY}/{mode}": "restricted" for mode in modes}
        latest = {f"{POD_SECURITY}/{mode}-version": "latest" for mode in modes}
        return ObjectMetaArgs(
            name=self._args.name, labels={**self._args.labels.full(), **restricted, **latest, **self._args.further}
        )

    def _bound(self, name: str, opts: pulumi.ResourceOptions) -> None:
        quota = self._args.quota
        hard = {
            "requests.cpu": canonical(quota.cpu),
            "requests.memory": canonical(quota.memory),
            "limits.memory": canonical(quota.memory),
            "requests.storage": canonical(quota.storage),
            "persistentvolumeclaims": str(quota.volumes),
            "pods": str(quota.pods),
        }
        ResourceQuota(f"{name}-quota", metadata=self._named("quota"), spec=ResourceQuotaSpecArgs(hard=hard), opts=opts)
        limit = LimitRangeItemArgs(
            type="Container",
            default={"cpu": "250m", "memory": "128Mi", "ephemeral-storage": "128Mi"},
            default_request={"cpu": "50m", "memory": "128Mi", "ephemeral-storage": "128Mi"},
        )
        spec = LimitRangeSpecArgs(limits=[limit])
        LimitRange(f"{name}-defaults", metadata=self._named("defaults"), spec=spec, opts=opts)

    def _deny(self, name: str, opts: pulumi.ResourceOptions) -> None:
        spec = NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"])
        NetworkPolicy(f"{name}-deny-all", metadata=self._named("deny-all"), spec=spec, opts=opts)

    def _log_in(self, name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str] | None:
        args = self._args
        if args.logins is None:
            return None
        content = Content(
            namespace=args.name,
            labels=args.labels,
            entries={".dockerconfigjson": args.logins},
            type="kubernetes.io/dockerconfigjson",
            called="registries",
        )
        return secret(f"{name}-registries", content, opts)

    def _named(self, name: str) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name, namespace=self._args.name, labels=self._args.labels.full())


Rank = Literal["stores", "services", "background"]
_VALUES: dict[Rank, int] = {"stores": 100_000, "services": 10_000, "background": 1_000}


@dataclass(frozen=True, kw_only=True)
class PrioritiesArgs:
    """PriorityClasses belong to the whole cluster, so their names begin with the environment's."""

    prefix: str
    labels: Labels


class Priorities(pulumi.ComponentResource):
    """Stores before services before what can wait; only the last never makes room for itself by eviction."""

    def __init__(self, name: str, args: PrioritiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:namespace:Priorities", name, None, opts)
        made = {rank: self._declare(rank, args) for rank in _VALUES}
        self.names: dict[Rank, pulumi.Output[str]] = {rank: name_of(one.metadata) for rank, one in made.items()}
        self.register_outputs({"names": self.names})

    def _declare(self, rank: Rank, args: PrioritiesArgs) -> PriorityClass:
        name = f"{args.prefix}-{rank}"
        return PriorityClass(
            name,
            metadata=ObjectMetaArgs(name=name, labels=args.labels.full()),
            value=_VALUES[rank],
            preemption_policy="Never" if rank == "background" else "PreemptLowerPriority",
            description=f"{rank} of {args.prefix}",
            opts=pulumi.ResourceOptions(parent=self),
        )
