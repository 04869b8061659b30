"""Remembers how the machine was before the lab, and makes it so again: mounts, rules, links, settings, folders."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from tests.lab.cluster.places import Places

# What the kubelet, kube-proxy and the bridge set for the whole machine.
_SETTINGS = (
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/bridge/bridge-nf-call-iptables",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/ip_forward",
    "net/ipv4/vs/conntrack",
    "net/netfilter/nf_conntrack_max",
    "net/netfilter/nf_conntrack_tcp_timeout_close_wait",
    "net/netfilter/nf_conntrack_tcp_timeout_established",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
# What they make outside the lab's folder, their paths being fixed.
_FOLDERS = (
    "/opt/cni",
    "/run/containerd",
    "/run/docker",
    "/run/netns",
    "/usr/libexec/kubernetes",
    "/var/lib/cni",
    "/var/lib/dockershim",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/var/run/kubernetes",
)
_GROUPS = ("docker", "k8s.io", "kubepods", "system.slice")
_SYSCTL = Path("/proc/sys")
_OURS = re.compile(r"\b(KUBE|CNI)-[\w-]+")


class Before(Struct, frozen=True):
    """The machine without the lab."""

    settings: dict[str, str]
    folders: list[str]


def remember(places: Places) -> None:
    """Once; a second `up` finds the lab's own traces."""
    note = places.root / "before.json"
    if note.exists():
        return
    settings = {name: (_SYSCTL / name).read_text().strip() for name in _SETTINGS if (_SYSCTL / name).exists()}
    there = [path for path in (*_FOLDERS, *_groups()) if Path(path).exists()]
    places.root.mkdir(parents=True, exist_ok=True, mode=0o755)
    note.write_bytes(msgspec.json.encode(Before(settings, there)))


def restore(places: Places) -> None:
    """When no process of the lab runs any more. The lab's own folder goes last, since it says how it was."""
    note = places.root / "before.json"
    if not note.exists():
        return
    before = msgspec.json.decode(note.read_bytes(), type=Before)
    _end_shims(places)
    _unmount(places)
    _run("ip", "link", "delete", "cni0")
    for tool in ("iptables", "ip6tables"):
        _drop_rules(tool)
    _drop_sets()
    for path in {*_FOLDERS, *_groups()} - {*before.folders}:
        _remove(Path(path))
    for name, value in before.settings.items():
        (_SYSCTL / name).write_text(value)
    shutil.rmtree(places.root, ignore_errors=True)


def undoing(saved: str) -> str:
    """Of what `iptables-save` prints: what takes out the rules and chains of Kubernetes and its networks alone."""
    undone = []
    for table in saved.split("*")[1:]:
        lines = table.splitlines()
        chains = [line[1:].split()[0] for line in lines if line.startswith(":") and _OURS.match(line[1:])]
        hooks = [line for line in lines if line.startswith("-A") and _OURS.search(line)]
        leads = [f"-D{line[2:]}" for line in hooks if not _OURS.match(line.split()[1])]
        undone += [f"*{lines[0]}", *leads, *(f"-F {one}" for one in chains), *(f"-X {one}" for one in chains), "COMMIT"]
    return "".join(f"{line}\n" for line in undone)


def mounted(table: str, below: Sequence[str]) -> list[str]:
    """Mount points of /proc/self/mountinfo that begin so, inner ones first."""
    points = [line.split()[4].replace("\\040", " ") for line in table.splitlines()]
    return sorted((point for point in points if point.startswith(tuple(below))), key=len, reverse=True)


def _end_shims(places: Places) -> None:
    """Containerd leaves the parents of its containers behind; those that name its socket are this lab's."""
    for process in psutil.process_iter(["cmdline"]):
        with contextlib.suppress(psutil.NoSuchProcess):
            line = process.info["cmdline"] or []
            if line and "containerd-shim" in line[0] and str(places.containerd) in line:
                for one in (*process.children(recursive=True), process):
                    one.kill()


def _unmount(places: Places) -> None:
    below = [f"{places.root}/", "/run/containerd/", "/run/netns/cni-", "/var/run/netns/cni-"]
    for point in mounted(Path("/proc/self/mountinfo").read_text(), below):
        _run("umount", "--lazy", point)
    for space in Path("/run/netns").glob("cni-*"):
        space.unlink(missing_ok=True)


def _drop_rules(tool: str) -> None:
    saved = _run(f"{tool}-save")
    if _OURS.search(saved):
        subprocess.run([f"{tool}-restore", "--noflush"], input=undoing(saved), text=True, check=False)


def _drop_sets() -> None:
    names = _run("ipset", "list", "-name").split()
    ours = [name for name in names if name.removeprefix("inet6:").upper().startswith("KUBE-")]
    for name in ours:
        _run("ipset", "destroy", name)


def _groups() -> Iterator[str]:
    for controller in Path("/sys/fs/cgroup").glob("*"):
        yield from (str(controller / name) for name in _GROUPS)


def _remove(path: Path) -> None:
    if not path.exists():
        return
    if path.is_relative_to("/sys"):
        # Control groups hold files that cannot be removed, and go when they are empty of processes.
        for folder in sorted((one for one in path.rglob("*") if one.is_dir()), key=lambda one: -len(one.parts)):
            _drop(folder)
        _drop(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _drop(group: Path) -> None:
    # One that still has processes stays, as does one that went by itself.
    with contextlib.suppress(OSError):
        group.rmdir()


def _run(*command: str) -> str:
    """What it prints; a thing that is not there needs no removing, so failures are let be."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
