import httpx
import pytest

from tests.lab.cluster.places import HTTP_PORT
from tests.lab.engine.wire import Json, Object, list_at, text_at
from tests.lab.terminal import CommandFailed, Kubectl, Terminal, eventually

pytestmark = pytest.mark.lab

SERVER = ("httpd", "-f", "-p", "8000", "-h", "/bin")


def service(name: str) -> Object:
    ports: Json = [{"port": 80, "targetPort": 8000}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"run": name}, "ports": ports},
    }


def lets_in_only(allowed: str, to: str) -> Object:
    peers: Json = [{"podSelector": {"matchLabels": {"run": allowed}}}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "lets-in"},
        "spec": {"podSelector": {"matchLabels": {"run": to}}, "ingress": [{"from": peers}]},
    }


def reaches(kubectl: Kubectl, client: str, server: str) -> bool:
    asked = f"printf 'GET /sh HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {server} 80 | head -c 12"
    return "200" in kubectl("exec", client, "--", "sh", "-c", asked)


def test_the_node_is_ready_and_of_the_pinned_version(terminal: Terminal) -> None:
    said = terminal.run("kubectl", "get", "nodes", "--no-headers")

    assert said.split()[1] == "Ready"
    assert "v1.34." in said


def test_a_pod_finds_a_service_by_its_name(namespace: Kubectl) -> None:
    namespace.apply(service("server"))
    namespace.run_pod("server", *SERVER)
    namespace.run_pod("client", "sleep", "600")

    assert eventually(lambda: reaches(namespace, "client", "server"), timeout_s=20)
    assert "10.96.0.1" in namespace("exec", "client", "--", "nslookup", "kubernetes.default.svc.cluster.local")


def test_a_volume_is_bound_and_outlives_its_pod(namespace: Kubectl) -> None:
    claim: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}},
    }
    namespace.apply(claim, pod_with("writer", "data", "echo kept > /data/file && sleep 600"))
    namespace("wait", "--for=condition=Ready", "pod/writer", "--timeout=90s")
    namespace("delete", "pod", "writer", "--grace-period=1")

    namespace.apply(pod_with("reader", "data", "cat /data/file && sleep 600"))
    namespace("wait", "--for=condition=Ready", "pod/reader", "--timeout=90s")

    assert namespace("logs", "reader") == "kept\n"
    assert text_at(namespace.get("pvc", "data"), "status", "phase") == "Bound"


def pod_with(name: str, claim: str, script: str) -> Object:
    container: Json = {
        "name": name,
        "image": "docker.io/souk-lab/shell:1",
        "command": ["sh", "-c", script],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    volume: Json = {"name": "data", "persistentVolumeClaim": {"claimName": claim}}
    spec: Json = {"containers": [container], "volumes": [volume]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def test_a_network_policy_lets_one_pod_in_and_refuses_another(namespace: Kubectl) -> None:
    namespace.apply(service("server"))
    namespace.run_pod("server", *SERVER)
    for client in ("friend", "stranger"):
        namespace.run_pod(client, "sleep", "600")
    assert eventually(lambda: reaches(namespace, "stranger", "server"), timeout_s=20)

    namespace.apply(lets_in_only("friend", "server"))

    assert eventually(lambda: not reaches(namespace, "stranger", "server"), timeout_s=40)
    assert reaches(namespace, "friend", "server")


def test_the_use_of_cpu_and_memory_is_told(terminal: Terminal) -> None:
    assert eventually(lambda: "lab" in terminal.run("kubectl", "top", "node"), timeout_s=60)
    assert eventually(lambda: "coredns" in terminal.run("kubectl", "top", "pod", "--all-namespaces"), timeout_s=60)


def test_an_ingress_leads_from_this_machine_to_a_pod(namespace: Kubectl) -> None:
    backend: Json = {"service": {"name": "server", "port": {"number": 80}}}
    rule: Json = {
        "host": "souk.localhost",
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    ingress: Object = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "souk"},
        "spec": {"rules": [rule]},
    }
    namespace.run_pod("server", *SERVER)
    namespace.apply(service("server"), ingress)

    def answers() -> bool:
        url = f"http://127.0.0.1:{HTTP_PORT}/sh"
        return httpx.get(url, headers={"Host": "souk.localhost"}, timeout=5, trust_env=False).status_code == 200

    assert eventually(answers, timeout_s=60)
    assert list_at(namespace.get("ingress", "souk"), "status", "loadBalancer", "ingress") == [{"ip": "127.0.0.1"}]


def test_a_namespace_may_be_held_to_restricted_pods(namespace: Kubectl) -> None:
    namespace("label", "namespace", namespace.namespace, "pod-security.kubernetes.io/enforce=restricted")

    with pytest.raises(CommandFailed, match='violates PodSecurity "restricted:latest"'):
        namespace.run_pod("root", "sleep", "600")
