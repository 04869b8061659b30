import base64
import json
import ssl
from pathlib import Path

import pytest

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Object, secret
from tests.lab.kubernetes import kubeconfig
from tests.lab.kubernetes.objects import Kind, is_cluster_wide, kind_of_type, stub
from tests.lab.kubernetes.rendering import forget, place, render
from tests.lab.kubernetes.settings import settings
from tests.lab.kubernetes.yaml_files import decoded


def config(**user: str) -> Object:
    return {
        "clusters": [{"name": "lab", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "admin", "user": {**user}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "admin", "namespace": "souk"}}],
        "current-context": "lab",
    }


def test_a_provider_is_told_things_as_text() -> None:
    found = settings({"enableConfigMapMutable": "true", "namespace": secret("souk"), "version": "4.34.2"}, {})

    assert found.mutable == {"ConfigMap"}
    assert found.namespace == "souk"


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="unknown field `namespaces`"):
        settings({"namespaces": "souk"}, {})


def test_client_side_apply_is_refused() -> None:
    with pytest.raises(Refused, match="server-side apply only"):
        settings({"enableServerSideApply": "false"}, {})


def test_the_environment_may_take_fields_over() -> None:
    assert settings({}, {"PULUMI_K8S_ENABLE_PATCH_FORCE": "true"}).enable_patch_force


def test_a_kubeconfig_may_be_given_as_its_text_or_its_path(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(json.dumps(config(token="t")))

    for given in (json.dumps(config(token="t")), str(file)):
        assert kubeconfig.find(given, {}).namespace == "souk"
    assert kubeconfig.find("", {"KUBECONFIG": f"{file}:/elsewhere"}).user == {"token": "t"}


def test_a_context_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="no context 'prod'"):
        kubeconfig.find(json.dumps(config()), {}, context="prod")


def test_a_token_proves_who_asks(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    access = kubeconfig.choose(config(tokenFile="token"), folder=tmp_path, context="", cluster="")

    assert kubeconfig.client(access).headers["Authorization"] == "Bearer from-a-file"


def test_a_kubeconfig_that_logs_in_by_a_program_is_left_to_the_official_plugin() -> None:
    access = kubeconfig.choose(config(exec="aws"), folder=Path(), context="", cluster="")

    with pytest.raises(Refused, match="official plugin"):
        kubeconfig.client(access)


@pytest.mark.parametrize(
    ("token", "api_version", "name"),
    [
        ("kubernetes:core/v1:ConfigMap", "v1", "ConfigMap"),
        ("kubernetes:apps/v1:Deployment", "apps/v1", "Deployment"),
        ("kubernetes:core/v1:ServiceAccountPatch", "v1", "ServiceAccount"),
        ("kubernetes:monitoring.coreos.com/v1:ServiceMonitor", "monitoring.coreos.com/v1", "ServiceMonitor"),
    ],
)
def test_a_type_of_the_engine_names_a_kind(token: str, api_version: str, name: str) -> None:
    assert kind_of_type(token) == Kind(api_version=api_version, name=name)


def test_a_custom_kind_is_not_taken_for_a_built_in_one_of_its_name() -> None:
    assert is_cluster_wide(Kind(api_version="networking.k8s.io/v1", name="IngressClass"))
    assert not is_cluster_wide(Kind(api_version="example.com/v1", name="Node"))


def test_an_id_says_name_and_namespace() -> None:
    kind = Kind(api_version="v1", name="Pod")

    assert stub(kind, "souk/orders")["metadata"] == {"name": "orders", "namespace": "souk"}
    assert stub(kind, "orders")["metadata"] == {"name": "orders"}


def test_an_object_is_rendered_into_a_file_of_its_own_and_definitions_come_first(tmp_path: Path) -> None:
    pod: Object = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "orders", "namespace": "souk"}}
    definition: Object = {"apiVersion": "a.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "as.a.io"}}

    for manifest in (pod, definition):
        render(tmp_path, manifest)

    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*.yaml"))] == [
        "0-crd/a.io_v1-customresourcedefinition-as.a.io.yaml",
        "1-manifest/apps_v1-deployment-souk-orders.yaml",
    ]
    assert decoded({"text": place(tmp_path, pod).read_text()}) == [pod]


def test_a_rendered_object_that_goes_takes_its_file_along(tmp_path: Path) -> None:
    pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "orders"}}
    render(tmp_path, pod)

    forget(tmp_path, pod)
    forget(tmp_path, pod)

    assert list(tmp_path.rglob("*.yaml")) == []


def test_a_file_of_yaml_is_taken_apart_into_objects() -> None:
    text = "kind: A\n---\n---\nkind: List\nitems: [{kind: B, metadata: {namespace: own}}]\n"

    found = decoded({"text": text, "defaultNamespace": "souk"})

    assert found == [{"kind": "A", "metadata": {"namespace": "souk"}}, {"kind": "B", "metadata": {"namespace": "own"}}]


def test_certificates_may_be_in_the_file_itself() -> None:
    loaded = config()
    encoded = base64.b64encode(b"no certificate").decode()
    loaded["clusters"] = [{"name": "lab", "cluster": {"certificate-authority-data": encoded}}]
    access = kubeconfig.choose(loaded, folder=Path(), context="", cluster="")

    with pytest.raises(ssl.SSLError, match="does not contain a certificate"):
        kubeconfig.client(access)
