import pytest

from tests.lab.engine.wire import Json, Object
from tests.lab.kubernetes.objects import WAIT_FOR
from tests.lab.kubernetes.verdicts import State, verdict


def live(kind: str, api_version: str = "v1", *, status: Json = None, **fields: Json) -> Object:
    metadata: Json = {"name": "orders", "namespace": "souk", "generation": 2}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "status": status, **fields}


def deployment(**status: Json) -> Object:
    return live("Deployment", "apps/v1", spec={"replicas": 2}, status={"observedGeneration": 2, **status})


def pod(*statuses: Json, **status: Json) -> Object:
    return live("Pod", status={"containerStatuses": [*statuses], **status})


def condition(kind: str, value: str, **fields: Json) -> Json:
    return {"conditions": [{"type": kind, "status": value, **fields}]}


BACK_OFF: Json = {"name": "api", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "not found"}}}
CRASHED: Json = {
    "name": "api",
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "message": "no database"}},
}


def test_a_deployment_is_ready_when_all_its_pods_are_new_and_available() -> None:
    found = verdict(deployment(replicas=2, updatedReplicas=2, availableReplicas=2))

    assert found.state is State.READY


@pytest.mark.parametrize(
    "status",
    [
        {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 2},
        {"replicas": 2, "updatedReplicas": 2, "availableReplicas": 1},
        {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 2},
        {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2},
    ],
)
def test_a_deployment_on_its_way_is_waited_for(status: Object) -> None:
    assert verdict(deployment(**status)).state is State.WAITING


def test_a_deployment_that_makes_no_progress_has_failed_and_says_what_its_pods_say() -> None:
    stuck = deployment(conditions=[{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "no"}])

    found = verdict(stuck, [pod(CRASHED)])

    assert found.state is State.FAILED
    assert "container api ended with status 3: no database" in found.reason


def test_what_is_waited_for_is_told_with_the_troubles_of_the_pods() -> None:
    found = verdict(deployment(availableReplicas=1), [pod(BACK_OFF)])

    assert found.state is State.WAITING
    assert "pods: 1 of 2 available" in found.reason
    assert "pod orders: container api waits: ImagePullBackOff not found" in found.reason


def test_a_container_that_can_never_start_ends_the_waiting() -> None:
    hopeless: Json = {"name": "api", "state": {"waiting": {"reason": "ErrImageNeverPull"}}}

    assert verdict(deployment(), [pod(hopeless)]).state is State.FAILED


def test_a_pod_that_no_node_takes_is_told() -> None:
    lonely = pod(conditions=[{"type": "PodScheduled", "status": "False", "message": "Insufficient cpu"}])

    assert "not scheduled: Insufficient cpu" in verdict(deployment(), [lonely]).reason


def test_a_stateful_set_is_ready_when_every_pod_is_ready_and_new() -> None:
    def stateful(**status: Json) -> Object:
        return live("StatefulSet", "apps/v1", spec={"replicas": 1}, status={"observedGeneration": 2, **status})

    assert verdict(stateful(replicas=1, readyReplicas=1, updatedReplicas=1)).state is State.READY
    assert verdict(stateful(replicas=1, readyReplicas=1, updatedReplicas=0)).state is State.WAITING


def test_a_stateful_set_that_is_updated_by_hand_is_ready_with_old_pods() -> None:
    by_hand = live(
        "StatefulSet",
        "apps/v1",
        spec={"replicas": 1, "updateStrategy": {"type": "OnDelete"}},
        status={"observedGeneration": 2, "replicas": 1, "readyReplicas": 1},
    )

    assert verdict(by_hand).state is State.READY


def test_a_daemon_set_is_ready_on_every_node() -> None:
    def daemons(ready: int) -> Object:
        status: Object = {"observedGeneration": 2, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2}
        return live("DaemonSet", "apps/v1", status={**status, "numberReady": ready})

    assert verdict(daemons(2)).state is State.READY
    assert verdict(daemons(1)).state is State.WAITING


