"""How many of a workload there are, and who decides it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from msgspec import UNSET, Struct, convert

from policies.labels import NAME, is_disposable
from policies.lens import Lens, Metadata, ObjectReference
from policies.manifests import Resource, read
from policies.objects import Workload
from policies.pods import REPLICATED
from policies.rules import Adjust, Findings, Rule, StackFindings, on_kinds, on_stack

ENOUGH = 2
"""One may go while the other stays."""


class AutoscalerSpec(Lens, frozen=True):
    """Of a HorizontalPodAutoscaler."""

    scale_target_ref: ObjectReference = ObjectReference()
    min_replicas: int = 1
    max_replicas: int = 1


class Autoscaler(Lens, frozen=True):
    """HorizontalPodAutoscaler."""

    metadata: Metadata = Metadata()
    spec: AutoscalerSpec = AutoscalerSpec()


@on_kinds(
    {"HorizontalPodAutoscaler": Autoscaler},
    why="An autoscaler that has no room does nothing; from one, a pod lost is all.",
)
def autoscaler_has_room(autoscaler: Autoscaler) -> Findings:
    """Autoscalers keep at least 2 pods and may add more."""
    spec = autoscaler.spec
    if spec.min_replicas < ENOUGH or spec.max_replicas <= spec.min_replicas:
        yield f"it scales from {spec.min_replicas} to {spec.max_replicas}"


@on_stack(why="An autoscaler that scales nothing leaves its workload at one pod, whatever the load.")
def autoscaler_has_its_target(resources: Sequence[Resource]) -> StackFindings:
    """What an autoscaler scales is in the stack."""
    there = {_who(read(each, Workload), each.kind) for each in resources if each.kind in REPLICATED}
    for resource in resources:
        if resource.kind == "HorizontalPodAutoscaler" and _target(read(resource, Autoscaler)) not in there:
            yield f"there is no {' '.join(_target(read(resource, Autoscaler)))}", resource


@on_stack(why="Each deployment would set the number of pods back to what the autoscaler found too few.")
def autoscaler_owns_replicas(resources: Sequence[Resource]) -> StackFindings:
    """What an autoscaler scales has no replicas of its own."""
    scaled = _scaled(resources)
    for resource in resources:
        if resource.kind in REPLICATED:
            workload = read(resource, Workload)
            if _who(workload, resource.kind) in scaled and workload.spec.replicas is not UNSET:
                yield f"replicas is {workload.spec.replicas}, and an autoscaler scales it", resource


@on_stack(why="Where nobody says how many, Kubernetes takes one.")
def replicas_are_decided(resources: Sequence[Resource]) -> StackFindings:
    """A workload says how many replicas it has, or an autoscaler or a Rollout does."""
    decided = _scaled(resources) | _rolled_out(resources)
    for resource in resources:
        if resource.kind in REPLICATED:
            workload = read(resource, Workload)
            if workload.spec.replicas is UNSET and _who(workload, resource.kind) not in decided:
                yield "nothing says how many replicas there are", resource


def _who(workload: Workload, kind: str) -> tuple[str, str, str]:
    return workload.metadata.namespace, kind, workload.metadata.name


def _target(autoscaler: Autoscaler) -> tuple[str, str, str]:
    target = autoscaler.spec.scale_target_ref
    return autoscaler.metadata.namespace, target.kind, target.name


def _scaled(resources: Sequence[Resource]) -> set[tuple[str, str, str]]:
    return {_target(read(each, Autoscaler)) for each in resources if each.kind == "HorizontalPodAutoscaler"}


def _rolled_out(resources: Sequence[Resource]) -> set[tuple[str, str, str]]:
    rollouts = (read(each, Workload) for each in resources if each.kind == "Rollout")
    return {
        (rollout.metadata.namespace, "Deployment", str((rollout.spec.workload_ref or {}).get("name")))
        for rollout in rollouts
    }


DEPLOYED: Mapping[str, type[Workload]] = dict.fromkeys(("Deployment", "Rollout"), Workload)


def _has_replicas(single: Iterable[str] = ()) -> Rule:
    alone = frozenset(single)

    @on_kinds(DEPLOYED, why="The one pod of a workload is away whenever its node is.")
    def deployment_has_replicas(workload: Workload) -> Findings:
        """Deployments outside disposable stacks have at least 2 replicas, but for those that are configured."""
        labels, replicas = workload.metadata.labels, workload.spec.replicas
        if is_disposable(labels) or labels.get(NAME) in alone or replicas is UNSET:
            return
        if replicas < ENOUGH:
            yield f"replicas is {replicas}"

    return deployment_has_replicas


class Single(Struct, frozen=True):
    """Of the policy on replicas, in the pack's configuration."""

    single: tuple[str, ...] = ()
    """Workloads that cannot be more than one, by the label app.kubernetes.io/name."""


deployment_has_replicas = replace(
    _has_replicas(),
    adjust=Adjust(
        schema={"single": {"type": "array", "items": {"type": "string"}}},
        apply=lambda settings: _has_replicas(convert(settings, Single).single),
    ),
)


class ContainerScaling(Lens, frozen=True):
    """Of a VerticalPodAutoscaler."""

    controlled_resources: tuple[str, ...] = ("cpu", "memory")


class VerticalScaling(Lens, frozen=True):
    """Of a VerticalPodAutoscaler."""

    container_policies: tuple[ContainerScaling, ...] = (ContainerScaling(),)


class VerticalSpec(Lens, frozen=True):
    """Of a VerticalPodAutoscaler."""

    resource_policy: VerticalScaling = VerticalScaling()


class VerticalAutoscaler(Lens, frozen=True):
    """VerticalPodAutoscaler."""

    metadata: Metadata = Metadata()
    spec: VerticalSpec = VerticalSpec()


@on_kinds(
    {"VerticalPodAutoscaler": VerticalAutoscaler},
    why="Beside an autoscaler that counts CPU, each would answer to what the other does.",
)
def vertical_autoscaler_leaves_cpu(autoscaler: VerticalAutoscaler) -> Findings:
    """Vertical autoscalers set memory alone."""
    for policy in autoscaler.spec.resource_policy.container_policies:
        if policy.controlled_resources != ("memory",):
            yield f"it sets {', '.join(policy.controlled_resources)}"


POLICIES = (autoscaler_has_room, deployment_has_replicas, vertical_autoscaler_leaves_cpu)
STACK_POLICIES = (autoscaler_has_its_target, autoscaler_owns_replicas, replicas_are_decided)
