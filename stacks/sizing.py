"""How each role of each service is run: what the stack says of it, else of every one, else the roster's own; and
whether the databases have room for all of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import msgspec

from infra.resources import Resources
from infra.rollouts import Strategy
from infra.scaling import Scaling
from infra.service import Role
from services.launch.names import Runnable
from stacks.configuration.shape import Configuration, Process, Roles
from stacks.configuration.stores import PostgresElsewhere
from stacks.places import database_server, running
from stacks.roster import ROSTER

REPLICAS = 2
POOLS = 2
"""A process has one for units of work and one for reads."""
SURGE = 1
"""While a role is rolled, there is one process more of it."""
RESERVED = 20
"""For superusers, backups and people."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """Of a role."""

    scaling: Scaling
    resources: Resources
    strategy: Strategy


def size_of(configuration: Configuration, service: Runnable, role: Role) -> Size:
    """A role that must be a single process is one, whatever is asked for."""
    wanted = _wanted(configuration, service, role)
    usual, single = ROSTER[service].roles[role], ROSTER[service].single and role == "api"
    replicas = 1 if single else wanted.replicas or REPLICAS
    most = 0 if single or wanted.most is None else max(wanted.most, replicas)
    return Size(
        scaling=Scaling(replicas=replicas, most=most, vertical_memory=wanted.vertical_memory or False),
        resources=replace(
            usual,
            cpu=wanted.cpu or usual.cpu,
            cpu_limit=wanted.cpu_limit or usual.cpu_limit,
            memory=wanted.memory or usual.memory,
        ),
        strategy=wanted.strategy or "rolling" if role == "api" and not single else "rolling",
    )


def _wanted(configuration: Configuration, service: Runnable, role: Role) -> Process:
    given = configuration.services
    roles: Roles = getattr(given, service)
    own: Mapping[Role, Process] = {"api": roles.api, "worker": roles.worker, "relay": roles.relay}
    return reduce(_prefer, (own[role], given.every))


def _prefer(first: Process, then: Process) -> Process:
    known = {name: value for name, value in msgspec.structs.asdict(first).items() if value is not None}
    return msgspec.structs.replace(then, **known)


def connections(configuration: Configuration) -> Mapping[str, int]:
    """The most that services may open to each database server."""
    total: dict[str, int] = {}
    for service in running(configuration):
        processes = sum(_processes(configuration, service))
        server = database_server(configuration, service)
        total[server] = total.get(server, 0) + processes * POOLS * configuration.services.database_pool
    return total


def _processes(configuration: Configuration, service: Runnable) -> Iterator[int]:
    for role in ROSTER[service].roles:
        scaling = size_of(configuration, service, role).scaling
        yield max(scaling.replicas, scaling.most) + SURGE


def overbooked(configuration: Configuration) -> list[str]:
    """A line for each database server that could be asked for more connections than it has."""
    postgres = configuration.postgres
    if isinstance(postgres, PostgresElsewhere):
        return []
    room = postgres.max_connections - RESERVED
    return [
        f"souk:postgres.max_connections: services may open {wanted} connections to {server}, which has {room} for them"
        "; lower souk:services.database_pool, or raise this"
        for server, wanted in connections(configuration).items()
        if wanted > room
    ]