def test_a_job_is_ready_when_it_has_completed() -> None:
    assert verdict(live("Job", "batch/v1", status=condition("Complete", "True"))).state is State.READY
    assert verdict(live("Job", "batch/v1", status={"active": 1})).state is State.WAITING


def test_a_failed_job_says_why() -> None:
    failed = live(
        "Job", "batch/v1", status=condition("Failed", "True", reason="BackoffLimitExceeded", message="6 times")
    )

    found = verdict(failed, [pod(CRASHED)])

    assert found.state is State.FAILED
    assert found.reason.startswith("BackoffLimitExceeded: 6 times\npod orders: ")


def test_a_suspended_job_is_not_waited_for() -> None:
    assert verdict(live("Job", "batch/v1", spec={"suspend": True})).state is State.READY


def test_a_claim_is_ready_when_it_is_bound() -> None:
    assert verdict(live("PersistentVolumeClaim", status={"phase": "Bound"})).state is State.READY
    assert verdict(live("PersistentVolumeClaim", status={"phase": "Pending"})).state is State.WAITING
    assert verdict(live("PersistentVolumeClaim", status={"phase": "Lost"})).state is State.FAILED


def test_a_claim_that_is_bound_by_its_first_pod_is_not_waited_for() -> None:
    late = live("StorageClass", "storage.k8s.io/v1", volumeBindingMode="WaitForFirstConsumer")

    assert verdict(live("PersistentVolumeClaim", status={"phase": "Pending"}), [late]).state is State.READY


def test_a_service_is_ready_when_a_pod_behind_it_is() -> None:
    service = live("Service", spec={"selector": {"app": "orders"}})
    slices = [live("EndpointSlice", endpoints=[{"conditions": {"ready": ready}}]) for ready in (False, True)]

    assert verdict(service, slices[:1]).state is State.WAITING
    assert verdict(service, slices).state is State.READY


@pytest.mark.parametrize("spec", [{"clusterIP": "None", "selector": {"a": "b"}}, {"type": "ExternalName"}, {}])
def test_a_service_that_chooses_no_pods_by_itself_is_ready_at_once(spec: Object) -> None:
    assert verdict(live("Service", spec=spec)).state is State.READY


def test_a_load_balancer_needs_an_address() -> None:
    service = live("Service", spec={"type": "LoadBalancer"}, status={"loadBalancer": {}})

    assert verdict(service).state is State.WAITING


def test_an_ingress_is_ready_when_its_controller_gave_it_an_address() -> None:
    addressed: Json = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}

    assert verdict(live("Ingress", "networking.k8s.io/v1", status=addressed)).state is State.READY
    assert verdict(live("Ingress", "networking.k8s.io/v1")).state is State.WAITING


def test_a_definition_is_ready_when_it_is_established() -> None:
    def definition(status: Json) -> Object:
        return live("CustomResourceDefinition", "apiextensions.k8s.io/v1", status=status)

    assert verdict(definition(condition("Established", "True"))).state is State.READY
    assert verdict(definition({})).state is State.WAITING
    assert verdict(definition(condition("NamesAccepted", "False", message="taken"))).reason == "taken"


def test_what_has_no_state_is_ready_at_once() -> None:
    assert verdict(live("ConfigMap")).state is State.READY


@pytest.mark.parametrize(
    ("asked", "status", "state"),
    [
        ("condition=Ready", condition("Ready", "True"), State.READY),
        ("condition=Ready", condition("Ready", "False"), State.WAITING),
        ("jsonpath={.status.phase}=Running", {"phase": "Running"}, State.READY),
        ("jsonpath={.status.phase}=Running", {"phase": "Pending"}, State.WAITING),
        ("jsonpath={.status.phase}", {"phase": "Any"}, State.READY),
        ("whenever", {}, State.FAILED),
    ],
)
def test_a_program_may_say_what_to_wait_for(asked: str, status: Json, state: State) -> None:
    widget = live("Widget", "example.com/v1", status=status)
    widget["metadata"] = {"annotations": {WAIT_FOR: asked}}

    assert verdict(widget).state is state
