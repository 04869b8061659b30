import json
from pathlib import Path

import pytest

from tests.lab.engine.wire import list_at, object_at, text_at
from tests.lab.terminal import CommandFailed, Kubectl, Stack

pytestmark = pytest.mark.lab

SHOP = """
    namespace = pulumi.Config().require("namespace")
    meta = {{"namespace": namespace}}
    labels = {{"app": "shop"}}
    keys = k8s.core.v1.Secret(
        "keys", metadata=meta, string_data={{"key": pulumi.Output.secret("hunter2")}}
    )
    command = ["sh", "-c", "httpd -f -p 8000"]
    probe = {{"tcp_socket": {{"port": 8000}}, "period_seconds": 1}}
    shop = k8s.apps.v1.Deployment(
        "shop",
        metadata={{**meta, "name": "shop", "annotations": {annotations}}},
        spec={{
            "replicas": {replicas},
            "selector": {{"match_labels": labels}},
            "template": {{
                "metadata": {{"labels": labels}},
                "spec": {{
                    "termination_grace_period_seconds": 1,
                    "containers": [
                        {{"name": "shop", "image": SHELL, "command": command, "readiness_probe": probe}}
                    ],
                }},
            }},
        }},
    )
    service = k8s.core.v1.Service(
        "shop-service",
        metadata=meta,
        spec={{"selector": labels, "cluster_ip": {cluster_ip!r}, "ports": [{{"port": 80, "target_port": 8000}}]}},
        opts=pulumi.ResourceOptions(depends_on=[shop]),
    )
    pulumi.export("ready", shop.status.ready_replicas)
"""


def shop(*, replicas: int = 1, cluster_ip: str | None = None, annotations: dict[str, str] | None = None) -> str:
    return SHOP.format(replicas=replicas, cluster_ip=cluster_ip, annotations=annotations or {})


@pytest.fixture
def place(namespace: Kubectl, stack: Stack) -> Kubectl:
    stack.pulumi("config", "set", "namespace", namespace.namespace)
    return namespace


def test_a_program_goes_up_and_a_second_time_changes_nothing(stack: Stack, place: Kubectl) -> None:
    stack.program(shop())

    first, second = stack.up(), stack.up()

    assert first == {"create": 4}
    assert second == {"same": 4}
    assert stack.output("ready") == "1"
    assert text_at(place.get("deployment", "shop"), "metadata", "name") == "shop"


def test_a_secret_is_in_the_cluster_and_not_in_the_state(stack: Stack, place: Kubectl) -> None:
    stack.program(shop())

    stack.up()

    (found,) = json.loads(place("get", "secrets", "--output=json"))["items"]
    assert found["data"] == {"key": "aHVudGVyMg=="}
    state = stack.state()
    assert "hunter2" not in state
    assert "aHVudGVyMg==" not in state


def test_drift_is_shown_and_repaired(stack: Stack, place: Kubectl) -> None:
    stack.program(shop(replicas=1, annotations={"pulumi.com/patchForce": "true"}))
    stack.up()
    place("scale", "deployment", "shop", "--replicas=2")

    shown = stack.preview("--refresh")
    stack.pulumi("up", "--yes", "--skip-preview", "--refresh")

    assert shown == {"shop": "update"}
    assert object_at(place.get("deployment", "shop"), "spec")["replicas"] == 1


def test_a_field_that_another_owns_is_not_taken_silently(stack: Stack, place: Kubectl) -> None:
    stack.program(shop(replicas=1))
    stack.up()
    place("scale", "deployment", "shop", "--replicas=2")
    stack.program(shop(replicas=3))

    with pytest.raises(CommandFailed, match=r"conflict.*kubectl.*patchForce"):
        stack.up()


@pytest.mark.usefixtures("place")
def test_what_nobody_touched_does_not_drift(stack: Stack) -> None:
    stack.program(shop())
    stack.up()

    assert stack.preview("--refresh") == {}


def test_a_field_that_is_fixed_for_life_replaces_the_object(stack: Stack, place: Kubectl) -> None:
    stack.program(shop())
    stack.up()
    stack.program(shop(cluster_ip="None"))

    shown = stack.preview()
    changes = stack.up()

    assert shown["shop-service"] == "replace"
    assert changes["same"] == 3
    assert len(list_at(place.get("services"), "items")) == 1


