"""When an object is ready, and when it never will be. Pure: what is live comes in, with what it depends on.

How long is waited, and how often the API server is asked, is told in `awaiting`.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum

from msgspec import Struct

from tests.lab.engine.wire import Json, Object, at, list_at, number_at, object_at, text_at
from tests.lab.kubernetes.objects import WAIT_FOR, annotation, kind_of, name_of

_HOPELESS = frozenset({"CreateContainerConfigError", "ErrImageNeverPull", "InvalidImageName"})
_JSONPATH = re.compile(r"^jsonpath=\{(?P<path>[.\w]+)\}(?:=(?P<value>.+))?$")


class State(Enum):
    """How an object stands."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


class Verdict(Struct, frozen=True):
    """With what is waited for, or why it failed."""

    state: State
    reason: str = ""


READY = Verdict(State.READY)

Rule = Callable[[Object, Sequence[Object]], Verdict]


def verdict(live: Object, related: Sequence[Object] = (), asked: str = "") -> Verdict:
    """`related`: the pods of a workload, the endpoint slices of a service, the class of a claim.

    `asked` takes the place of the kind's own rule, and so does the object's annotation.
    """
    wish = asked or annotation(live, WAIT_FOR)
    if wish:
        return _asked(live, wish)
    rule = RULES.get((kind_of(live).group, kind_of(live).name))
    return rule(live, related) if rule else READY


def pod_troubles(pods: Sequence[Object]) -> list[str]:
    """Why containers do not run or are not ready, one line each, with their last words if they ended."""
    return [f"pod {name_of(pod)}: {trouble}" for pod in pods for trouble in (*_unscheduled(pod), *_containers(pod))]


def _deployment(live: Object, pods: Sequence[Object]) -> Verdict:
    if not _observed(live):
        return _waiting("the controller to see the change")
    progress = _condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        return _failed(text_at(progress, "message"), pods)
    wanted, status = number_at(live, "spec", "replicas", default=1), object_at(live, "status")
    counts = [number_at(status, key) for key in ("updatedReplicas", "availableReplicas", "replicas")]
    return READY if counts == [wanted] * 3 else _count(counts[1], wanted, "available", pods)


def _stateful_set(live: Object, pods: Sequence[Object]) -> Verdict:
    if not _observed(live):
        return _waiting("the controller to see the change")
    wanted, status = number_at(live, "spec", "replicas", default=1), object_at(live, "status")
    ready = number_at(status, "readyReplicas")
    # With OnDelete it is somebody else who brings the pods up to date.
    rolling = text_at(live, "spec", "updateStrategy", "type") != "OnDelete"
    updated = number_at(status, "updatedReplicas") == wanted or not rolling
    settled = ready == number_at(status, "replicas") == wanted and updated
    return READY if settled else _count(ready, wanted, "ready", pods)


def _daemon_set(live: Object, pods: Sequence[Object]) -> Verdict:
    if not _observed(live):
        return _waiting("the controller to see the change")
    status = object_at(live, "status")
    wanted, ready = number_at(status, "desiredNumberScheduled"), number_at(status, "numberReady")
    updated = number_at(status, "updatedNumberScheduled")
    return READY if ready == updated == wanted else _count(ready, wanted, "ready", pods)


def _job(live: Object, pods: Sequence[Object]) -> Verdict:
    if at(live, "spec", "suspend") is True or _holds(live, "Complete"):
        return READY
    failed = _condition(live, "Failed")
    if failed.get("status") == "True":
        return _failed(f"{text_at(failed, 'reason')}: {text_at(failed, 'message')}", pods)
    return _waiting("the job to complete", pods)


def _pod(live: Object, _: Sequence[Object]) -> Verdict:
    phase = text_at(live, "status", "phase")
    if phase == "Failed":
        return _failed(text_at(live, "status", "message") or "the pod failed", [live])
    done = phase == "Succeeded" or _holds(live, "Ready")
    return READY if done else _waiting("the pod to be ready", [live])


def _claim(live: Object, related: Sequence[Object]) -> Verdict:
    phase = text_at(live, "status", "phase")
    if phase == "Lost":
        return Verdict(State.FAILED, "its volume is lost")
    # Such a class binds a claim when a pod uses it, and the pod may come later in the same update.
    late = any(text_at(one, "volumeBindingMode") == "WaitForFirstConsumer" for one in related)
    return READY if phase == "Bound" or late else _waiting("the claim to be bound")


