import pytest

from infra.namespace import Namespace, NamespaceArgs, Priorities, PrioritiesArgs, Quota
from tests.infra.engine import Declarations, declare
from tests.infra.examples import LABELS


@pytest.fixture(scope="module")
def made() -> Declarations:
    args = NamespaceArgs(
        name="souk-data", labels=LABELS, quota=Quota(cpu="8", memory="16Gi", storage="1Ti", volumes=20)
    )
    return declare(lambda: Namespace("data", args))


@pytest.mark.parametrize("mode", ["enforce", "audit", "warn"])
def test_pods_that_are_not_restricted_are_refused(made: Declarations, mode: str) -> None:
    labels = made.one("Namespace").at("metadata.labels")

    assert isinstance(labels, dict)
    assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"


def test_nothing_comes_in_or_goes_out_unless_a_policy_says_so(made: Declarations) -> None:
    policy = made.one("NetworkPolicy")

    assert policy.at("spec") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policy.at("metadata.namespace") == "souk-data"


def test_all_its_pods_together_are_bounded(made: Declarations) -> None:
    assert made.one("ResourceQuota").at("spec.hard") == {
        "requests.cpu": "8",
        "requests.memory": "16Gi",
        "limits.memory": "16Gi",
        "requests.storage": "1Ti",
        "persistentvolumeclaims": "20",
        "pods": "100",
    }


def test_a_container_that_says_nothing_of_itself_is_bounded(made: Declarations) -> None:
    assert made.one("LimitRange").at("spec.limits.0.default.memory") == "128Mi"


def test_stores_outrank_services_and_what_can_wait_evicts_nobody() -> None:
    made = declare(lambda: Priorities("priorities", PrioritiesArgs(prefix="dev", labels=LABELS)))

    values = {one.name: one.at("value") for one in made.of("PriorityClass")}
    assert values == {"dev-stores": 100_000, "dev-services": 10_000, "dev-background": 1_000}
    assert made.one("PriorityClass", "dev-background").at("preemptionPolicy") == "Never"