@pytest.mark.usefixtures("place")
def test_a_deployment_that_does_not_start_fails_the_update_with_its_reason(stack: Stack) -> None:
    broken = shop(annotations={"pulumi.com/timeoutSeconds": "15"}).replace(
        "httpd -f -p 8000", "echo no database; exit 3"
    )
    stack.program(broken)

    with pytest.raises(CommandFailed) as failed:
        stack.up()

    assert "pods: 0 of 1 available" in str(failed.value)
    assert "container shop ended with status 3" in str(failed.value)
    assert '"shop"' in stack.state()


def test_destroying_leaves_nothing(stack: Stack, place: Kubectl) -> None:
    stack.program(shop())
    stack.up()

    stack.pulumi("destroy", "--yes", "--skip-preview")

    assert place.get("deployments,services,secrets,pods")["items"] == []


@pytest.mark.usefixtures("place")
def test_an_invalid_object_is_refused_in_the_preview(stack: Stack) -> None:
    stack.program(shop().replace('"port": 80', '"port": 800000'))

    with pytest.raises(CommandFailed, match="must be between 1 and 65535"):
        stack.preview()


def test_an_object_that_is_there_already_can_be_read_and_imported(stack: Stack, place: Kubectl) -> None:
    place("create", "configmap", "there", "--from-literal=key=value")
    name = f"{place.namespace}/there"
    stack.program(f"""
        found = k8s.core.v1.ConfigMap.get("found", "{name}")
        pulumi.export("value", found.data.apply(lambda data: data["key"]))
        k8s.core.v1.ConfigMap(
            "taken",
            metadata={{"name": "there", "namespace": "{place.namespace}"}},
            data={{"key": "value"}},
            opts=pulumi.ResourceOptions(import_="{name}"),
        )
    """)

    changes = stack.up()

    assert stack.output("value") == "value"
    assert changes["import"] == 1


def test_a_patch_owns_its_fields_alone_and_gives_them_back(stack: Stack, place: Kubectl) -> None:
    place("create", "configmap", "shared", "--from-literal=theirs=1")
    stack.program(f"""
        k8s.core.v1.ConfigMapPatch(
            "ours", metadata={{"name": "shared", "namespace": "{place.namespace}"}}, data={{"ours": "2"}}
        )
    """)

    stack.up()
    patched = object_at(place.get("configmap", "shared"), "data")
    stack.program("")
    stack.up()

    assert patched == {"theirs": "1", "ours": "2"}
    assert object_at(place.get("configmap", "shared"), "data") == {"theirs": "1"}


def test_a_stack_is_rendered_into_files_without_a_cluster(stack: Stack, tmp_path: Path) -> None:
    stack.program(f"""
        files = k8s.Provider("files", render_yaml_to_directory="{tmp_path}/out", kubeconfig="none")
        k8s.core.v1.Namespace("shop", metadata={{"name": "shop"}}, opts=pulumi.ResourceOptions(provider=files))
    """)

    stack.up()

    assert [path.name for path in (tmp_path / "out").rglob("*.yaml")] == ["v1-namespace-shop.yaml"]


PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def refuse(arguments, report):
    if arguments.resource_type == "kubernetes:core/v1:ConfigMap" and not arguments.props.get("immutable"):
        report("it may change")


PolicyPack(
    name="tried",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[ResourceValidationPolicy(name="fixed", description="ConfigMaps are immutable.", validate=refuse)],
)
"""


def test_a_policy_pack_judges_a_stack(stack: Stack, place: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> None:
    pack = tmp_path_factory.mktemp("pack")
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text(PACK)
    program = 'k8s.core.v1.ConfigMap("settings", metadata={{"namespace": "{}"}}, immutable={})\n'

    stack.program(program.format(place.namespace, "True"))
    allowed = stack.preview("--policy-pack", str(pack))
    stack.program(program.format(place.namespace, "False"))

    assert allowed["settings"] == "create"
    with pytest.raises(CommandFailed, match=r"\[mandatory\]  fixed[^$]*it may change"):
        stack.pulumi("preview", "--policy-pack", str(pack))