def _service(live: Object, slices: Sequence[Object]) -> Verdict:
    spec = object_at(live, "spec")
    kind = text_at(spec, "type") or "ClusterIP"
    if kind == "LoadBalancer" and not list_at(live, "status", "loadBalancer", "ingress"):
        return _waiting("an address of the load balancer")
    if kind == "ExternalName" or text_at(spec, "clusterIP") == "None" or not object_at(spec, "selector"):
        return READY
    ready = [one for part in slices for one in list_at(part, "endpoints") if at(one, "conditions", "ready") is True]
    return READY if ready else _waiting("a ready pod that its selector matches")


def _ingress(live: Object, _: Sequence[Object]) -> Verdict:
    return READY if list_at(live, "status", "loadBalancer", "ingress") else _waiting("an address from its controller")


def _definition(live: Object, _: Sequence[Object]) -> Verdict:
    refused = _condition(live, "NamesAccepted")
    if refused.get("status") == "False":
        return Verdict(State.FAILED, text_at(refused, "message"))
    return READY if _holds(live, "Established") else _waiting("the definition to be established")


def _api_service(live: Object, _: Sequence[Object]) -> Verdict:
    message = text_at(_condition(live, "Available"), "message")
    return READY if _holds(live, "Available") else _waiting(f"the API to be available ({message})")


RULES: dict[tuple[str, str], Rule] = {
    ("", "PersistentVolumeClaim"): _claim,
    ("", "Pod"): _pod,
    ("", "Service"): _service,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
    ("apiregistration.k8s.io", "APIService"): _api_service,
    ("apps", "DaemonSet"): _daemon_set,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("networking.k8s.io", "Ingress"): _ingress,
}


def _asked(live: Object, asked: str) -> Verdict:
    """`condition=Ready`, `jsonpath={.status.phase}=Running`; of any kind."""
    if asked.startswith("condition="):
        return READY if _holds(live, asked.removeprefix("condition=")) else _waiting(asked)
    parsed = _JSONPATH.match(asked)
    if parsed is None:
        return Verdict(State.FAILED, f"{WAIT_FOR}: {asked!r} is neither condition=TYPE nor jsonpath={{.PATH}}=VALUE")
    found = at(live, *parsed["path"].strip(".").split("."))
    wanted = parsed["value"]
    reached = found is not None if wanted is None else str(found) == wanted
    return READY if reached else _waiting(asked)


def _observed(live: Object) -> bool:
    return number_at(live, "status", "observedGeneration") >= number_at(live, "metadata", "generation")


def _condition(live: Object, kind: str) -> Object:
    found = [one for one in list_at(live, "status", "conditions") if at(one, "type") == kind]
    return object_at(found[0]) if found else {}


def _holds(live: Object, kind: str) -> bool:
    return _condition(live, kind).get("status") == "True"


def _waiting(what: str, pods: Sequence[Object] = ()) -> Verdict:
    hopeless = [line for line in pod_troubles(pods) if any(reason in line for reason in _HOPELESS)]
    if hopeless:
        return Verdict(State.FAILED, "\n".join(hopeless))
    return Verdict(State.WAITING, "\n".join([f"waiting for {what}", *pod_troubles(pods)]))


def _count(there: int, wanted: int, what: str, pods: Sequence[Object]) -> Verdict:
    return _waiting(f"pods: {there} of {wanted} {what}", pods)


def _failed(why: str, pods: Sequence[Object]) -> Verdict:
    return Verdict(State.FAILED, "\n".join([why, *pod_troubles(pods)]))


def _unscheduled(pod: Object) -> list[str]:
    scheduled = _condition(pod, "PodScheduled")
    return [f"not scheduled: {text_at(scheduled, 'message')}"] if scheduled.get("status") == "False" else []


def _containers(pod: Object) -> list[str]:
    kinds = ("initContainerStatuses", "containerStatuses")
    return [line for kind in kinds for status in list_at(pod, "status", kind) for line in _container(status)]


def _container(status: Json) -> list[str]:
    name = text_at(status, "name")
    waiting, ended = object_at(status, "state", "waiting"), object_at(status, "state", "terminated")
    last = object_at(status, "lastState", "terminated")
    lines = []
    if waiting and text_at(waiting, "reason") not in {"ContainerCreating", "PodInitializing"}:
        lines.append(f"container {name} waits: {text_at(waiting, 'reason')} {text_at(waiting, 'message')}".rstrip())
    for one in (ended, last):
        if one and number_at(one, "exitCode"):
            words = text_at(one, "message") or text_at(one, "reason")
            lines.append(f"container {name} ended with status {number_at(one, 'exitCode')}: {words}")
    return lines
