"""Pods that can do no harm: the restricted Pod Security Standard, and what goes beyond it."""

from policies.containers import Container, SecurityContext
from policies.lens import Lens, Metadata
from policies.mending import TEMPLATE, setting
from policies.pods import Pod
from policies.rules import Findings, on_containers, on_kinds, on_pods

LOWEST_UID = 10_001
"""Above every user that a Linux distribution or a node hands out, so that a uid is nobody's on the node."""

RESTRICTED_VOLUMES = ("config_map", "secret", "persistent_volume_claim", "projected", "empty_dir")


class Account(Lens, frozen=True):
    """A ServiceAccount."""

    metadata: Metadata = Metadata()
    automount_service_account_token: bool = True


def _of(pod: Pod, container: Container) -> tuple[SecurityContext, SecurityContext]:
    return container.security_context, pod.spec.security_context


@on_containers(why="A process that is root in its container is one kernel bug away from being root on the node.")
def pod_runs_as_non_root(pod: Pod, container: Container) -> Findings:
    """Containers say runAsNonRoot, themselves or through their pod."""
    own, whole = _of(pod, container)
    said = own.run_as_non_root if own.run_as_non_root is not None else whole.run_as_non_root
    if said is not True:
        yield "runAsNonRoot is not true"


@on_containers(why="A uid that also exists on the node has that user's rights there once the container is left.")
def pod_runs_above_uid_10000(pod: Pod, container: Container) -> Findings:
    """Containers run as a user above 10000."""
    own, whole = _of(pod, container)
    user = own.run_as_user if own.run_as_user is not None else whole.run_as_user
    if user is None or user < LOWEST_UID:
        yield f"runAsUser is {user}"


@on_containers(why="The default seccomp profile takes away some fifty system calls that no service needs.")
def pod_has_seccomp_profile(pod: Pod, container: Container) -> Findings:
    """Containers have the RuntimeDefault or a Localhost seccomp profile."""
    own, whole = _of(pod, container)
    profile = own.seccomp_profile or whole.seccomp_profile
    if profile is None or profile.type not in {"RuntimeDefault", "Localhost"}:
        yield "there is no seccomp profile"


@on_containers(why="What breaks into a container cannot leave anything where nothing can be written.")
def container_root_is_read_only(_: Pod, container: Container) -> Findings:
    """Containers have a read-only root file system."""
    if not container.security_context.read_only_root_filesystem:
        yield "readOnlyRootFilesystem is not true"


@on_containers(why="A capability is a part of root's power, and no service needs any.")
def container_drops_capabilities(_: Pod, container: Container) -> Findings:
    """Containers drop ALL capabilities and add none."""
    capabilities = container.security_context.capabilities
    if "ALL" not in capabilities.drop:
        yield "capabilities are not dropped"
    if capabilities.add:
        yield f"capabilities are added: {', '.join(capabilities.add)}"


@on_containers(why="A set-uid program would give back what runAsNonRoot takes away.")
def container_cannot_escalate(_: Pod, container: Container) -> Findings:
    """Containers forbid privilege escalation."""
    if container.security_context.allow_privilege_escalation:
        yield "allowPrivilegeEscalation is not false"


@on_containers(why="A privileged container is root on the node.")
def container_is_not_privileged(_: Pod, container: Container) -> Findings:
    """No container is privileged or sees the node's /proc unmasked."""
    if container.security_context.privileged:
        yield "it is privileged"
    if container.security_context.proc_mount != "Default":
        yield f"procMount is {container.security_context.proc_mount}"


@on_containers(why="A host port takes the port from the whole node and goes round every NetworkPolicy.")
def container_has_no_host_port(_: Pod, container: Container) -> Findings:
    """No container takes a port of its node."""
    for port in container.ports:
        if port.host_port:
            yield f"hostPort {port.host_port}"


@on_pods(why="A pod in the node's namespaces sees the node's processes and traffic.")
def pod_shares_nothing_with_its_node(pod: Pod) -> Findings:
    """No pod uses the network, process or IPC namespace of its node."""
    shared = {"hostNetwork": pod.spec.host_network, "hostPID": pod.spec.host_pid, "hostIPC": pod.spec.host_ipc}
    for name, on in shared.items():
        if on:
            yield f"{name} is true"


@on_pods(why="A folder of the node is a way out of the container, and is not there on the next node.")
def pod_mounts_restricted_volumes_only(pod: Pod) -> Findings:
    """Volumes are of the kinds that the restricted standard allows."""
    for volume in pod.spec.volumes:
        if not any(getattr(volume, kind) is not None for kind in RESTRICTED_VOLUMES):
            yield f"volume {volume.name} is of a kind that is not allowed"


@on_pods(
    why="A token of the API server in a pod that never speaks to it serves only who breaks in.",
    mend=setting(False, *TEMPLATE, "automountServiceAccountToken"),
)
def pod_has_no_api_token(pod: Pod) -> Findings:
    """Pods do not mount a token of the API server."""
    if pod.spec.automount_service_account_token:
        yield "automountServiceAccountToken is not false"


@on_pods(why="Whatever is once granted to the default account is granted to every pod that did not ask.")
def pod_has_own_service_account(pod: Pod) -> Findings:
    """Pods run under a ServiceAccount of their own."""
    if pod.spec.service_account_name in {"", "default"}:
        yield "it runs as the default ServiceAccount"


@on_pods(
    why="Kubernetes otherwise puts the address of every Service of the namespace into every environment.",
    mend=setting(False, *TEMPLATE, "enableServiceLinks"),
)
def pod_has_no_service_links(pod: Pod) -> Findings:
    """Pods do not take service links."""
    if pod.spec.enable_service_links:
        yield "enableServiceLinks is not false"


@on_kinds(
    {"ServiceAccount": Account},
    why="A pod that forgets to say so would otherwise get the token of its account.",
    mend=setting(False, "automountServiceAccountToken"),
)
def account_hands_out_no_token(account: Account) -> Findings:
    """ServiceAccounts do not hand their token to every pod of theirs."""
    if account.automount_service_account_token:
        yield "automountServiceAccountToken is not false"


POLICIES = (
    pod_runs_as_non_root,
    pod_runs_above_uid_10000,
    pod_has_seccomp_profile,
    container_root_is_read_only,
    container_drops_capabilities,
    container_cannot_escalate,
    container_is_not_privileged,
    container_has_no_host_port,
    pod_shares_nothing_with_its_node,
    pod_mounts_restricted_volumes_only,
    pod_has_no_api_token,
    pod_has_own_service_account,
    pod_has_no_service_links,
    account_hands_out_no_token,
)
