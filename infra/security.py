"""The only source of security contexts: Pod Security's `restricted`, and a read-only root file system on top."""

from collections.abc import Sequence

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    PodSecurityContextArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
)

SERVICE_UID = 65532
"""Above 10000, so that it is nobody on the node; distroless images call it `nonroot`."""
STORE_UID = 10999
"""Of databases, brokers and the like, so that a service's files are none of theirs."""


def pod_security(uid: int = SERVICE_UID, groups: Sequence[int] = ()) -> PodSecurityContextArgs:
    """User, group and the group of mounted volumes are the same number."""
    return PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=uid,
        run_as_group=uid,
        fs_group=uid,
        supplemental_groups=list(groups) or None,
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


def pod_security_map(uid: int) -> dict[str, object]:
    """The same, for an operator's object."""
    return {
        "runAsNonRoot": True,
        "runAsUser": uid,
        "runAsGroup": uid,
        "fsGroup": uid,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security_map(uid: int) -> dict[str, object]:
    """The same, for an operator's object."""
    return {
        "runAsNonRoot": True,
        "runAsUser": uid,
        "runAsGroup": uid,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
