"""Writes what the parts of a node read when they start."""

import json
from pathlib import Path

from tests.lab.cluster.pki import token
from tests.lab.cluster.places import API_PORT, DNS_SERVICE, POD_NETWORK, Places

_PAUSE = "docker.io/souk-lab/pause:1"


def write(places: Places) -> None:
    """All of them, over what was there."""
    for folder in (places.run, places.logs, places.bin, places.volumes, places.root / "cni"):
        folder.mkdir(parents=True, exist_ok=True)
    write_kubeconfig(places.kubeconfig, f"https://127.0.0.1:{API_PORT}", places.pki)
    (places.root / "containerd.toml").write_text(_containerd(places))
    (places.root / "cni" / "10-lab.conflist").write_text(json.dumps(_network(places), indent=2))
    # JSON is YAML.
    (places.root / "kubelet.yaml").write_text(json.dumps(_kubelet(places), indent=2))


def write_kubeconfig(target: Path, server: str, pki: Path) -> None:
    """For the admin of the control plane whose certificates these are."""
    cluster = {"server": server, "certificate-authority": str(pki / "ca.crt")}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "souk-lab", "cluster": cluster}],
        "users": [{"name": "admin", "user": {"token": token(pki)}}],
        "contexts": [{"name": "souk-lab", "context": {"cluster": "souk-lab", "user": "admin"}}],
        "current-context": "souk-lab",
    }
    target.write_text(json.dumps(content, indent=2))
    target.chmod(0o600)


def _containerd(places: Places) -> str:
    # Debian has the network plugins in /usr/lib/cni. Without CAP_SYS_RESOURCE no process may lower its own
    # oom_score_adj, and no pod would start: the restriction keeps containerd from trying.
    return f"""version = 2
root = "{places.root}/containerd"
state = "{places.run}/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{places.containerd}"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "{_PAUSE}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{_plugins()}"
    conf_dir = "{places.root}/cni"
"""


def _plugins() -> Path:
    debian = Path("/usr/lib/cni")
    return debian if debian.is_dir() else Path("/opt/cni/bin")


def _network(places: Places) -> object:
    addresses = {
        "type": "host-local",
        "dataDir": str(places.root / "cni-addresses"),
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "souk-lab", "plugins": [{**bridge, "ipam": addresses}, ports]}


def _kubelet(places: Places) -> object:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(places.pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        # Kubernetes 1.34 still runs where cgroups are of the first version, and there is no systemd to drive them.
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{places.containerd}",
        "evictionHard": {"imagefs.available": "1%", "memory.available": "100Mi", "nodefs.available": "1%"},
        "failSwapOn": False,
        # There is no registry to pull a collected image from again.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "podLogsDir": str(places.root / "pod-logs"),
        "resolvConf": _resolvers(places),
        "volumePluginDir": str(places.root / "volume-plugins"),
    }


def _resolvers(places: Places) -> str:
    """Pods ask the cluster's DNS, and that asks nobody: the lab needs no names from outside."""
    file = places.root / "resolv.conf"
    file.write_text("")
    return str(file)
