"""Every service by name: what it reads from the environment, and how it is put together.

A process imports only the services it runs, which is why the imports stand where they are used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar, assert_never

from services.chassis.service import Platform, Service
from services.chassis.settings import ServiceSettings, read_settings
from services.launch.names import Name

Settings = TypeVar("Settings", bound=ServiceSettings)


@dataclass(frozen=True, kw_only=True)
class Configured:
    """A service with its settings read."""

    name: Name
    settings: ServiceSettings
    build: Callable[[Platform], Service]


def configure(name: Name, environ: Mapping[str, str]) -> Configured:
    """Raises `WrongSettings`."""
    match name:
        case "auth":
            from services.auth import app as auth
            from services.auth.settings import Settings as AuthSettings

            return _configured(name, environ, AuthSettings, auth.build)
        case "users":
            from services.users import app as users
            from services.users.settings import Settings as UsersSettings

            return _configured(name, environ, UsersSettings, users.build)
        case "items":
            from services.items import app as items
            from services.items.settings import Settings as ItemsSettings

            return _configured(name, environ, ItemsSettings, items.build)
        case "orders":
            from services.orders import app as orders
            from services.orders.settings import Settings as OrdersSettings

            return _configured(name, environ, OrdersSettings, orders.build)
        case "sandbox":
            from services.sandbox import app as sandbox
            from services.sandbox.settings import Settings as SandboxSettings

            return _configured(name, environ, SandboxSettings, sandbox.build)
    assert_never(name)


def _configured(
    name: Name,
    environ: Mapping[str, str],
    settings: type[Settings],
    build: Callable[[Settings, Platform], Service],
) -> Configured:
    read = read_settings(settings, environ)
    return Configured(name=name, settings=read, build=partial(build, read))
