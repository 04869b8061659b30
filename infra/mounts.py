"""What a container finds in its file system beside its image."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMapVolumeSourceArgs,
    EmptyDirVolumeSourceArgs,
    KeyToPathArgs,
    SecretVolumeSourceArgs,
    VolumeArgs,
    VolumeMountArgs,
)

READABLE = 0o440
RUNNABLE = 0o550


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume and where it is seen. `volume` is None where the pod gets it otherwise, as from a claim template."""

    volume: VolumeArgs | None
    mount: VolumeMountArgs


def mount_config(name: str, config_map: pulumi.Input[str], path: str, *, mode: int = READABLE) -> Mount:
    """Each entry of the ConfigMap as a file."""
    return Mount(
        volume=VolumeArgs(name=name, config_map=ConfigMapVolumeSourceArgs(name=config_map, default_mode=mode)),
        mount=VolumeMountArgs(name=name, mount_path=path, read_only=True),
    )


def mount_secret(name: str, secret: pulumi.Input[str], path: str, *, only: Sequence[str] = ()) -> Mount:
    """Each entry of the Secret as a file, or those named in `only`, for the pod's group alone."""
    items = [KeyToPathArgs(key=key, path=key) for key in only]
    source = SecretVolumeSourceArgs(secret_name=secret, default_mode=READABLE, items=items or None)
    return Mount(
        volume=VolumeArgs(name=name, secret=source),
        mount=VolumeMountArgs(name=name, mount_path=path, read_only=True),
    )


def scratch(name: str, path: str, *, size: str = "64Mi", in_memory: bool = False) -> Mount:
    """A writable folder that ends with the pod."""
    medium = "Memory" if in_memory else ""
    return Mount(
        volume=VolumeArgs(name=name, empty_dir=EmptyDirVolumeSourceArgs(size_limit=size, medium=medium)),
        mount=VolumeMountArgs(name=name, mount_path=path),
    )


def temporary() -> Mount:
    """Where programs expect to be able to write, though the root file system is read-only."""
    return scratch("tmp", "/tmp")  # noqa: S108 - the container's own, not one shared with the node.


def mount_claim(name: str, path: str) -> Mount:
    """The volume that a StatefulSet's claim template of this name makes for each of its pods."""
    return Mount(volume=None, mount=VolumeMountArgs(name=name, mount_path=path))
