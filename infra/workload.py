"""A Deployment with all that makes it safe to run: account, Services, disruption budget, autoscaler, rollout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apps.v1 import Deployment, DeploymentSpecArgs
from pulumi_kubernetes.core.v1 import Service, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from infra.awaiting import awaited
from infra.labels import Labels
from infra.lifecycle import REVISION_HISTORY, Shutdown, rolling_update
from infra.names import name_of
from infra.placement import apart, spread
from infra.pod import Container, Pod, service_account
from infra.rollouts import Analysis, Rollout, RolloutArgs, Strategy, as_rollout
from infra.scaling import Scaling, Target, autoscale, fit_memory, keep_available

READY_WITHIN_S = 600


@dataclass(frozen=True, kw_only=True)
class WorkloadArgs:
    """One kind of pod, in some number."""

    namespace: pulumi.Input[str]
    labels: Labels
    container: Container
    shutdown: Shutdown
    scaling: Scaling
    priority_class: pulumi.Input[str]
    services: Mapping[str, str] = field(default_factory=dict)
    """Service → the container port it leads to; it listens on the same number."""
    strategy: Strategy = "rolling"
    analysis: Analysis | None = None
    after: Sequence[pulumi.Resource] = ()
    """What must be there before a pod starts; a component's own `depends_on` does not reach its children."""

    def __post_init__(self) -> None:
        if self.strategy != "rolling" and self.analysis is None:
            raise ValueError(f"a {self.strategy} rollout needs an analysis")
        if self.strategy == "bluegreen" and not self.services:
            raise ValueError("a bluegreen rollout needs a Service to switch")
        unknown = sorted(set(self.services.values()) - set(self.container.ports))
        if unknown:
            raise ValueError(f"the container has no port {', '.join(unknown)}")


class Workload(pulumi.ComponentResource):
    """Named as its Deployment."""

    def __init__(self, name: str, args: WorkloadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:workload:Workload", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        account = service_account(name, args.namespace, args.labels, self._child)
        for service, port in args.services.items():
            self._serve(service, port)
        deployment = self._deploy(name_of(account.metadata))
        self._keep(deployment)
        self.register_outputs({"name": name_of(deployment.metadata)})

    def _deploy(self, account: pulumi.Output[str]) -> Deployment:
        args = self._args
        return Deployment(
            self._name,
            metadata=ObjectMetaArgs(
                name=self._name,
                namespace=args.namespace,
                labels=args.labels.full(),
                annotations=awaited(READY_WITHIN_S),
            ),
            spec=DeploymentSpecArgs(
                replicas=self._replicas(),
                revision_history_limit=REVISION_HISTORY,
                progress_deadline_seconds=READY_WITHIN_S,
                strategy=rolling_update(),
                selector=LabelSelectorArgs(match_labels=args.labels.selector()),
                template=self._pod(account).template(),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                ignore_changes=None if self._replicas() is not None else ["spec.replicas"],
            ),
        )

    def _replicas(self) -> int | None:
        """None where the number is somebody else's: the autoscaler's, or the Rollout's."""
        owned = self._args.strategy == "rolling" and not self._args.scaling.is_automatic
        return self._args.scaling.replicas if owned else None

    def _pod(self, account: pulumi.Output[str]) -> Pod:
        args, selector = self._args, self._args.labels.selector()
        return Pod(
            labels=args.labels,
            service_account=account,
            priority_class=args.priority_class,
            containers=[args.container],
            uid=args.container.uid,
            grace_s=args.shutdown.grace_s,
            spread=spread(selector, rolls=True),
            affinity=apart(selector),
        )

    def _serve(self, service: str, port: str) -> None:
        args = self._args
        names = [service, f"{service}-preview"] if args.strategy == "bluegreen" else [service]
        for name in names:
            Service(
                name,
                metadata=ObjectMetaArgs(
                    name=name,
                    namespace=args.namespace,
                    labels=args.labels.full(),
                    annotations={"pulumi.com/skipAwait": "true"},  # Its pods come after it.
                ),
                spec=ServiceSpecArgs(
                    type="ClusterIP",
                    selector=args.labels.selector(),
                    ports=[
                        ServicePortArgs(name=port, port=args.container.ports[port], target_port=port, protocol="TCP")
                    ],
                ),
                opts=self._child,
            )

    def _keep(self, deployment: Deployment) -> None:
        args = self._args
        target = Target(
            api_version="apps/v1", kind="Deployment", name=self._name, namespace=args.namespace, labels=args.labels
        )
        after = pulumi.ResourceOptions(parent=self, depends_on=[deployment])
        if args.strategy != "rolling" and args.analysis is not None:
            rollout = RolloutArgs(
                target=target,
                strategy=args.strategy,
                scaling=args.scaling,
                analysis=args.analysis,
                service=next(iter(args.services), ""),
            )
            Rollout(f"{self._name}-rollout", rollout, after)
            target = as_rollout(target)
        if args.scaling.is_automatic:
            autoscale(target, args.scaling, after)
        if args.scaling.vertical_memory:
            fit_memory(target, after)
        if args.scaling.replicas > 1:
            keep_available(target, after)
