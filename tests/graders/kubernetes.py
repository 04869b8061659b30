"""Graders of manifests: each takes the files, by stack or variant, and yields what it finds."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.graders.findings import Finding
from tests.graders.manifests import Manifest, distinct
from tests.graders.programs import program
from tests.graders.python import schemas, script
from tests.infra.engine import look

VERSIONS = ("1.34.0", "1.36.0", "1.37.0")
SKIPPED: Mapping[str, str] = {
    **dict.fromkeys(("AnalysisTemplate", "Rollout"), "Argo Rollouts"),
    **dict.fromkeys(("Certificate",), "cert-manager"),
    **dict.fromkeys(("Gateway", "HTTPRoute"), "Gateway API"),
    **dict.fromkeys(("ExternalSecret",), "External Secrets"),
    **dict.fromkeys(("Cluster",), "CloudNativePG"),
    **dict.fromkeys(("Elasticsearch",), "ECK"),
    **dict.fromkeys(("RabbitmqCluster",), "RabbitMQ cluster operator"),
    **dict.fromkeys(("RedisReplication", "RedisSentinel"), "Redis operator"),
    **dict.fromkeys(("PodMonitor", "PrometheusRule"), "Prometheus operator"),
    **dict.fromkeys(("Application",), "Argo CD"),
    **dict.fromkeys(("VerticalPodAutoscaler",), "Vertical Pod Autoscaler"),
    **dict.fromkeys(("AuthorizationPolicy", "PeerAuthentication", "Sidecar"), "Istio"),
    **dict.fromkeys(("GitRepository", "Kustomization"), "Flux"),
}
"""Kinds of others, by whose they are: their schemas come with them, and no package of schemas has them."""

_WARNING = 5
"""The worse of kube-score's grades: 1 is critical, 5 a warning, 7 almost well, 10 well."""


class _Judged(Struct):
    kind: str
    name: str
    status: str
    msg: str
    filename: str


class _Conformity(Struct):
    resources: list[_Judged] = []


def kubeconform(files: Mapping[str, Path], version: str) -> Iterator[Finding]:
    """Fields that this version of Kubernetes does not know, or knows otherwise."""
    location = f"{schemas(version)}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    asked = ["-strict", "-output=json", f"-kubernetes-version={version}", f"-skip={','.join(SKIPPED)}"]
    said = _run([program("kubeconform"), *asked, "-schema-location", location, *files.values()])
    for one in msgspec.json.decode(said, type=_Conformity).resources:
        yield Finding(one.kind, one.name, one.status, f"{Path(one.filename).stem}, {version}: {one.msg}")


class _Check(Struct):
    id: str


class _Comment(Struct):
    summary: str


class _Graded(Struct):
    check: _Check
    grade: int
    skipped: bool
    comments: list[_Comment] | None


class _Type(Struct):
    kind: str


class _Named(Struct):
    name: str


class _Scored(Struct):
    type_meta: _Type
    object_meta: _Named
    checks: list[_Graded]


def kube_score(files: Mapping[str, Path]) -> Iterator[Finding]:
    """Of each file by itself, since it also looks at what belongs together."""
    for source, path in files.items():
        for one in msgspec.json.decode(_run([program("kube-score"), "score", "-o", "json", path]), type=list[_Scored]):
            for graded_ in one.checks:
                if graded_.grade <= _WARNING and not graded_.skipped:
                    said = "; ".join(comment.summary for comment in graded_.comments or ())
                    yield Finding(one.type_meta.kind, one.object_meta.name, graded_.check.id, f"{source}: {said}")


class _Failed(Struct):
    check_id: str
    check_name: str
    resource: str
    file_path: str


class _Results(Struct):
    failed_checks: list[_Failed]
    parsing_errors: list[str] = []


class _Summary(Struct):
    resource_count: int


class _Report(Struct):
    results: _Results
    summary: _Summary


def checkov(files: Mapping[str, Path]) -> Iterator[Finding]:
    """All in one run, since it takes seconds to start."""
    asked = ["--skip-download", "--framework=kubernetes", "--compact", "--quiet", "--output=json"]
    where = [word for path in files.values() for word in ("--file", str(path))]
    report = msgspec.json.decode(_run([script("checkov"), *asked, *where]), type=_Report)
    assert report.summary.resource_count > sum(map(len, distinct().values())) / 2, "checkov passed most objects over"
    assert report.results.parsing_errors == []
    for one in report.results.failed_checks:
        kind, _, name = one.resource.partition(".")
        yield Finding(kind, name.rpartition(".")[2], one.check_id, f"{Path(one.file_path).stem}: {one.check_name}")


def pod_security(manifests_by_source: Mapping[str, Sequence[Manifest]]) -> Iterator[Finding]:
    """By Kubernetes' own evaluator."""
    pods = [pod for source, manifests in manifests_by_source.items() for one in manifests for pod in _pods(source, one)]
    said = _run([program("pod-security")], given=json.dumps(pods))
    for line in said.decode().splitlines():
        name, _, reason = line.partition(": ")
        yield Finding("Pod", name, "restricted", reason)


def _pods(source: str, manifest: Manifest) -> Iterator[Manifest]:
    for path in ("spec.template", "spec.jobTemplate.spec.template"):
        template = look(manifest, path)
        if isinstance(template, dict) and "spec" in template:
            name = f"{source} {manifest['kind']} {look(manifest, 'metadata.name')}"
            yield {"metadata": {**template["metadata"], "name": name}, "spec": template["spec"]}


def _run(command: Sequence[str | Path], given: str = "") -> bytes:
    """What it prints; graders that found something end with 1."""
    done = subprocess.run(
        command, input=given.encode(), capture_output=True, check=False, env={**os.environ, "LOG_LEVEL": "ERROR"}
    )
    assert done.returncode in {0, 1}, done.stderr.decode()
    return done.stdout
