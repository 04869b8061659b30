"""Secrets and configuration: where they may stand, and that they never change."""

import re
from collections.abc import Mapping

from policies.containers import Container
from policies.lens import Lens, Metadata
from policies.manifests import UNKNOWN, known
from policies.mending import setting
from policies.pods import Pod
from policies.rules import Findings, on_containers, on_kinds

SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_?KEY|API_?KEY|DATA_?KEY)", re.IGNORECASE)
"""Names of variables and keys whose values are secrets."""

HASHED = re.compile(r"-[0-9a-f]{8,}$")
"""How a name ends that tells its content from another."""

REFERENCE_SUFFIXES = ("_FILE", "_PATH", "_DIR", "_NAME")
"""Variables that say where a secret is, and not what."""

SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|://[^/\s:@]+:[^/\s@]+@"
    r"|\b(sk|rk)_(live|test)_[0-9A-Za-z]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
)
"""Private keys, URLs with a password, keys of Stripe and AWS."""


class Configuration(Lens, frozen=True):
    """A ConfigMap or a Secret."""

    metadata: Metadata = Metadata()
    data: Mapping[str, str] = {}
    immutable: bool = False


@on_containers(why="A literal in a manifest is in the state, in the render, in Git and in every `kubectl describe`.")
def environment_has_no_secret(_: Pod, container: Container) -> Findings:
    """No environment variable holds a secret."""
    for variable in container.env:
        value = variable.value or ""
        named = SECRET_NAME.search(variable.name) and not variable.name.endswith(REFERENCE_SUFFIXES)
        if value and value != UNKNOWN and (named or SECRET_VALUE.search(value)):
            yield f"{variable.name} holds a secret"


@on_containers(why="Arguments are seen by everyone who may list processes or pods.")
def arguments_have_no_secret(_: Pod, container: Container) -> Findings:
    """No command or argument holds a secret."""
    if any(SECRET_VALUE.search(word) for word in (*container.command, *container.args)):
        yield "an argument holds a secret"


@on_containers(why="The environment is inherited by every child process and printed by every crash report.")
def secrets_are_mounted_as_files(_: Pod, container: Container) -> Findings:
    """Secrets are mounted as files, and not taken into the environment."""
    for variable in container.env:
        if variable.value_from.secret_key_ref is not None:
            yield f"{variable.name} comes from a Secret"
    if any(source.secret_ref is not None for source in container.env_from):
        yield "envFrom takes a whole Secret"


@on_kinds({"ConfigMap": Configuration}, why="Everyone who may read a namespace may read its ConfigMaps.")
def config_map_has_no_secret(configuration: Configuration) -> Findings:
    """No ConfigMap holds a secret."""
    for key, value in configuration.data.items():
        if SECRET_VALUE.search(value):
            yield f"{key} holds a secret"


@on_kinds(
    {"ConfigMap": Configuration},
    why="A ConfigMap that changes under running pods rolls nothing out and cannot be rolled back.",
    mend=setting(True, "immutable"),
)
def config_map_is_immutable(configuration: Configuration) -> Findings:
    """ConfigMaps are immutable: a change is a new one."""
    if not configuration.immutable:
        yield "immutable is not true"


class SecretTarget(Lens, frozen=True):
    """The Secret that External Secrets makes."""

    immutable: bool = False


class ExternalSecretSpec(Lens, frozen=True):
    """When it is fetched, and what becomes of it."""

    refresh_policy: str = "Periodic"
    target: SecretTarget = SecretTarget()


class ExternalSecret(Lens, frozen=True):
    """What External Secrets fetches from a secret manager."""

    spec: ExternalSecretSpec = ExternalSecretSpec()


@on_kinds(
    {"ExternalSecret": ExternalSecret},
    why="A Secret that is fetched again changes under running pods, and cannot be rolled back.",
)
def external_secret_is_made_once(wanted: ExternalSecret) -> Findings:
    """What comes from a secret manager is fetched once and immutable: a rotation is a new one."""
    if wanted.spec.refresh_policy != "CreatedOnce":
        yield f"refreshPolicy is {wanted.spec.refresh_policy}"
    if not wanted.spec.target.immutable:
        yield "target.immutable is not true"


@on_kinds(
    {"Secret": Configuration},
    why="A Secret that changes under running pods leaves each with the one it happened to read.",
)
def secret_is_immutable(configuration: Configuration) -> Findings:
    """Secrets are immutable: a change is a new one."""
    if not configuration.immutable:
        yield "immutable is not true"


@on_kinds(
    dict.fromkeys(("ConfigMap", "Secret"), Configuration),
    why="Under one name, a changed setting neither rolls its pods nor leaves the old one to roll back to.",
)
def configuration_is_named_by_content(configuration: Configuration) -> Findings:
    """Names of ConfigMaps and Secrets end with a hash of what they hold."""
    if not HASHED.search(known(configuration.metadata.name)):
        yield f"{configuration.metadata.name} ends with no hash"


POLICIES = (
    environment_has_no_secret,
    arguments_have_no_secret,
    secrets_are_mounted_as_files,
    config_map_has_no_secret,
    config_map_is_immutable,
    secret_is_immutable,
    external_secret_is_made_once,
    configuration_is_named_by_content,
)
