"""The processes of a one-node Kubernetes and how each is started, in the order in which they need one another."""

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
from msgspec import Struct

from tests.lab.cluster.pki import token
from tests.lab.cluster.places import API_PORT, ETCD_PORT, NODE, POD_GATEWAY, POD_NETWORK, SERVICE_NETWORK, Places


class Component(Struct, frozen=True, kw_only=True):
    """One process."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    timeout_s: float = 60.0


def components(places: Places, programs: Path) -> list[Component]:
    """Of the node and its control plane; `programs` has what was built from Go modules."""
    return [
        _containerd(places),
        etcd("etcd", places.root / "etcd", port=ETCD_PORT, peers=ETCD_PORT + 1),
        _api_server(places, programs),
        _controllers(places, programs),
        _scheduler(places, programs),
        _kubelet(places, programs),
        _proxy(places, programs),
        _policies(places, programs),
    ]


def docker(places: Places, kept: Path) -> Component:
    """Builds images, where no docker daemon runs; without networks of its own. What it has built is `kept`."""
    command = [
        "dockerd",
        f"--host=unix://{places.docker}",
        f"--data-root={kept}",
        f"--exec-root={places.run}/docker",
        f"--pidfile={places.run}/dockerd.lock",
        f"--containerd={places.containerd}",
        "--bridge=none",
        "--iptables=false",
        "--ip-forward=false",
        "--ip-masq=false",
    ]
    ask = ["docker", "--host", f"unix://{places.docker}", "version"]
    return Component(name="docker", command=command, is_ready=lambda: _succeeds(ask))


def _containerd(places: Places) -> Component:
    command = ["containerd", "--config", f"{places.root}/containerd.toml", "--log-level", "warn"]
    ask = ["ctr", "--address", str(places.containerd), "version"]
    return Component(name="containerd", command=command, is_ready=lambda: _succeeds(ask))


def etcd(program: str, folder: Path, *, port: int, peers: int) -> Component:
    """The only member of its cluster, on two ports of 127.0.0.1."""
    own, other = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    command = [
        program,
        f"--data-dir={folder}",
        f"--listen-client-urls={own}",
        f"--advertise-client-urls={own}",
        f"--listen-peer-urls={other}",
        f"--initial-advertise-peer-urls={other}",
        f"--initial-cluster=default={other}",
        # A lab that loses power is made anew.
        "--unsafe-no-fsync",
    ]
    return Component(name="etcd", command=command, is_ready=lambda: answers(f"{own}/health"))


def _api_server(places: Places, programs: Path) -> Component:
    pki = places.pki
    command = [
        str(programs / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{ETCD_PORT}",
        "--bind-address=0.0.0.0",
        # The bridge of the pods: the one address of this node that pods always reach.
        f"--advertise-address={POD_GATEWAY}",
        f"--secure-port={API_PORT}",
        f"--tls-cert-file={pki}/api.crt",
        f"--tls-private-key-file={pki}/api.key",
        f"--client-ca-file={pki}/ca.crt",
        f"--token-auth-file={pki}/tokens.csv",
        f"--service-account-key-file={pki}/sa.key",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=Node,RBAC",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--allow-privileged",
        f"--kubelet-client-certificate={pki}/client.crt",
        f"--kubelet-client-key={pki}/client.key",
        "--kubelet-preferred-address-types=InternalIP",
        *_aggregation(pki),
        "--endpoint-reconciler-type=lease",
    ]
    is_ready = _secure(places, "/readyz")
    return Component(name="kube-apiserver", command=command, is_ready=is_ready, timeout_s=120.0)


def _aggregation(pki: Path) -> list[str]:
    """What an API behind the API server, such as that of metrics, needs to trust it."""
    return [
        f"--requestheader-client-ca-file={pki}/ca.crt",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/client.crt",
        f"--proxy-client-key-file={pki}/client.key",
    ]


def _controllers(places: Places, programs: Path) -> Component:
    command = [
        str(programs / "kube-controller-manager"),
        f"--kubeconfig={places.kubeconfig}",
        f"--service-account-private-key-file={places.pki}/sa.key",
        f"--root-ca-file={places.pki}/ca.crt",
        "--use-service-account-credentials",
        "--leader-elect=false",
        # A test of scaling should not take the usual five minutes to see a Deployment shrink.
        "--horizontal-pod-autoscaler-sync-period=5s",
        "--horizontal-pod-autoscaler-downscale-stabilization=30s",
    ]
    return Component(name="kube-controller-manager", command=command, is_ready=_healthy(10257))


def _scheduler(places: Places, programs: Path) -> Component:
    command = [str(programs / "kube-scheduler"), f"--kubeconfig={places.kubeconfig}", "--leader-elect=false"]
    return Component(name="kube-scheduler", command=command, is_ready=_healthy(10259))


def _kubelet(places: Places, programs: Path) -> Component:
    command = [
        str(programs / "kubelet"),
        f"--config={places.root}/kubelet.yaml",
        f"--kubeconfig={places.kubeconfig}",
        f"--hostname-override={NODE}",
        f"--root-dir={places.root}/kubelet",
        f"--cert-dir={places.root}/kubelet/pki",
    ]
    return Component(name="kubelet", command=command, is_ready=lambda: answers("http://127.0.0.1:10248/healthz"))


def _proxy(places: Places, programs: Path) -> Component:
    command = [
        str(programs / "kube-proxy"),
        f"--kubeconfig={places.kubeconfig}",
        f"--hostname-override={NODE}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={POD_NETWORK}",
    ]
    is_ready = lambda: answers("http://127.0.0.1:10256/healthz")  # noqa: E731 - as the others pass theirs.
    return Component(name="kube-proxy", command=command, is_ready=is_ready)


def _policies(places: Places, programs: Path) -> Component:
    """The bridge enforces no NetworkPolicy; kube-router's firewall does, and nothing else of it runs."""
    command = [
        str(programs / "kube-router"),
        f"--kubeconfig={places.kubeconfig}",
        f"--hostname-override={NODE}",
        "--run-firewall=true",
        "--run-router=false",
        "--run-service-proxy=false",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--iptables-sync-period=30s",
        "--health-port=20244",
    ]
    is_ready = lambda: answers("http://127.0.0.1:20244/healthz")  # noqa: E731 - as the others pass theirs.
    return Component(name="kube-router", command=command, is_ready=is_ready)


def _secure(places: Places, path: str) -> Callable[[], bool]:
    def asks() -> bool:
        headers = {"Authorization": f"Bearer {token(places.pki)}"}
        return answers(f"https://127.0.0.1:{API_PORT}{path}", headers)

    return asks


def _healthy(port: int) -> Callable[[], bool]:
    return lambda: answers(f"https://127.0.0.1:{port}/healthz")


def answers(url: str, headers: dict[str, str] | None = None) -> bool:
    """Whether there is a server that is content; its certificate may be its own."""
    try:
        # Loopback, and certificates that these programs make for themselves.
        return httpx.get(url, headers=headers, verify=False, timeout=2.0, trust_env=False).is_success  # noqa: S501
    except httpx.HTTPError:
        return False


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
