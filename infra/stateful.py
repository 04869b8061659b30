"""A StatefulSet with its volumes, its headless Service for its members and its Service for everyone else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apps.v1 import (
    StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicyArgs,
    StatefulSetSpecArgs,
    StatefulSetUpdateStrategyArgs,
)
from pulumi_kubernetes.core.v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimArgs,
    PersistentVolumeClaimSpecArgs,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
    VolumeResourceRequirementsArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from infra.awaiting import awaited
from infra.labels import Labels
from infra.lifecycle import REVISION_HISTORY, Shutdown
from infra.names import name_of
from infra.placement import apart, spread
from infra.pod import Container, Pod, service_account
from infra.resources import canonical
from infra.scaling import Target, keep_available

DATA = "data"
"""The volume's name in the pod; its claim is `data-<name>-<ordinal>`."""
READY_WITHIN_S = 600


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Of each replica. A larger `size` grows the volumes in place, if their class allows it."""

    size: str
    storage_class: str | None
    """None: the cluster's default."""
    keep: bool
    """Whether volumes outlive the StatefulSet and this program."""


@dataclass(frozen=True, kw_only=True)
class StatefulArgs:
    """All ports of the container are reachable at the Service, and at each member of the headless one."""

    namespace: pulumi.Input[str]
    labels: Labels
    container: Container
    storage: Storage
    priority_class: pulumi.Input[str]
    shutdown: Shutdown
    replicas: int = 1
    init_containers: Sequence[Container] = ()
    groups: Sequence[int] = ()


class Stateful(pulumi.ComponentResource):
    """`host` is its Service, good from every namespace, and known once all replicas are ready."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: StatefulArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:stateful:Stateful", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        account = service_account(name, args.namespace, args.labels, self._child)
        headless = self._serve(f"{name}-members", members=True)
        self._serve(name, members=False)
        claims = [self._claim(f"{DATA}-{name}-{ordinal}") for ordinal in range(args.replicas)]
        running = self._run(name_of(account.metadata), name_of(headless.metadata), claims)
        if args.replicas > 1:
            keep_available(self._target(), self._child)
        self.host = pulumi.Output.concat(name_of(running.metadata), ".", args.namespace, ".svc")
        self.register_outputs({"host": self.host})

    def _target(self) -> Target:
        args = self._args
        return Target(
            api_version="apps/v1", kind="StatefulSet", name=self._name, namespace=args.namespace, labels=args.labels
        )

    def _serve(self, name: str, *, members: bool) -> Service:
        ports = self._args.container.ports
        return Service(
            name,
            metadata=self._metadata(name, {"pulumi.com/skipAwait": "true"}),  # Its pods come after it.
            spec=ServiceSpecArgs(
                type="ClusterIP",
                cluster_ip="None" if members else None,
                publish_not_ready_addresses=members,  # Members must find each other to become ready.
                selector=self._args.labels.selector(),
                ports=[
                    ServicePortArgs(name=port, port=number, target_port=port, protocol="TCP")
                    for port, number in ports.items()
                ],
            ),
            opts=self._child,
        )

    def _claim(self, name: str) -> PersistentVolumeClaim:
        """Declared here rather than left to the StatefulSet, whose claim templates can never change: so it can grow."""
        return PersistentVolumeClaim(
            name,
            # Bound only once a pod uses it.
            metadata=self._metadata(name, {"pulumi.com/skipAwait": "true"}),
            spec=self._claim_spec(),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=self._args.storage.keep),
        )

    def _claim_spec(self) -> PersistentVolumeClaimSpecArgs:
        storage = self._args.storage
        return PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=storage.storage_class,
            resources=VolumeResourceRequirementsArgs(requests={"storage": canonical(storage.size)}),
        )

    def _run(
        self, account: pulumi.Output[str], headless: pulumi.Output[str], claims: Sequence[PersistentVolumeClaim]
    ) -> StatefulSet:
        args = self._args
        after = "Retain" if args.storage.keep else "Delete"
        template = PersistentVolumeClaimArgs(metadata=ObjectMetaArgs(name=DATA), spec=self._claim_spec())
        return StatefulSet(
            self._name,
            metadata=self._metadata(self._name, awaited(READY_WITHIN_S)),
            spec=StatefulSetSpecArgs(
                service_name=headless,
                replicas=args.replicas,
                revision_history_limit=REVISION_HISTORY,
                pod_management_policy="Parallel",
                update_strategy=StatefulSetUpdateStrategyArgs(type="RollingUpdate"),
                selector=LabelSelectorArgs(match_labels=args.labels.selector()),
                template=self._pod(account).template(),
                volume_claim_templates=[template],
                persistent_volume_claim_retention_policy=StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                    when_deleted=after, when_scaled=after
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(claims),
                # It cannot change; the claims themselves do.
                ignore_changes=["spec.volumeClaimTemplates"],
            ),
        )

    def _pod(self, account: pulumi.Output[str]) -> Pod:
        args, selector = self._args, self._args.labels.selector()
        return Pod(
            labels=args.labels,
            service_account=account,
            priority_class=args.priority_class,
            containers=[args.container],
            init_containers=args.init_containers,
            uid=args.container.uid,
            groups=args.groups,
            grace_s=args.shutdown.grace_s,
            spread=spread(selector, rolls=False),
            affinity=apart(selector),
        )

    def _metadata(self, name: str, annotations: Mapping[str, str]) -> ObjectMetaArgs:
        args = self._args
        return ObjectMetaArgs(
            name=name, namespace=args.namespace, labels=args.labels.full(), annotations=dict(annotations)
        )
