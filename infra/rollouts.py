"""Canary and blue-green, as Argo Rollouts objects in front of an ordinary Deployment.

The Rollout takes its pods from the Deployment (`workloadRef`), so that pods are declared, graded and rolled back in one
place, and a cluster without Argo Rollouts runs the same Deployment by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from infra.lifecycle import REVISION_HISTORY
from infra.scaling import Scaling, Target

Strategy = Literal["rolling", "canary", "bluegreen"]
API_VERSION = "argoproj.io/v1alpha1"
CANARY_WEIGHTS = (10, 25, 50)
PROMOTE_AFTER_S = 300
"""How long the new version of a blue-green pair is looked at before it takes over."""
MEASURE_EVERY = "30s"
MEASUREMENTS = 4
FAILURES_ALLOWED = 1
_NAN_IS_SUCCESS = "len(result) == 0 || isNaN(result[0]) || result[0] < {limit}"


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What a new version must show: a query of Prometheus whose answer stays below a limit."""

    prometheus_url: str
    query: str
    limit: float


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """`target` names the Deployment."""

    target: Target
    strategy: Literal["canary", "bluegreen"]
    scaling: Scaling
    analysis: Analysis
    service: str
    """That blue-green switches; its preview is `<service>-preview`."""


class Rollout(pulumi.ComponentResource):
    """The Rollout and the analysis that may stop it."""

    def __init__(self, name: str, args: RolloutArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:rollouts:Rollout", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        template = CustomResource(
            f"{name}-analysis",
            api_version=API_VERSION,
            kind="AnalysisTemplate",
            metadata=args.target.metadata(),
            spec={"metrics": [_metric(args.analysis)]},
            opts=child,
        )
        CustomResource(
            name,
            api_version=API_VERSION,
            kind="Rollout",
            metadata=args.target.metadata(),
            spec=_spec(args),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[template],
                # The autoscaler owns the number.
                ignore_changes=["spec.replicas"] if args.scaling.is_automatic else None,
            ),
        )
        self.register_outputs({})


def as_rollout(target: Target) -> Target:
    """The Rollout in front of a Deployment, which has its name."""
    return Target(
        api_version=API_VERSION,
        kind="Rollout",
        name=target.name,
        namespace=target.namespace,
        labels=target.labels,
    )


def _spec(args: RolloutArgs) -> Mapping[str, object]:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": args.target.name, "scaleDown": "onsuccess"}
    replicas = {} if args.scaling.is_automatic else {"replicas": args.scaling.replicas}
    return {
        **replicas,
        "workloadRef": reference,
        "revisionHistoryLimit": REVISION_HISTORY,
        "progressDeadlineSeconds": 600,
        "selector": {"matchLabels": args.target.labels.selector()},
        "strategy": _canary(args) if args.strategy == "canary" else _blue_green(args),
    }


def _canary(args: RolloutArgs) -> Mapping[str, object]:
    checked = {"analysis": {"templates": [{"templateName": args.target.name}]}}
    steps: Sequence[object] = [step for weight in CANARY_WEIGHTS for step in ({"setWeight": weight}, checked)]
    return {"canary": {"maxSurge": 1, "maxUnavailable": 0, "steps": steps}}


def _blue_green(args: RolloutArgs) -> Mapping[str, object]:
    return {
        "blueGreen": {
            "activeService": args.service,
            "previewService": f"{args.service}-preview",
            "autoPromotionSeconds": PROMOTE_AFTER_S,
            "prePromotionAnalysis": {"templates": [{"templateName": args.target.name}]},
        }
    }


def _metric(analysis: Analysis) -> Mapping[str, object]:
    return {
        "name": "answers",
        "interval": MEASURE_EVERY,
        "count": MEASUREMENTS,
        "failureLimit": FAILURES_ALLOWED,
        "successCondition": _NAN_IS_SUCCESS.format(limit=analysis.limit),
        "provider": {"prometheus": {"address": analysis.prometheus_url, "query": analysis.query}},
    }
