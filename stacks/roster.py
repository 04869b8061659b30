"""What the services need to run: roles, ports, stores, and how much of the machine each role takes by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from infra.resources import Resources
from infra.service import Role
from services.launch.names import Runnable

HTTP = 8000
INTERNAL = 8001

Shared = Literal["redis", "elasticsearch"]

API = Resources(cpu="250m", cpu_limit="1", memory="256Mi")
BUSY = Resources(cpu="500m", cpu_limit="1", memory="384Mi")
BEHIND = Resources(cpu="100m", cpu_limit="1", memory="256Mi")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Every service has a database and talks to the broker; the rest it has to say."""

    roles: Mapping[Role, Resources]
    stores: frozenset[Shared] = frozenset()
    single: bool = False
    """Its API is one process, whatever is asked for."""

    def ports_of(self, role: Role, *, inside: bool) -> dict[str, int]:
        """By name. `inside`: the API also listens for the services among themselves."""
        return {"http": HTTP, "internal": INTERNAL} if inside and role == "api" else {"http": HTTP}


ROSTER: Mapping[Runnable, Entry] = {
    # Records nothing and hears broadcasts in every process, so it has neither relay nor worker.
    "gateway": Entry(roles={"api": BUSY}, stores=frozenset({"redis"})),
    "auth": Entry(roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND}, stores=frozenset({"redis"})),
    "users": Entry(roles={"api": API, "worker": BEHIND, "relay": BEHIND}),
    "items": Entry(
        roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND}, stores=frozenset({"redis", "elasticsearch"})
    ),
    "orders": Entry(roles={"api": BUSY, "worker": BEHIND, "relay": BEHIND}),
    # A payment provider to try things with; it announces nothing.
    "sandbox": Entry(roles={"api": API, "worker": BEHIND}, single=True),
}
