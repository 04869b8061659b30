"""Secrets and configuration: where they may stand, and that they are there."""

import re
from collections.abc import Iterator, Mapping, Sequence

from policies.containers import Container
from policies.lens import Lens, Metadata
from policies.manifests import UNKNOWN, Resource, read
from policies.mending import setting
from policies.objects import Volume
from policies.pods import Pod, pods_of
from policies.rules import Findings, StackFindings, on_containers, on_kinds, on_stack

SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE_?KEY|API_?KEY|DATA_?KEY)", re.IGNORECASE)
"""Names of variables and keys whose values are secrets."""

REFERENCE_SUFFIXES = ("_FILE", "_PATH", "_DIR", "_NAME")
"""Variables that say where a secret is, and not what."""

SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|://[^/\s:@]+:[^/\s@]+@"
    r"|\b(sk|rk)_(live|test)_[0-9A-Za-z]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
)
"""Private keys, URLs with a password, keys of Stripe and AWS."""


EVERYWHERE_THERE = ("ConfigMap", "kube-root-ca.crt")
"""Kubernetes itself puts it into every namespace."""


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


@on_stack(why="A pod that refers to what is not there never starts.")
def references_lead_somewhere(resources: Sequence[Resource]) -> StackFindings:
    """The ConfigMaps, claims and ServiceAccounts that a pod names are in the stack."""
    there = {
        (resource.kind, metadata.namespace, metadata.name)
        for resource in resources
        if resource.kind in {"ConfigMap", "PersistentVolumeClaim", "ServiceAccount"}
        for metadata in [read(resource, Configuration).metadata]
    }
    for resource in resources:
        for pod in pods_of(resource):
            for kind, name in _references(pod):
                given = name == UNKNOWN or (kind, name) == EVERYWHERE_THERE
                if not given and (kind, pod.metadata.namespace, name) not in there:
                    yield f"there is no {kind} {name}", resource


def _references(pod: Pod) -> Iterator[tuple[str, str]]:
    if pod.spec.service_account_name:
        yield "ServiceAccount", pod.spec.service_account_name
    for volume in pod.spec.volumes:
        yield from _mounted(volume)
    for container in pod.containers:
        yield from _taken(container)


def _mounted(volume: Volume) -> Iterator[tuple[str, str]]:
    if volume.persistent_volume_claim is not None:
        yield "PersistentVolumeClaim", volume.persistent_volume_claim.claim_name
    if volume.config_map is not None and not volume.config_map.optional:
        yield "ConfigMap", volume.config_map.name
    for source in volume.projected.sources if volume.projected is not None else ():
        if source.config_map is not None and not source.config_map.optional:
            yield "ConfigMap", source.config_map.name


def _taken(container: Container) -> Iterator[tuple[str, str]]:
    references = [source.config_map_ref for source in container.env_from]
    references += [variable.value_from.config_map_key_ref for variable in container.env]
    for reference in references:
        if reference is not None and not reference.optional:
            yield "ConfigMap", reference.name


POLICIES = (
    environment_has_no_secret,
    arguments_have_no_secret,
    secrets_are_mounted_as_files,
    config_map_has_no_secret,
    config_map_is_immutable,
    secret_is_immutable,
    external_secret_is_made_once,
)
STACK_POLICIES = (references_lead_somewhere,)
