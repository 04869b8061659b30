"""Makes images without a builder, one program each, and gives images to the lab's containerd."""

import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

_SHELL = ("cat", "chmod", "cp", "echo", "head", "httpd", "ls", "mkdir", "mv", "nc", "nslookup", "rm", "sh", "sleep")
_TOOLS = (*_SHELL, "tail", "test", "touch", "true")


class Image(Struct, frozen=True, kw_only=True):
    """A static program and the links to it, on nothing."""

    name: str
    program: Path
    links: Sequence[str] = ()

    @property
    def reference(self) -> str:
        """Never pulled: of a registry that is not asked."""
        return f"docker.io/souk-lab/{self.name}:1"


def images(programs: Path, busybox: Path) -> list[Image]:
    """Those that the lab's own pods run; `shell` is for pods of tests and for making volumes."""
    built = ("pause", "coredns", "local-path-provisioner", "metrics-server", "ingress")
    shell = Image(name="shell", program=busybox, links=[f"bin/{name}" for name in _TOOLS])
    return [*(Image(name=name, program=programs / name) for name in built), shell]


class Containerd:
    """The image store of one containerd, as the kubelet sees it."""

    def __init__(self, socket: Path) -> None:
        self._ctr = ["ctr", "--address", str(socket), "--namespace", "k8s.io"]

    def names(self) -> set[str]:
        """The images that are there."""
        return set(self._run("images", "ls", "--quiet").split())

    def load(self, wanted: Sequence[Image], scratch: Path) -> None:
        """Make and import those that are not there."""
        there = self.names()
        for image in wanted:
            if image.reference not in there:
                archive = scratch / f"{image.name}.tar"
                write_archive(image, archive)
                self._run("images", "import", str(archive))
                archive.unlink()

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([*self._ctr, *arguments], capture_output=True, text=True, check=True)
        return done.stdout


def write_archive(image: Image, target: Path) -> None:
    """In the form of `docker save`; the same program gives the same bytes."""
    layer = target.with_suffix(".layer")
    with tarfile.open(layer, "w") as inside:
        _fill(inside, image)
    digest = hashlib.sha256(layer.read_bytes()).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": [f"/{image.program.name}"] if not image.links else None, "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [image.reference], "Layers": ["layer.tar"]}]
    with tarfile.open(target, "w") as archive:
        archive.add(layer, "layer.tar", filter=_plain)
        _text(archive, "config.json", json.dumps(config))
        _text(archive, "manifest.json", json.dumps(manifest))
    layer.unlink()


def _fill(layer: tarfile.TarFile, image: Image) -> None:
    for folder, mode in (("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777)):
        entry = tarfile.TarInfo(folder)
        entry.type, entry.mode = tarfile.DIRTYPE, mode
        layer.addfile(entry)
    layer.add(image.program.resolve(), image.program.name, filter=_plain)
    for link in image.links:
        entry = tarfile.TarInfo(link)
        entry.type, entry.linkname = tarfile.SYMTYPE, f"/{image.program.name}"
        layer.addfile(entry)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.mode = 0, 0, 0, "", "", 0o755
    return entry


def _text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    archive.addfile(entry, io.BytesIO(text.encode()))
