"""What the services need to run: roles, ports, stores, and how much of the machine each role takes by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from infra.resources import Resources
from infra.service import Role
from services.auth import settings as auth
from services.gateway import settings as gateway
from services.items import settings as items
from services.launch.names import Runnable
from services.orders import settings as orders
from services.sandbox import settings as sandbox
from services.users import settings as users

HTTP = 8000
INTERNAL = 8001

Shared = Literal["redis", "elasticsearch"]

API = Resources(cpu="250m", cpu_limit="1", memory="256Mi")
BUSY = Resources(cpu="500m", cpu_limit="1", memory="384Mi")
BEHIND = Resources(cpu="100m", cpu_limit="1", memory="256Mi")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Every service has a database and talks to the broker; the rest it has to say."""

    settings: type[Struct]
    roles: Mapping[Role, Resources]
    stores: frozenset[Shared] = frozenset()
    single: bool = False
    """Its API is one process, whatever is asked for."""

    def ports_of(self, role: Role, *, inside: bool) -> dict[str, int]:
        """By name. `inside`: the API also listens for the services among themselves."""
        return {"http": HTTP, "internal": INTERNAL} if inside and role == "api" else {"http": HTTP}


ROSTER: Mapping[Runnable, Entry] = {
    # Records nothing and hears broadcasts in every process, so it has neither relay nor worker.
    "gateway": Entry(settings=gateway.Settings, roles={"api": BUSY}, stores=frozenset({"redis"})),
    "auth": Entry(
        settings=auth.Settings, roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND}, stores=frozenset({"redis"})
    ),
    "users": Entry(settings=users.Settings, roles={"api": API, "worker": BEHIND, "relay": BEHIND}),
    "items": Entry(
        settings=items.Settings,
        roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND},
        stores=frozenset({"redis", "elasticsearch"}),
    ),
    "orders": Entry(settings=orders.Settings, roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND}),
    # A payment provider to try things with; it announces nothing.
    "sandbox": Entry(settings=sandbox.Settings, roles={"api": API, "worker": BEHIND}, single=True),
}
