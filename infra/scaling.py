"""How many replicas: a fixed number, or as many as the CPU's load asks for; and how few a drained node may leave."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs

from infra.labels import Labels

SETTLE_S = 300
"""Load must have been low for this long before replicas go."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Fixed at `replicas`, unless `most` is higher: then autoscaled between the two."""

    replicas: int = 2
    most: int = 0
    cpu_percent: int = 70
    """Of the CPU asked for, on average."""
    vertical_memory: bool = False
    """Let the vertical autoscaler set memory; it must be installed."""

    def __post_init__(self) -> None:
        if self.replicas < 1:
            raise ValueError(f"replicas must be at least 1, not {self.replicas}")
        if self.most and self.most < self.replicas:
            raise ValueError(f"most ({self.most}) is below replicas ({self.replicas})")

    @property
    def is_automatic(self) -> bool:
        """Whether the number of replicas is the autoscaler's to say."""
        return self.most > self.replicas


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is scaled: a Deployment, or the Rollout in front of it."""

    api_version: str
    kind: str
    name: str
    namespace: pulumi.Input[str]
    labels: Labels

    def metadata(self) -> ObjectMetaArgs:
        """Of an object about it."""
        return ObjectMetaArgs(name=self.name, namespace=self.namespace, labels=self.labels.full())

    def reference(self) -> CrossVersionObjectReferenceArgs:
        """For an autoscaler."""
        return CrossVersionObjectReferenceArgs(api_version=self.api_version, kind=self.kind, name=self.name)


def autoscale(target: Target, scaling: Scaling, opts: pulumi.ResourceOptions) -> HorizontalPodAutoscaler:
    """Up at once, down slowly."""
    cpu = ResourceMetricSourceArgs(
        name="cpu", target=MetricTargetArgs(type="Utilization", average_utilization=scaling.cpu_percent)
    )
    return HorizontalPodAutoscaler(
        target.name,
        metadata=target.metadata(),
        spec=HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=target.reference(),
            min_replicas=scaling.replicas,
            max_replicas=scaling.most,
            metrics=[MetricSpecArgs(type="Resource", resource=cpu)],
            behavior=HorizontalPodAutoscalerBehaviorArgs(
                scale_up=HPAScalingRulesArgs(
                    stabilization_window_seconds=0,
                    policies=[HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=30)],
                ),
                scale_down=HPAScalingRulesArgs(
                    stabilization_window_seconds=SETTLE_S,
                    policies=[HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=60)],
                ),
            ),
        ),
        opts=opts,
    )


def fit_memory(target: Target, opts: pulumi.ResourceOptions) -> CustomResource:
    """Memory alone: two autoscalers on one metric would chase each other."""
    return CustomResource(
        f"{target.name}-memory",
        api_version="autoscaling.k8s.io/v1",
        kind="VerticalPodAutoscaler",
        metadata=target.metadata(),
        spec={
            "targetRef": {"apiVersion": target.api_version, "kind": target.kind, "name": target.name},
            "updatePolicy": {"updateMode": "Auto"},
            "resourcePolicy": {"containerPolicies": [{"containerName": "*", "controlledResources": ["memory"]}]},
        },
        opts=opts,
    )


def keep_available(target: Target, opts: pulumi.ResourceOptions) -> PodDisruptionBudget:
    """Nodes may be drained one replica at a time. A pod that is not ready is no reason to keep a node."""
    return PodDisruptionBudget(
        target.name,
        metadata=target.metadata(),
        spec=PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=LabelSelectorArgs(match_labels=target.labels.selector()),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=opts,
    )
