"""What holds for every stack of the repository."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from services.chassis.settings import ServiceSettings, read_settings
from services.launch.names import Runnable
from stacks.places import places_of, running
from stacks.roster import ROSTER
from tests.infra.engine import Declared, Value, look, plain_texts
from tests.stacks.files import STACKS, configuration_of, declared, secret_texts

KEPT = (
    "Namespace",
    "StatefulSet",
    "PersistentVolumeClaim",
    "Cluster",
    "RabbitmqCluster",
    "RedisReplication",
    "Elasticsearch",
)
CASES = [(stack, service) for stack in STACKS for service in running(configuration_of(stack))]

POD = "spec.template.spec"

every_stack = pytest.mark.parametrize("stack", STACKS)


@every_stack
def test_whatever_is_made_belongs_to_a_component(stack: str) -> None:
    made = declared(stack)

    components = {one.urn for one in made.components()}
    orphans = [one.urn for one in made.resources if one.urn not in components and one.parent not in components]
    assert orphans == []


@every_stack
def test_no_secret_is_sent_or_told_in_plain_text(stack: str) -> None:
    made = declared(stack)

    texts = {text for one in made.resources for text in plain_texts(one.sent)}
    texts |= {text for outputs in made.outputs.values() for text in plain_texts(outputs)}
    assert [text for text in texts for secret in secret_texts() if secret in text] == []


@every_stack
def test_no_two_objects_of_a_kind_have_one_name(stack: str) -> None:
    names = [(one.type, one.at("metadata.namespace"), one.at("metadata.name")) for one in declared(stack).objects()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(("stack", "service"), CASES)
def test_a_service_can_read_the_settings_that_it_is_given(stack: str, service: Runnable, tmp_path: Path) -> None:
    settings, files = (
        declared(stack).one("ConfigMap", f"{service}-settings"),
        declared(stack).one("Secret", f"{service}-secrets"),
    )
    environ = _as_seen_in_the_pod(settings, files, tmp_path)

    read = read_settings(ROSTER[service].settings, environ)

    assert isinstance(read, ServiceSettings)
    assert read.database_url.startswith(f"postgresql://{service}:")
    assert read.gateway_internal_url == "http://gateway-internal:8001"
    unknown = {name.removesuffix("_FILE") for name in environ} - _variables(ROSTER[service].settings)
    assert unknown == set()


@pytest.mark.parametrize(("stack", "service"), CASES)
def test_its_migration_waits_for_its_database(stack: str, service: str) -> None:
    made = declared(stack)

    databases = {one.urn for one in made.of("Job") if one.name.endswith("-databases")}
    assert databases & made.one("Job", f"{service}-migrate").depends_on


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("staging", True), ("prod", True)])
def test_namespaces_and_data_are_protected_outside_dev(stack: str, protected: bool) -> None:  # noqa: FBT001 - a case.
    kinds = (
        "Namespace",
        "StatefulSet",
        "PersistentVolumeClaim",
        "Cluster",
        "RabbitmqCluster",
        "RedisReplication",
        "Elasticsearch",
    )
    kept = [one for kind in kinds for one in declared(stack).of(kind)]

    assert {one.protect for one in kept} == {protected}


@every_stack
def test_what_every_change_replaces_is_not_protected(stack: str) -> None:
    replaced = [one for kind in ("ConfigMap", "Secret", "Job", "Deployment") for one in declared(stack).of(kind)]

    assert [one.name for one in replaced if one.protect] == []


def test_in_production_whatever_may_have_replicas_has_them() -> None:
    made = declared("prod")

    fixed = [one for one in made.of("Deployment") if one.at("spec.replicas") is not None and one.name != "grafana"]
    assert [one.name for one in fixed if one.at("spec.replicas") == 1] == []
    assert [one.name for one in made.of("Rollout") if one.at("spec.replicas") == 1] == []
    assert [one.name for one in made.of("HorizontalPodAutoscaler") if one.at("spec.minReplicas") == 1] == []
    assert {one.at("metadata.namespace") for one in made.of("StatefulSet")} == {"souk-monitoring"}


def test_in_production_each_service_has_a_database_server_and_a_backup_of_its_own() -> None:
    made = declared("prod")

    services = running(configuration_of("prod"))
    assert {one.name for one in made.of("Cluster")} == {f"postgres-{service}" for service in services}
    backups = {f"postgres-{service}-backup{more}" for service in services for more in ("", "-check", "-restore")}
    assert {one.name for one in made.of("CronJob")} == backups


@every_stack
def test_a_namespace_is_there_before_anything_is_put_into_it(stack: str) -> None:
    made = declared(stack)
    before = {one.urn: one.depends_on for one in made.resources}
    spaces = {one.at("metadata.name"): one.urn for one in made.of("Namespace")}

    inside = [(one, spaces[one.at("metadata.namespace")]) for one in made.objects() if one.at("metadata.namespace")]
    assert [one.name for one, space in inside if space not in all_before(one.urn, before)] == []


@every_stack
def test_nothing_that_a_pod_mounts_is_missing(stack: str) -> None:
    made = declared(stack)

    there = {(one.kind, one.at("metadata.name")) for kind in ("ConfigMap", "Secret") for one in made.of(kind)}
    assert [used for pod in _pods(stack) for used in _mounted(pod) if used not in there] == []


@every_stack
def test_a_namespace_has_room_for_all_that_may_run_in_it(stack: str) -> None:
    made, places = declared(stack), places_of(stack, configuration_of(stack))
    quota = made.one("ResourceQuota", "services-quota").at("spec.hard")

    running = [one for one in made.of("Deployment") if one.at("metadata.namespace") == places.services]
    wanted = [(_most(stack, one), look(one.at(POD), "containers.0.resources.limits")) for one in running]

    assert sum(most for most, _ in wanted) < _int(look(quota, "pods"))
    assert sum(most * _bytes(look(limits, "memory")) for most, limits in wanted) < _bytes(
        _mapping(quota)["limits.memory"]
    )


def all_before(urn: str, before: Mapping[str, frozenset[str]]) -> set[str]:
    """What it waits for, and what that waits for."""
    found: set[str] = set()
    todo = [urn]
    while todo:
        fresh = before.get(todo.pop(), frozenset()) - found
        found |= fresh
        todo += fresh
    return found


def _most(stack: str, deployment: Declared) -> int:
    """With the one more that comes before an old one leaves."""
    made, name = declared(stack), deployment.at("metadata.name")
    scaled = [one.at("spec.maxReplicas") for one in made.of("HorizontalPodAutoscaler") if one.name == name]
    rolled = [one.at("spec.replicas") for one in made.of("Rollout") if one.at("metadata.name") == name]
    return 1 + max(_int(number) for number in [deployment.at("spec.replicas"), *scaled, *rolled])


def _mapping(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return value


def _bytes(value: Value) -> int:
    units = {"Mi": 2**20, "Gi": 2**30}
    text = str(value)
    return int(text[:-2]) * units[text[-2:]]


def _int(value: Value) -> int:
    return int(value) if isinstance(value, int | str) else 0


def _as_seen_in_the_pod(settings: Declared, files: Declared, folder: Path) -> dict[str, str]:
    variables, contents = settings.at("data"), files.at("stringData")
    assert isinstance(variables, dict)
    assert isinstance(contents, dict)
    for name, text in contents.items():
        (folder / name).write_text(text)
    return {name: value.replace("/run/secrets/souk/", f"{folder}/") for name, value in variables.items()}


def _variables(settings: type[msgspec.Struct]) -> set[str]:
    return {f"SOUK_{field.name.upper()}" for field in msgspec.structs.fields(settings)}


def _pods(stack: str) -> Iterator[Value]:
    for one in declared(stack).objects():
        for path in ("spec.template.spec", "spec.jobTemplate.spec.template.spec"):
            pod = one.at(path)
            if pod is not None:
                yield pod


def _mounted(pod: Value) -> Iterator[tuple[str, Value]]:
    volumes = look(pod, "volumes")
    for volume in volumes if isinstance(volumes, list) else []:
        if look(volume, "secret"):
            yield "Secret", look(volume, "secret.secretName")
        if look(volume, "configMap"):
            yield "ConfigMap", look(volume, "configMap.name")
