from dataclasses import replace

import pytest

from infra.stateful import Stateful, StatefulArgs
from tests.infra.engine import Declarations, declare
from tests.infra.every import STATEFUL, STORAGE
from tests.infra.examples import LABELS


def declared(args: StatefulArgs) -> Declarations:
    return declare(lambda: Stateful("store", args))


@pytest.fixture(scope="module")
def made() -> Declarations:
    return declared(STATEFUL)


def test_members_find_each_other_before_they_are_ready(made: Declarations) -> None:
    members = made.one("Service", "store-members")

    assert members.at("spec.clusterIP") == "None"
    assert members.at("spec.publishNotReadyAddresses") is True
    assert made.one("StatefulSet").at("spec.serviceName") == "store-members"


def test_clients_are_led_to_ready_members_only(made: Declarations) -> None:
    service = made.one("Service", "store")

    assert service.at("spec.publishNotReadyAddresses") is False
    assert service.at("spec.selector") == LABELS.selector()


@pytest.mark.parametrize(("keep", "then"), [(True, "Retain"), (False, "Delete")])
def test_volumes_outlive_their_statefulset_where_data_matters(keep: bool, then: str) -> None:  # noqa: FBT001 - a case.
    made = declared(replace(STATEFUL, storage=replace(STORAGE, keep=keep)))

    policy = made.one("StatefulSet").at("spec.persistentVolumeClaimRetentionPolicy")
    assert policy == {"whenDeleted": then, "whenScaled": then}
    assert {claim.retain_on_delete for claim in made.of("PersistentVolumeClaim")} == {keep}


def test_each_replica_has_the_claim_that_its_statefulset_looks_for(made: Declarations) -> None:
    claims = made.of("PersistentVolumeClaim")

    assert [claim.at("metadata.name") for claim in claims] == ["data-store-0", "data-store-1", "data-store-2"]
    assert {claim.at("spec.resources.requests.storage") for claim in claims} == {"10Gi"}
    assert made.one("StatefulSet").depends_on >= {claim.urn for claim in claims}


def test_volumes_grow_without_their_statefulset_being_replaced(made: Declarations) -> None:
    assert made.one("StatefulSet").ignore_changes == ("spec.volumeClaimTemplates",)


def test_a_single_replica_has_no_disruption_budget() -> None:
    assert declared(replace(STATEFUL, replicas=1)).of("PodDisruptionBudget") == []


def test_its_address_is_good_from_every_namespace(made: Declarations) -> None:
    assert list(made.outputs.values())[-1] == {"host": "store.souk-data.svc"}
