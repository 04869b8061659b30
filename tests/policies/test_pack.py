"""The pack as Pulumi's engine runs it: a process that is asked over gRPC."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import (
    AnalyzeRequest,
    AnalyzerResource,
    AnalyzerStub,
    AnalyzeStackRequest,
    ConfigureAnalyzerRequest,
    PolicyConfig,
)
from pulumi.runtime.proto.analyzer_pb2 import ADVISORY, MANDATORY, REMEDIATE
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.manifests import Resource
from tests.policies.clean import clean_stack, spoil
from tests.policies.spoilt.ways import MAIN

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def analyzer() -> Iterator[AnalyzerStub]:
    with subprocess.Popen([sys.executable, "-m", "policies"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as pack:
        assert pack.stdout is not None
        port = int(pack.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield AnalyzerStub(channel)
        pack.terminate()


@pytest.fixture(autouse=True)
def as_shipped(analyzer: AnalyzerStub) -> None:
    """No configuration, whatever the test before left."""
    analyzer.Configure(ConfigureAnalyzerRequest())


def _struct(props: Mapping[str, object]) -> Struct:
    return ParseDict(dict(props), Struct())


def _request(resource: Resource) -> AnalyzeRequest:
    request = AnalyzeRequest(
        type=resource.type, urn=resource.urn, name=resource.name, properties=_struct(resource.props)
    )
    request.options.protect = resource.protected
    request.options.parent = resource.parent or ""
    return request


def _deployment(path: str, value: object) -> Resource:
    stack = spoil(clean_stack(), "Deployment", "orders", path, value)
    return next(each for each in stack if each.kind == "Deployment")


def test_a_clean_stack_passes(analyzer: AnalyzerStub) -> None:
    found = [
        diagnostic.message for each in clean_stack() for diagnostic in analyzer.Analyze(_request(each)).diagnostics
    ]

    assert found == []


def test_a_violation_is_reported_by_its_policy_and_is_mandatory(analyzer: AnalyzerStub) -> None:
    broken = _deployment(f"{MAIN}.startupProbe", None)

    (diagnostic,) = analyzer.Analyze(_request(broken)).diagnostics

    assert (diagnostic.policyName, diagnostic.enforcementLevel) == ("pod-has-startup-probe", MANDATORY)
    assert "container main has no startup probe" in diagnostic.message


def test_a_violation_of_the_whole_stack_names_the_resource(analyzer: AnalyzerStub) -> None:
    stack = spoil(clean_stack(), "CronJob", "postgres-backup", "spec.suspend", True)
    resources = [
        AnalyzerResource(type=each.type, urn=each.urn, name=each.name, properties=_struct(each.props)) for each in stack
    ]

    (diagnostic,) = analyzer.AnalyzeStack(AnalyzeStackRequest(resources=resources)).diagnostics

    assert diagnostic.policyName == "database-is-backed-up"
    assert diagnostic.urn.endswith("StatefulSet::postgres")


def test_a_value_that_is_not_known_yet_warns(analyzer: AnalyzerStub) -> None:
    previewed = _deployment(f"{MAIN}.image", UNKNOWN_STRING_VALUE)

    diagnostics = analyzer.Analyze(_request(previewed)).diagnostics

    assert {each.policyName for each in diagnostics} == {"image-is-exact", "image-is-from-known-registry"}
    assert {each.enforcementLevel for each in diagnostics} == {ADVISORY}


def test_the_level_of_a_policy_is_configured(analyzer: AnalyzerStub) -> None:
    advisory = PolicyConfig(enforcementLevel=ADVISORY)
    analyzer.Configure(ConfigureAnalyzerRequest(policyConfig={"pod-has-startup-probe": advisory}))
    broken = _deployment(f"{MAIN}.startupProbe", None)

    (diagnostic,) = analyzer.Analyze(_request(broken)).diagnostics

    assert diagnostic.enforcementLevel == ADVISORY


def test_registries_are_configured(analyzer: AnalyzerStub) -> None:
    own = PolicyConfig(enforcementLevel=MANDATORY, properties=_struct({"registries": ["registry.shop.example"]}))
    analyzer.Configure(ConfigureAnalyzerRequest(policyConfig={"image-is-from-known-registry": own}))
    ours = _deployment(f"{MAIN}.image", "registry.shop.example/souk/service:1.2.3")

    assert [each.message for each in analyzer.Analyze(_request(ours)).diagnostics] == []


def test_a_policy_that_mends_changes_one_field_and_keeps_secrets_secret(analyzer: AnalyzerStub) -> None:
    mending = PolicyConfig(enforcementLevel=REMEDIATE)
    analyzer.Configure(ConfigureAnalyzerRequest(policyConfig={"pod-has-no-api-token": mending}))
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
    stack = spoil(clean_stack(), "Deployment", "orders", "metadata.annotations", {"note": secret})
    stack = spoil(stack, "Deployment", "orders", "spec.template.spec.automountServiceAccountToken", True)
    request = _request(next(each for each in stack if each.kind == "Deployment"))
    expected = MessageToDict(request.properties)
    expected["spec"]["template"]["spec"]["automountServiceAccountToken"] = False

    (remediation,) = analyzer.Remediate(request).remediations

    assert remediation.policyName == "pod-has-no-api-token"
    assert MessageToDict(remediation.properties) == expected


def test_nothing_is_mended_where_nothing_is_broken(analyzer: AnalyzerStub) -> None:
    mending = PolicyConfig(enforcementLevel=REMEDIATE)
    analyzer.Configure(ConfigureAnalyzerRequest(policyConfig={"pod-has-no-api-token": mending}))
    clean = next(each for each in clean_stack() if each.kind == "Deployment")

    assert len(analyzer.Remediate(_request(clean)).remediations) == 0
