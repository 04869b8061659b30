"""What pods may ask of the API server: nothing, or what is named one by one."""

from collections.abc import Mapping

from policies.lens import Lens, Metadata, ObjectReference
from policies.rules import Findings, on_kinds

RISING_VERBS = frozenset({"escalate", "bind", "impersonate"})
ALL_POWERFUL = frozenset({"cluster-admin", "admin", "edit"})
READING = frozenset({"get", "list", "watch"})


class AccessRule(Lens, frozen=True):
    """Of a Role or ClusterRole."""

    verbs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()


class Role(Lens, frozen=True):
    """A Role or ClusterRole."""

    metadata: Metadata = Metadata()
    rules: tuple[AccessRule, ...] = ()


class Binding(Lens, frozen=True):
    """A RoleBinding or ClusterRoleBinding."""

    metadata: Metadata = Metadata()
    role_ref: ObjectReference = ObjectReference()
    subjects: tuple[ObjectReference, ...] = ()


ROLES: Mapping[str, type[Role]] = dict.fromkeys(("Role", "ClusterRole"), Role)
BINDINGS: Mapping[str, type[Binding]] = dict.fromkeys(("RoleBinding", "ClusterRoleBinding"), Binding)


@on_kinds(ROLES, why="A wildcard also grants what the next version of Kubernetes brings.")
def role_has_no_wildcard(role: Role) -> Findings:
    """Roles name verbs, resources and groups without a wildcard."""
    for rule in role.rules:
        if "*" in {*rule.verbs, *rule.resources, *rule.api_groups}:
            yield "a rule has a wildcard"


@on_kinds(ROLES, why="Who may escalate, bind or impersonate may do everything.")
def role_cannot_rise(role: Role) -> Findings:
    """Roles do not let their holder gain other roles."""
    for rule in role.rules:
        for verb in sorted(RISING_VERBS & set(rule.verbs)):
            yield f"it may {verb}"


@on_kinds(ROLES, why="Who may list Secrets has all of them; who may run a command in a pod has that pod's.")
def role_reads_no_secrets(role: Role) -> Findings:
    """Roles do not read Secrets that they do not name, nor get into pods."""
    for rule in role.rules:
        if "secrets" in rule.resources and not rule.resource_names and READING & set(rule.verbs):
            yield "it may read every Secret"
        if {"pods/exec", "pods/attach", "pods/ephemeralcontainers"} & set(rule.resources):
            yield "it may run commands in pods"


@on_kinds(BINDINGS, why="The built-in roles of administrators let a pod change what runs beside it.")
def binding_grants_no_administration(binding: Binding) -> Findings:
    """No binding grants cluster-admin, admin or edit."""
    if binding.role_ref.name in ALL_POWERFUL:
        yield f"it grants {binding.role_ref.name}"


@on_kinds(BINDINGS, why="A group such as system:authenticated is everybody.")
def binding_names_accounts(binding: Binding) -> Findings:
    """Bindings grant to ServiceAccounts, by name."""
    for subject in binding.subjects:
        if subject.kind != "ServiceAccount" or subject.name == "default":
            yield f"it grants to {subject.kind} {subject.name}"


POLICIES = (
    role_has_no_wildcard,
    role_cannot_rise,
    role_reads_no_secrets,
    binding_grants_no_administration,
    binding_names_accounts,
)
