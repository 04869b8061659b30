"""The processes of a Kubernetes without nodes, in the order in which they need one another."""

import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from tests.lab.cluster.components import Component, answers, etcd
from tests.lab.cluster.pki import token

SERVICE_NETWORK = "10.96.0.0/16"
# The node controller would want heartbeats; simulated nodes have no hearts.
_CONTROLLERS = "*,-node-lifecycle-controller,-node-ipam-controller,-cloud-node-lifecycle-controller"


class Ports(Struct, frozen=True, kw_only=True):
    """On 127.0.0.1."""

    etcd: int
    peers: int
    api: int
    controllers: int
    scheduler: int
    simulation: int


class Ground(Struct, frozen=True, kw_only=True):
    """What one control plane stands on."""

    folder: Path
    programs: Path
    ports: Ports

    @property
    def pki(self) -> Path:
        return self.folder / "pki"

    @property
    def kubeconfig(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.ports.api}"


def free_ports() -> Ports:
    """Nobody listens there now."""
    with ExitStack() as open_sockets:
        found = [open_sockets.enter_context(socket.socket()) for _ in Ports.__struct_fields__]
        for one in found:
            one.bind(("127.0.0.1", 0))
        numbers = [one.getsockname()[1] for one in found]
    return Ports(**dict(zip(Ports.__struct_fields__, numbers, strict=True)))


def store(ground: Ground) -> Component:
    program, ports = str(ground.programs / "etcd"), ground.ports
    return etcd(program, ground.folder / "etcd", port=ports.etcd, peers=ports.peers)


def api_server(ground: Ground) -> Component:
    pki = ground.pki
    command = [
        str(ground.programs / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{ground.ports.etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        f"--secure-port={ground.ports.api}",
        f"--tls-cert-file={pki}/api.crt",
        f"--tls-private-key-file={pki}/api.key",
        f"--client-ca-file={pki}/ca.crt",
        f"--token-auth-file={pki}/tokens.csv",
        f"--service-account-key-file={pki}/sa.key",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=RBAC",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        # Nobody would take the taint of a new node away again: see the controllers.
        "--disable-admission-plugins=TaintNodesByCondition",
        # What asks here is few and trusted, and in a hurry.
        "--max-requests-inflight=0",
        "--enable-priority-and-fairness=false",
    ]
    headers = {"Authorization": f"Bearer {token(pki)}"}
    is_ready = lambda: answers(f"{ground.url}/readyz", headers)  # noqa: E731 - as the others pass theirs.
    return Component(name="kube-apiserver", command=command, is_ready=is_ready, timeout_s=120.0)


def controllers(ground: Ground) -> Component:
    command = [
        str(ground.programs / "kube-controller-manager"),
        f"--kubeconfig={ground.kubeconfig}",
        f"--service-account-private-key-file={ground.pki}/sa.key",
        f"--root-ca-file={ground.pki}/ca.crt",
        f"--controllers={_CONTROLLERS}",
        "--use-service-account-credentials=false",
        "--leader-elect=false",
        f"--secure-port={ground.ports.controllers}",
        *_eager(),
    ]
    return Component(name="kube-controller-manager", command=command, is_ready=_healthy(ground.ports.controllers))


def scheduler(ground: Ground) -> Component:
    command = [
        str(ground.programs / "kube-scheduler"),
        f"--kubeconfig={ground.kubeconfig}",
        "--leader-elect=false",
        f"--secure-port={ground.ports.scheduler}",
        *_eager(),
    ]
    return Component(name="kube-scheduler", command=command, is_ready=_healthy(ground.ports.scheduler))


def simulation(ground: Ground, stages: Path) -> Component:
    """Plays kubelet, volumes, ingress controller and operators; what they do is written in `stages`."""
    address = f"127.0.0.1:{ground.ports.simulation}"
    command = [
        str(ground.programs / "kwok"),
        f"--kubeconfig={ground.kubeconfig}",
        f"--config={stages}",
        "--manage-all-nodes",
        "--node-lease-duration-seconds=0",
        f"--server-address={address}",
    ]
    return Component(name="kwok", command=command, is_ready=lambda: answers(f"http://{address}/healthz"))


def _eager() -> list[str]:
    return ["--kube-api-qps=500", "--kube-api-burst=1000", "--bind-address=127.0.0.1"]


def _healthy(port: int) -> Callable[[], bool]:
    return lambda: answers(f"https://127.0.0.1:{port}/healthz")
