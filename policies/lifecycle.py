"""How pods start, stop and are replaced: without a failed request."""

from collections.abc import Iterator, Mapping, Sequence

from policies.confidential import Configuration
from policies.containers import Container, Handler
from policies.lens import AnyObject
from policies.manifests import Resource, known, read
from policies.mending import SPEC, setting
from policies.objects import Workload
from policies.pods import WORKLOADS, Pod, pods_of
from policies.rules import Findings, StackFindings, on_kinds, on_pods, on_stack

DRAIN_VARIABLE = "SOUK_DRAIN_S"
DEFAULT_DRAIN_S = 20.0
"""What the services take when the variable is not set."""

WAIT = "pulumi.com/timeoutSeconds"
AWAITED: Mapping[str, type[AnyObject]] = dict.fromkeys(("Deployment", "StatefulSet", "Job"), AnyObject)

LEAST_PRE_STOP_S = 3
"""Endpoints take about this long to leave every proxy and load balancer."""


def _pre_stop_s(container: Container) -> float:
    hook = container.lifecycle.pre_stop
    if hook is None:
        return 0
    if hook.sleep is not None:
        return hook.sleep.seconds
    command = hook.exec.command if hook.exec is not None else ()
    if "sleep" in command:
        return float(command[command.index("sleep") + 1])
    return 0


def _drain_s(container: Container, settings: Mapping[str, str]) -> float:
    said = next((each.value for each in container.env if each.name == DRAIN_VARIABLE), settings.get(DRAIN_VARIABLE))
    return DEFAULT_DRAIN_S if said is None else float(known(said))


@on_pods(why="Without it, a slow start is taken for a hang, and the pod is killed again and again.")
def pod_has_startup_probe(pod: Pod) -> Findings:
    """Containers that stay have a startup probe."""
    for container in pod.lasting_containers if pod.serves else ():
        if container.startup_probe is None:
            yield f"container {container.name} has no startup probe"


@on_pods(why="Without it, requests go to a pod that cannot answer yet, or any more.")
def pod_has_readiness_probe(pod: Pod) -> Findings:
    """Containers that stay have a readiness probe."""
    for container in pod.lasting_containers if pod.serves else ():
        if container.readiness_probe is None:
            yield f"container {container.name} has no readiness probe"


@on_pods(why="Without it, a process that hangs is never replaced.")
def pod_has_liveness_probe(pod: Pod) -> Findings:
    """Containers that stay have a liveness probe."""
    for container in pod.lasting_containers if pod.serves else ():
        if container.liveness_probe is None:
            yield f"container {container.name} has no liveness probe"


@on_pods(why="A liveness probe that asks what readiness asks kills every pod at once when a dependency is away.")
def liveness_is_not_readiness(pod: Pod) -> Findings:
    """The liveness probe asks something else than the readiness probe."""
    for container in pod.lasting_containers:
        live, ready = _asked(container.liveness_probe), _asked(container.readiness_probe)
        if live is not None and live == ready:
            yield f"container {container.name} asks {live} for both"


def _asked(probe: Handler | None) -> str | None:
    return None if probe is None or probe.http_get is None else probe.http_get.path


@on_kinds(
    {kind: WORKLOADS[kind] for kind in ("Deployment", "Rollout")},
    why="A pod that ends while proxies still send to it fails those requests.",
)
def pod_waits_before_stopping(workload: Workload) -> Findings:
    """Containers of Deployments wait in a preStop hook until no request is sent to them any more."""
    for container in workload.spec.template.spec.containers:
        if _pre_stop_s(container) < LEAST_PRE_STOP_S:
            yield f"container {container.name} waits {_pre_stop_s(container):g} s in preStop"


@on_stack(why="A pod that is killed while it drains fails the requests it was finishing.")
def grace_covers_draining(resources: Sequence[Resource]) -> StackFindings:
    """TerminationGracePeriodSeconds is longer than preStop and draining together."""
    settings = {(each.metadata.namespace, each.metadata.name): each.data for each in _configuration(resources)}
    for resource in resources:
        for pod in pods_of(resource):
            for container in pod.lasting_containers if pod.serves else ():
                taken = [settings.get((pod.metadata.namespace, name), {}) for name in _taken_whole(container)]
                needed = _pre_stop_s(container) + _drain_s(container, {k: v for each in taken for k, v in each.items()})
                grace = pod.spec.termination_grace_period_seconds
                if _pre_stop_s(container) and grace <= needed:
                    yield f"{grace} s of grace, {needed:g} s to stop {container.name}", resource


def _configuration(resources: Sequence[Resource]) -> Iterator[Configuration]:
    return (read(each, Configuration) for each in resources if each.kind == "ConfigMap")


def _taken_whole(container: Container) -> list[str]:
    return [source.config_map_ref.name for source in container.env_from if source.config_map_ref is not None]


@on_kinds(
    {"Deployment": Workload}, why="A rollout that takes pods away before new ones are ready lacks them under load."
)
def rollout_keeps_capacity(workload: Workload) -> Findings:
    """Deployments roll with a surge of 1 and none unavailable."""
    strategy = workload.spec.strategy
    if strategy.type != "RollingUpdate":
        yield f"strategy is {strategy.type}"
    elif (strategy.rolling_update.max_surge, strategy.rolling_update.max_unavailable) != (1, 0):
        rolling = strategy.rolling_update
        yield f"maxSurge is {rolling.max_surge} and maxUnavailable {rolling.max_unavailable}"


@on_kinds(
    WORKLOADS,
    why="Every kept revision keeps its ConfigMaps and Secrets; two are enough to roll back.",
    mend=setting(2, *SPEC, "revisionHistoryLimit"),
)
def few_revisions_are_kept(workload: Workload) -> Findings:
    """RevisionHistoryLimit is 1 to 5."""
    if not 1 <= workload.spec.revision_history_limit <= 5:  # noqa: PLR2004 - the bounds are the policy.
        yield f"revisionHistoryLimit is {workload.spec.revision_history_limit}"


@on_kinds(
    {"StatefulSet": Workload}, why="A store that is told to stop in the middle of a write has to recover from it."
)
def store_is_stopped_in_order(workload: Workload) -> Findings:
    """Containers of StatefulSets have a preStop hook."""
    for container in workload.spec.template.spec.containers:
        if container.lifecycle.pre_stop is None:
            yield f"container {container.name} has no preStop hook"


@on_kinds(AWAITED, why="Pulumi otherwise waits for ten minutes, and for some kinds not at all, and calls it done.")
def waiting_is_bounded(awaited: AnyObject) -> Findings:
    """Workloads, stores and Jobs say for how long an update waits for them."""
    if WAIT not in awaited.metadata.annotations:
        yield f"annotation {WAIT} is missing"


POLICIES = (
    pod_has_startup_probe,
    pod_has_readiness_probe,
    pod_has_liveness_probe,
    liveness_is_not_readiness,
    pod_waits_before_stopping,
    rollout_keeps_capacity,
    few_revisions_are_kept,
    store_is_stopped_in_order,
    waiting_is_bounded,
)
STACK_POLICIES = (grace_covers_draining,)
