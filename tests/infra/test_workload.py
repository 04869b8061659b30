from dataclasses import replace

import pytest

from infra.scaling import Scaling
from infra.workload import Workload, WorkloadArgs
from tests.infra.engine import Declarations, declare, look
from tests.infra.examples import ANALYSIS, CONTAINER, LABELS, WORKLOAD

AUTOSCALED = replace(WORKLOAD, scaling=Scaling(replicas=2, most=6))
CANARY = replace(WORKLOAD, strategy="canary", analysis=ANALYSIS)
BLUE_GREEN = replace(WORKLOAD, strategy="bluegreen", analysis=ANALYSIS)


def declared(args: WorkloadArgs) -> Declarations:
    return declare(lambda: Workload("orders-api", args))


def test_a_new_pod_is_ready_before_an_old_one_leaves() -> None:
    deployment = declared(WORKLOAD).one("Deployment")

    assert deployment.at("spec.strategy.rollingUpdate") == {"maxSurge": 1, "maxUnavailable": 0}
    assert deployment.at("spec.revisionHistoryLimit") == 2


def test_its_service_leads_to_its_pods() -> None:
    service = declared(WORKLOAD).one("Service")

    assert service.at("metadata.name") == "orders"
    assert service.at("spec.selector") == LABELS.selector()
    assert service.at("spec.ports") == [{"name": "http", "port": 8000, "targetPort": "http", "protocol": "TCP"}]


def test_a_fixed_number_of_replicas_is_declared() -> None:
    made = declared(WORKLOAD)

    assert made.one("Deployment").at("spec.replicas") == 2
    assert made.of("HorizontalPodAutoscaler") == []


def test_an_autoscaled_number_of_replicas_is_left_to_the_autoscaler() -> None:
    made = declared(AUTOSCALED)

    assert made.one("Deployment").at("spec.replicas") is None
    assert made.one("Deployment").ignore_changes == ("spec.replicas",)
    autoscaler = made.one("HorizontalPodAutoscaler")
    assert (autoscaler.at("spec.minReplicas"), autoscaler.at("spec.maxReplicas")) == (2, 6)
    assert autoscaler.at("spec.metrics.0.resource.target") == {"type": "Utilization", "averageUtilization": 70}


def test_a_vertical_autoscaler_sets_memory_and_nothing_else() -> None:
    made = declared(replace(WORKLOAD, scaling=Scaling(replicas=2, most=6, vertical_memory=True)))

    policies = made.one("VerticalPodAutoscaler").at("spec.resourcePolicy.containerPolicies")
    assert policies == [{"containerName": "*", "controlledResources": ["memory"]}]


@pytest.mark.parametrize(("replicas", "budgets"), [(1, 0), (2, 1)])
def test_only_what_has_replicas_can_have_a_disruption_budget(replicas: int, budgets: int) -> None:
    made = declared(replace(WORKLOAD, scaling=Scaling(replicas=replicas)))

    assert len(made.of("PodDisruptionBudget")) == budgets


def test_a_drained_node_takes_one_replica_and_is_not_held_up_by_a_sick_one() -> None:
    budget = declared(WORKLOAD).one("PodDisruptionBudget")

    assert budget.at("spec.maxUnavailable") == 1
    assert budget.at("spec.unhealthyPodEvictionPolicy") == "AlwaysAllow"
    assert budget.at("spec.selector.matchLabels") == LABELS.selector()


def test_a_canary_takes_the_pods_of_its_deployment_and_is_analysed_at_every_weight() -> None:
    made = declared(CANARY)

    rollout = made.one("Rollout")
    assert rollout.at("spec.workloadRef.name") == "orders-api"
    assert rollout.at("spec.strategy.canary.steps.0") == {"setWeight": 10}
    assert rollout.at("spec.strategy.canary.steps.1") == {"analysis": {"templates": [{"templateName": "orders-api"}]}}
    assert rollout.at("spec.replicas") == 2
    assert made.one("Deployment").at("spec.replicas") is None


def test_a_silent_metric_stops_no_rollout() -> None:
    template = declared(CANARY).one("AnalysisTemplate")

    assert template.at("spec.metrics.0.provider.prometheus.query") == "errors"
    assert str(template.at("spec.metrics.0.successCondition")).startswith("len(result) == 0 || isNaN(result[0])")


def test_blue_and_green_have_a_service_each() -> None:
    made = declared(BLUE_GREEN)

    assert {one.at("metadata.name") for one in made.of("Service")} == {"orders", "orders-preview"}
    assert look(made.one("Rollout").at("spec.strategy.blueGreen"), "previewService") == "orders-preview"


def test_the_autoscaler_of_a_rollout_scales_the_rollout() -> None:
    made = declared(replace(CANARY, scaling=Scaling(replicas=2, most=6)))

    assert made.one("HorizontalPodAutoscaler").at("spec.scaleTargetRef.kind") == "Rollout"
    assert made.one("Rollout").at("spec.replicas") is None
    assert made.one("Rollout").ignore_changes == ("spec.replicas",)


def test_a_canary_without_an_analysis_is_refused() -> None:
    with pytest.raises(ValueError, match="a canary rollout needs an analysis"):
        replace(WORKLOAD, strategy="canary")


def test_a_blue_green_rollout_without_a_service_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a Service to switch"):
        replace(BLUE_GREEN, services={})


def test_a_service_to_a_port_that_the_container_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="the container has no port http"):
        replace(WORKLOAD, container=replace(CONTAINER, ports={}))


@pytest.mark.parametrize(("replicas", "most"), [(0, 0), (3, 2)])
def test_a_number_of_replicas_that_cannot_be_is_refused(replicas: int, most: int) -> None:
    with pytest.raises(ValueError, match="replicas"):
        Scaling(replicas=replicas, most=most)
