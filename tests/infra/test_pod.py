from dataclasses import replace

import pulumi
import pytest

from infra.configuration import Content, config_map
from infra.job import Job, JobArgs
from infra.workload import Workload
from tests.infra.engine import Declarations, Declared, Value, declare, look
from tests.infra.examples import CONTAINER, IMAGE, LABELS, SMALL, WORKLOAD

POD = "spec.template.spec"
RESTRICTED = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "privileged": False,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.fixture(scope="module")
def declared() -> Declarations:
    return declare(lambda: Workload("orders-api", WORKLOAD))


@pytest.fixture(scope="module")
def deployment(declared: Declarations) -> Declared:
    return declared.one("Deployment")


def test_a_container_may_do_nothing_that_it_need_not(deployment: Declared) -> None:
    assert deployment.at(f"{POD}.containers.0.securityContext") == RESTRICTED


def test_a_pod_is_restricted_as_a_whole(deployment: Declared) -> None:
    assert deployment.at(f"{POD}.securityContext") == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_a_pod_has_an_account_of_its_own_and_no_token(declared: Declarations, deployment: Declared) -> None:
    assert deployment.at(f"{POD}.serviceAccountName") == "orders-api"
    assert deployment.at(f"{POD}.automountServiceAccountToken") is False
    assert declared.one("ServiceAccount").at("automountServiceAccountToken") is False


def test_no_variable_of_a_neighbouring_service_reaches_the_settings(deployment: Declared) -> None:
    assert deployment.at(f"{POD}.enableServiceLinks") is False


def test_requests_and_limits_bound_everything_and_memory_is_not_overcommitted(deployment: Declared) -> None:
    assert deployment.at(f"{POD}.containers.0.resources") == {
        "requests": {"cpu": "100m", "memory": "256Mi", "ephemeral-storage": "256Mi"},
        "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "256Mi"},
    }


@pytest.mark.parametrize(
    ("probe", "path"),
    [
        ("startupProbe", "/health/started"),
        ("readinessProbe", "/health/ready"),
        ("livenessProbe", "/health/live"),
    ],
)
def test_each_probe_asks_its_own_path(deployment: Declared, probe: str, path: str) -> None:
    assert deployment.at(f"{POD}.containers.0.{probe}.httpGet") == {"path": path, "port": "http", "scheme": "HTTP"}


def test_liveness_is_more_patient_than_readiness(deployment: Declared) -> None:
    readiness, liveness = (
        _patience_s(deployment.at(f"{POD}.containers.0.{one}Probe")) for one in ("readiness", "liveness")
    )

    assert liveness >= 3 * readiness


def test_a_pod_is_granted_more_than_it_needs_to_be_unlisted_and_to_drain(deployment: Declared) -> None:
    assert deployment.at(f"{POD}.containers.0.lifecycle.preStop.sleep.seconds") == 10
    assert deployment.at(f"{POD}.terminationGracePeriodSeconds") == 50


def test_replicas_are_spread_over_zones_and_nodes_each_version_by_itself(deployment: Declared) -> None:
    constraints = deployment.at(f"{POD}.topologySpreadConstraints")

    assert isinstance(constraints, list)
    assert [look(one, "topologyKey") for one in constraints] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    assert all(look(one, "matchLabelKeys") == ["pod-template-hash"] for one in constraints)
    assert all(look(one, "labelSelector.matchLabels") == LABELS.selector() for one in constraints)


def test_the_selector_is_part_of_the_labels_and_knows_no_version(deployment: Declared) -> None:
    selector, labels = deployment.at("spec.selector.matchLabels"), deployment.at("spec.template.metadata.labels")

    assert isinstance(selector, dict)
    assert isinstance(labels, dict)
    assert selector.items() <= labels.items()
    assert sorted(selector) == [f"app.kubernetes.io/{one}" for one in ("component", "instance", "name")]


def test_a_changed_entry_changes_the_name_of_what_holds_it() -> None:
    first, same, other = (_config_map({"SOUK_PORT": port}) for port in ("8000", "8000", "8001"))

    assert first.at("metadata.name") == same.at("metadata.name")
    assert first.at("metadata.name") != other.at("metadata.name")
    assert first.at("immutable") is True
    assert first.retain_on_delete


def test_another_image_makes_another_job() -> None:
    first, other = (_job(reference) for reference in ("souk@sha256:1", "souk@sha256:2"))

    assert first.at("metadata.name") != other.at("metadata.name")
    assert str(first.at("metadata.name")).startswith("orders-migrate-")


def test_a_job_ends_for_good_and_is_waited_for() -> None:
    job = _job("souk@sha256:1")

    assert job.at(f"{POD}.restartPolicy") == "Never"
    assert job.at("spec.backoffLimit") == 4
    assert job.at("spec.activeDeadlineSeconds") == 600
    assert job.at("metadata.annotations") == {"pulumi.com/timeoutSeconds": "600"}


def _config_map(entries: dict[str, str]) -> Declared:
    content = Content(namespace="souk", labels=LABELS, entries=entries)
    return declare(lambda: config_map("orders-settings", content, pulumi.ResourceOptions())).one("ConfigMap")


def _job(reference: str) -> Declared:
    migrate = replace(CONTAINER, image=replace(IMAGE, reference=reference), probes=None, shutdown=None, resources=SMALL)
    args = JobArgs(namespace="souk", labels=LABELS, container=migrate, priority_class="dev-services")
    return declare(lambda: Job("orders-migrate", args)).one("Job", "orders-migrate")


def _patience_s(probe: Value) -> int:
    every, failures = look(probe, "periodSeconds"), look(probe, "failureThreshold")
    assert isinstance(every, int)
    assert isinstance(failures, int)
    return every * failures
