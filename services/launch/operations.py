"""What operators run by hand or as a Job: migrations, dead messages, replays."""

import sys
from collections.abc import Mapping
from datetime import timedelta

import msgspec
from msgspec import Struct

from services.chassis.clock import utc_now
from services.chassis.database.engine import open_database
from services.chassis.ids import uuid7
from services.chassis.opening import open_bus
from services.chassis.outbox.relay import replay_published
from services.chassis.schema.upgrade import downgrade, upgrade
from services.chassis.settings import read_settings

REPLAY_SPAN = timedelta(days=7)


class _DatabaseSettings(Struct, frozen=True, kw_only=True):
    database_url: str


class _BusSettings(Struct, frozen=True, kw_only=True):
    bus_url: str


async def migrate(service: str, environ: Mapping[str, str]) -> None:
    """Bring the database of a service to its newest schema."""
    await upgrade(service, read_settings(_DatabaseSettings, environ).database_url)


async def downgrade_service(service: str, revision: str, environ: Mapping[str, str]) -> None:
    """Take the schema of a service back to `revision`. Raises `CannotStart` where there is no such revision."""
    await downgrade(service, read_settings(_DatabaseSettings, environ).database_url, revision=revision)


async def show_dead(service: str, environ: Mapping[str, str]) -> None:
    """One JSON line for each message that the service has given up."""
    bus = open_bus(read_settings(_BusSettings, environ).bus_url)
    try:
        for dead in await bus.dead(service):
            _say(msgspec.json.encode({"reason": dead.reason, "kind": dead.message.kind, "id": dead.message.event_id}))
    finally:
        await bus.close()


async def redrive(service: str, environ: Mapping[str, str]) -> None:
    """Give the service its dead messages once more."""
    bus = open_bus(read_settings(_BusSettings, environ).bus_url)
    try:
        _say(f"{await bus.redrive(service)} messages moved back to {service}.in")
    finally:
        await bus.close()


async def replay(environ: Mapping[str, str]) -> None:
    """Publish what the outbox still holds once more, after a broker has lost its data."""
    url = read_settings(_DatabaseSettings, environ).database_url
    database = open_database(url, clock=utc_now, ids=uuid7)
    try:
        _say(f"{await replay_published(database, since=utc_now() - REPLAY_SPAN)} events will be published again")
    finally:
        await database.close()


def _say(line: object) -> None:
    sys.stdout.write(f"{line.decode() if isinstance(line, bytes) else line}\n")


async def operate(operation: str, service: str, environ: Mapping[str, str]) -> None:
    """One of `migrate`, `dead`, `redrive`, `replay`, on one service. Raises `WrongSettings`."""
    match operation:
        case "migrate":
            await migrate(service, environ)
        case "dead":
            await show_dead(service, environ)
        case "redrive":
            await redrive(service, environ)
        case "replay":
            await replay(environ)
        case _:
            raise ValueError(f"there is no operation {operation}")
