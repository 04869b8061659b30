"""Where the lab keeps what it runs on, and on which addresses it answers. It runs as root: the folder is fixed."""

from pathlib import Path

from msgspec import Struct

POD_NETWORK = "10.85.0.0/16"
POD_GATEWAY = "10.85.0.1"
SERVICE_NETWORK = "10.96.0.0/16"
FIRST_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
NODE = "lab"
API_PORT = 26443
ETCD_PORT = 22379
HTTP_PORT = 8080
HTTPS_PORT = 8443


class Places(Struct, frozen=True):
    """Everything below one folder, which `down` removes."""

    root: Path = Path("/var/lib/souk-lab")

    @property
    def run(self) -> Path:
        """Sockets, and the numbers of the processes."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def bin(self) -> Path:
        """Goes in front of the PATH: the engine's programs and the stand-ins for its plugins."""
        return self.root / "bin"

    @property
    def kubeconfig(self) -> Path:
        return self.root / "kubeconfig"

    @property
    def containerd(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def docker(self) -> Path:
        return self.run / "docker.sock"

    @property
    def volumes(self) -> Path:
        """Contents of persistent volumes."""
        return self.root / "volumes"
