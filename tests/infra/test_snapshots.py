from dataclasses import replace

import pytest

from infra.scripts.snapshot import CLAIMS, OURS, SNAPSHOTS, Found, NotReady, snapshot
from infra.snapshots import Snapshots
from tests.infra.engine import declare, look
from tests.infra.every import EVERY
from tests.infra.every import SNAPSHOTS as ARGS

SETTINGS = {"NAMESPACE": "souk-data", "SNAPSHOT_CLASS": "csi", "KEEP": "2"}


class Cluster:
    """Two claims, one of them bound, and whatever snapshots are made of it."""

    def __init__(self, *before: str, status: Found | None = None) -> None:
        self.snapshots = {name: _snapshot(name) for name in before}
        self._status = status or {"readyToUse": True}

    def __call__(self, method: str, path: str, body: Found | None = None) -> Found:
        where, _, selector = path.partition("?")
        folder = SNAPSHOTS.format("souk-data")
        if where == CLAIMS.format("souk-data"):
            return {"items": [_claim("data-postgres-0", "Bound"), _claim("data-redis-0", "Pending")]}
        if method == "POST":
            assert body
            assert where == folder
            self.snapshots[str(look(body, "metadata.name"))] = {**body, "status": self._status}
            return body
        if method == "DELETE":
            return self.snapshots.pop(where.removeprefix(f"{folder}/"))
        if where == folder:
            assert selector == f"labelSelector={OURS},app.kubernetes.io/instance=data-postgres-0"
            return {"items": list(self.snapshots.values())}
        return self.snapshots[where.removeprefix(f"{folder}/")]


def _claim(name: str, phase: str) -> Found:
    return {"metadata": {"name": name}, "status": {"phase": phase}}


def _snapshot(name: str) -> Found:
    return {"metadata": {"name": name}, "status": {"readyToUse": True}}


def test_every_bound_claim_is_taken_with_its_class() -> None:
    cluster = Cluster()

    taken = snapshot(cluster, SETTINGS, "20260301t014500z")

    assert taken == ["data-postgres-0-20260301t014500z"]
    assert look(cluster.snapshots[taken[0]], "spec") == {
        "volumeSnapshotClassName": "csi",
        "source": {"persistentVolumeClaimName": "data-postgres-0"},
    }


def test_the_newest_are_kept_and_older_ones_go() -> None:
    cluster = Cluster("data-postgres-0-20260227t014500z", "data-postgres-0-20260228t014500z")

    snapshot(cluster, SETTINGS, "20260301t014500z")

    assert sorted(cluster.snapshots) == ["data-postgres-0-20260228t014500z", "data-postgres-0-20260301t014500z"]


def test_nothing_goes_when_a_new_one_cannot_be_used() -> None:
    failed: Found = {"error": {"message": "the disk is away"}}
    cluster = Cluster("data-postgres-0-20260227t014500z", "data-postgres-0-20260228t014500z", status=failed)

    with pytest.raises(NotReady, match="the disk is away"):
        snapshot(cluster, SETTINGS, "20260301t014500z")

    assert {"data-postgres-0-20260227t014500z", "data-postgres-0-20260228t014500z"} <= cluster.snapshots.keys()


def test_its_account_sees_claims_and_snapshots_and_nothing_else() -> None:
    rules = declare(EVERY[Snapshots]).one("Role").at("rules")

    assert isinstance(rules, list)
    assert [look(rule, "resources") for rule in rules] == [["persistentvolumeclaims"], ["volumesnapshots"]]


def test_a_run_that_fails_is_not_tried_again_before_its_time() -> None:
    job = declare(EVERY[Snapshots]).one("CronJob")

    assert job.at("spec.schedule") == "45 1 * * *"
    assert job.at("spec.jobTemplate.spec.backoffLimit") == 0


def test_keeping_none_is_refused() -> None:
    with pytest.raises(ValueError, match="keep must be at least 1"):
        replace(ARGS, keep=0)
