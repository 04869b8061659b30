"""Settings come from the environment alone: one frozen struct a service, checked whole at start.

Field `database_url` is read from `SOUK_DATABASE_URL`, or from the file that `SOUK_DATABASE_URL_FILE` names (a mounted
secret). Empty is the same as not set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

PREFIX = "SOUK_"

Port = Annotated[int, Meta(ge=0, le=65535)]


class ServiceSettings(Struct, frozen=True, kw_only=True):
    """What every service needs to know; each derives its own."""

    database_url: str
    """`postgresql://user:password@host/name`, or `sqlite:///path`."""
    keys_dir: Path
    """Folder of this service's own signing keys (`*.pem`, Ed25519)."""
    keys_activation_s: Annotated[float, Meta(ge=0)] = 30.0
    """How long a key has been there before it signs, the only one excepted. Where a new key comes with new pods, longer
    than it takes to roll all of them out.
    """
    bus_url: str
    """`amqp://user:password@host/vhost`, or `sqlite:///path` for the embedded queue."""
    gateway_internal_url: str
    """Where the gateway's internal listener is: `http://gateway-internal:8001`."""
    redis_url: str | None = None
    """`redis://…`; without it caches and limits are per process."""
    host: str = "0.0.0.0"  # noqa: S104 - a service listens to its pod's network; NetworkPolicies say who gets there.
    port: Port = 8000
    metrics_port: Port = 9000
    database_pool: Annotated[int, Meta(ge=1, le=200)] = 8
    """Connections for units, and as many again for reads."""
    log_level: Annotated[str, Meta(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    otlp_endpoint: str | None = None
    """Base URL of an OTLP/HTTP collector; without it no traces are kept."""
    drain_s: Annotated[float, Meta(ge=0, le=300)] = 20.0
    """How long requests under way may take to end after SIGTERM."""
    environment: str = "dev"


class CannotStart(Exception):
    """The process has to end before it has begun; the message is for whoever started it."""


class WrongSettings(CannotStart):
    """One line per variable that is missing or wrong."""


Settings = TypeVar("Settings", bound=Struct)


def read_settings(settings: type[Settings], environ: Mapping[str, str]) -> Settings:
    """Raises `WrongSettings` that names every variable at fault, with its reason."""
    values: dict[str, object] = {}
    faults: list[str] = []
    for field in msgspec.structs.fields(settings):
        variable = PREFIX + field.name.upper()
        try:
            raw = _look_up(variable, environ)
            if raw is not None:
                values[field.name] = msgspec.convert(raw, field.type, strict=False, dec_hook=_to_path)
            elif field.required:
                faults.append(f"{variable} is not set")
        except (OSError, msgspec.ValidationError) as fault:
            faults.append(f"{variable}: {fault}")
    if faults:
        raise WrongSettings("\n".join(faults))
    return settings(**values)


def _to_path(kind: type, raw: object) -> Path:
    if kind is Path and isinstance(raw, str):
        return Path(raw)
    raise NotImplementedError(f"settings of type {kind} cannot be read")


def _look_up(variable: str, environ: Mapping[str, str]) -> str | None:
    file = environ.get(f"{variable}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip()
    return environ.get(variable) or None
