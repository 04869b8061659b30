"""What a program tells the provider of Kubernetes resources, and what a stack's configuration tells the default one."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Json, Object, object_at, opened, text_at

# What the official provider knows too, and what changes nothing here: there is only server-side apply.
_IGNORED = frozenset(
    {
        "alwaysRender",
        "clusterIdentifier",
        "deleteUnreachable",
        "enableReplaceCRD",
        "helmReleaseSettings",
        "kubeClientSettings",
        "skipUpdateUnreachable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "version",
    }
)


class Settings(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Names are those of the official provider."""

    kubeconfig: str = ""
    context: str = ""
    cluster: str = ""
    namespace: str = ""
    render_yaml_to_directory: str = ""
    enable_server_side_apply: bool = True
    enable_config_map_mutable: bool = False
    enable_secret_mutable: bool = False
    enable_patch_force: bool = False

    @property
    def folder(self) -> Path | None:
        """Where objects are written instead of applied."""
        return Path(self.render_yaml_to_directory) if self.render_yaml_to_directory else None

    @property
    def mutable(self) -> frozenset[str]:
        """Kinds that are read once by pods and may change in place all the same."""
        allowed = {"ConfigMap": self.enable_config_map_mutable, "Secret": self.enable_secret_mutable}
        return frozenset(kind for kind, is_allowed in allowed.items() if is_allowed)


def settings(arguments: Object, environment: Mapping[str, str]) -> Settings:
    """Everything but text comes as JSON in a string. Raises `Refused` for what is not known."""
    known = {key: _decoded(key, opened(value)) for key, value in arguments.items() if key not in _IGNORED}
    forced = environment.get("PULUMI_K8S_ENABLE_PATCH_FORCE", "").lower() == "true"
    try:
        found = msgspec.convert({**known, "enablePatchForce": forced}, Settings)
    except msgspec.ValidationError as wrong:
        raise Refused(f"the stand-in for the kubernetes provider cannot take this: {wrong}") from wrong
    if not found.enable_server_side_apply:
        raise Refused("the stand-in for the kubernetes provider knows server-side apply only")
    return found


def _decoded(key: str, value: Json) -> Json:
    if not isinstance(value, str):
        # A kubeconfig may be given as an object.
        return msgspec.json.encode(object_at(value)).decode() if key == "kubeconfig" else value
    return value.lower() == "true" if key.startswith("enable") else value


def shown(arguments: Object) -> str:
    """Which cluster it is, for messages."""
    return text_at(arguments, "context") or "the current context"
