"""Every service by name: what it reads from the environment, and how it is put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy import MetaData

import services.auth.app
import services.auth.settings
import services.auth.tables
import services.items.app
import services.items.settings
import services.items.tables
import services.orders.app
import services.orders.settings
import services.orders.tables
import services.sandbox.app
import services.sandbox.settings
import services.sandbox.tables
import services.users.app
import services.users.settings
import services.users.tables
from services.chassis.service import Platform, Service
from services.chassis.settings import ServiceSettings, read_settings

Settings = TypeVar("Settings", bound=ServiceSettings)


@dataclass(frozen=True, kw_only=True)
class Configured:
    """A service with its settings read."""

    name: str
    settings: ServiceSettings
    build: Callable[[Platform], Service]


@dataclass(frozen=True, kw_only=True)
class Blueprint(Generic[Settings]):
    """A service before its settings are known."""

    name: str
    settings: type[Settings]
    build: Callable[[Settings, Platform], Service]
    tables: MetaData

    def configure(self, environ: Mapping[str, str]) -> Configured:
        """Raises `WrongSettings`."""
        settings = read_settings(self.settings, environ)
        return Configured(name=self.name, settings=settings, build=partial(self.build, settings))


AUTH = Blueprint(
    name="auth",
    settings=services.auth.settings.Settings,
    build=services.auth.app.build,
    tables=services.auth.tables.METADATA,
)
USERS = Blueprint(
    name="users",
    settings=services.users.settings.Settings,
    build=services.users.app.build,
    tables=services.users.tables.METADATA,
)
ITEMS = Blueprint(
    name="items",
    settings=services.items.settings.Settings,
    build=services.items.app.build,
    tables=services.items.tables.METADATA,
)
ORDERS = Blueprint(
    name="orders",
    settings=services.orders.settings.Settings,
    build=services.orders.app.build,
    tables=services.orders.tables.METADATA,
)
SANDBOX = Blueprint(
    name="sandbox",
    settings=services.sandbox.settings.Settings,
    build=services.sandbox.app.build,
    tables=services.sandbox.tables.METADATA,
)

SERVICES = (AUTH, USERS, ITEMS, ORDERS, SANDBOX)
"""All but the gateway, in the order in which they are brought up."""
