"""What the stacks render, and what variants would, as others grade it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.graders import kubernetes
from tests.graders.findings import Finding, exemptions, unexcused
from tests.graders.manifests import NOT_GRADED, distinct, graded, written
from tests.stacks.variants import VARIANTS

pytestmark = pytest.mark.graders


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    return written(graded(), tmp_path_factory.mktemp("manifests"))


@pytest.fixture(scope="module")
def scored(files: Mapping[str, Path]) -> list[Finding]:
    return list(kubernetes.kube_score(files))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    return list(kubernetes.checkov(written(distinct(), tmp_path_factory.mktemp("distinct"))))


@pytest.mark.parametrize("version", kubernetes.VERSIONS)
def test_every_field_is_known_to_kubernetes(files: Mapping[str, Path], version: str) -> None:
    assert list(kubernetes.kubeconform(files, version)) == []


def test_a_field_that_kubernetes_does_not_know_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.yaml"
    planted.write_text("{apiVersion: v1, kind: Service, metadata: {name: planted}, spec: {clusterIp: None}}")

    found = list(kubernetes.kubeconform({"planted": planted}, kubernetes.VERSIONS[0]))

    assert [(one.kind, one.name, one.check) for one in found] == [("Service", "planted", "statusInvalid")]


def test_kinds_that_are_passed_over_are_there_and_have_no_schema() -> None:
    there = {str(manifest["kind"]) for manifests in graded().values() for manifest in manifests}

    assert set(kubernetes.SKIPPED) <= there


def test_kube_score_has_neither_criticism_nor_warning(scored: list[Finding]) -> None:
    assert list(unexcused(scored)) == []


def test_checkov_has_nothing_to_say(checked: list[Finding]) -> None:
    assert list(unexcused(checked)) == []


def test_every_pod_is_restricted() -> None:
    assert list(kubernetes.pod_security(graded())) == []


def test_a_pod_that_is_not_restricted_is_found() -> None:
    pod = {"metadata": {}, "spec": {"containers": [{"name": "main", "image": "debian"}]}}
    planted = {"kind": "Job", "metadata": {"name": "planted"}, "spec": {"template": pod}}

    found = {one.message.partition(":")[0] for one in kubernetes.pod_security({"here": [planted]})}

    assert {"allowPrivilegeEscalation != false", "runAsNonRoot != true", "seccompProfile"} <= found


def test_an_exception_excepts_something_and_says_why(scored: list[Finding], checked: list[Finding]) -> None:
    found = [*scored, *checked]

    idle = [one for one in exemptions() if not any(one.excuses(finding) for finding in found)]

    assert idle == []
    assert len(exemptions()) <= 5
    assert [one for one in exemptions() if len(one.reason) < 20] == []


def test_variants_that_are_not_graded_are_there() -> None:
    assert set(NOT_GRADED) <= set(VARIANTS)
