"""What a container finds in its file system beside its image."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMapProjectionArgs,
    ConfigMapVolumeSourceArgs,
    EmptyDirVolumeSourceArgs,
    KeyToPathArgs,
    ProjectedVolumeSourceArgs,
    SecretVolumeSourceArgs,
    ServiceAccountTokenProjectionArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)

from infra.resources import canonical

READABLE = 0o440
TOKEN_DIR = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - where clients look for it.


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume and where it is seen. `volume` is None where the pod gets it otherwise, as from a claim template."""

    volume: VolumeArgs | None
    mount: VolumeMountArgs


def mount_config(name: str, config_map: pulumi.Input[str], path: str) -> Mount:
    """Each entry of the ConfigMap as a file."""
    return Mount(
        volume=VolumeArgs(name=name, config_map=ConfigMapVolumeSourceArgs(name=config_map, default_mode=READABLE)),
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


def mount_token() -> Mount:
    """For the few that ask the API server something: a token of one hour, renewed by the kubelet."""
    sources = [
        VolumeProjectionArgs(
            service_account_token=ServiceAccountTokenProjectionArgs(path="token", expiration_seconds=3600)
        ),
        VolumeProjectionArgs(
            config_map=ConfigMapProjectionArgs(
                name="kube-root-ca.crt", items=[KeyToPathArgs(key="ca.crt", path="ca.crt")]
            )
        ),
    ]
    projected = ProjectedVolumeSourceArgs(sources=sources, default_mode=READABLE)
    return Mount(
        volume=VolumeArgs(name="token", projected=projected),
        mount=VolumeMountArgs(name="token", mount_path=TOKEN_DIR, read_only=True),
    )


def scratch(name: str, path: str, *, size: str = "64Mi", in_memory: bool = False) -> Mount:
    """A writable folder that ends with the pod."""
    medium = "Memory" if in_memory else ""
    return Mount(
        volume=VolumeArgs(name=name, empty_dir=EmptyDirVolumeSourceArgs(size_limit=canonical(size), medium=medium)),
        mount=VolumeMountArgs(name=name, mount_path=path),
    )


def temporary() -> Mount:
    """Where programs expect to be able to write, though the root file system is read-only."""
    return scratch("tmp", "/tmp")  # noqa: S108 - the container's own, not one shared with the node.


def mount_claim(name: str, path: str) -> Mount:
    """The volume that a StatefulSet's claim template of this name makes for each of its pods."""
    return Mount(volume=None, mount=VolumeMountArgs(name=name, mount_path=path))
