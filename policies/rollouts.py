"""New versions that some requests try first."""

from collections.abc import Mapping, Sequence

from policies.lens import IntOrText, Lens, Metadata
from policies.manifests import Resource, read
from policies.objects import Workload
from policies.rules import Findings, StackFindings, on_kinds, on_stack


class Step(Lens, frozen=True):
    """Of a canary."""

    analysis: Mapping[str, object] | None = None


class Canary(Lens, frozen=True):
    """A share of the requests first."""

    steps: tuple[Step, ...] = ()
    max_surge: IntOrText = "25%"
    max_unavailable: IntOrText = "25%"


class BlueGreen(Lens, frozen=True):
    """All requests at once, after a look."""

    pre_promotion_analysis: Mapping[str, object] | None = None


class RolloutStrategy(Lens, frozen=True):
    """One of the two."""

    canary: Canary | None = None
    blue_green: BlueGreen | None = None


class RolloutSpec(Lens, frozen=True):
    """Of a Rollout."""

    strategy: RolloutStrategy = RolloutStrategy()


class Rollout(Lens, frozen=True):
    """Argo's Rollout."""

    metadata: Metadata = Metadata()
    spec: RolloutSpec = RolloutSpec()


@on_kinds({"Rollout": Rollout}, why="A canary that nobody looks at dies in silence, and its successors with it.")
def rollout_is_judged(rollout: Rollout) -> Findings:
    """Rollouts are judged by an analysis before all requests go to the new version."""
    canary, blue_green = rollout.spec.strategy.canary, rollout.spec.strategy.blue_green
    if canary is not None and all(step.analysis is None for step in canary.steps):
        yield "no step of the canary has an analysis"
    if blue_green is not None and blue_green.pre_promotion_analysis is None:
        yield "there is no prePromotionAnalysis"


@on_kinds({"Rollout": Rollout}, why="A canary that takes pods away before new ones are ready lacks them under load.")
def canary_keeps_capacity(rollout: Rollout) -> Findings:
    """Canaries roll with a surge of 1 and none unavailable."""
    canary = rollout.spec.strategy.canary
    if canary is not None and (canary.max_surge, canary.max_unavailable) != (1, 0):
        yield f"maxSurge is {canary.max_surge} and maxUnavailable {canary.max_unavailable}"


@on_stack(why="A Rollout that takes its pods from nowhere runs none.")
def rollout_has_its_deployment(resources: Sequence[Resource]) -> StackFindings:
    """The Deployment that a Rollout takes its pods from is in the stack."""
    deployments = (read(each, Workload).metadata for each in resources if each.kind == "Deployment")
    there = {(metadata.namespace, metadata.name) for metadata in deployments}
    for resource in resources:
        if resource.kind == "Rollout":
            rollout = read(resource, Workload)
            reference = rollout.spec.workload_ref
            if reference is not None and (rollout.metadata.namespace, reference.get("name")) not in there:
                yield f"there is no Deployment {reference.get('name')}", resource


POLICIES = (rollout_is_judged, canary_keeps_capacity)
STACK_POLICIES = (rollout_has_its_deployment,)
