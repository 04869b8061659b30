"""Forgetting people: their carts at once, their addresses as soon as nothing has to be sent there any more."""

from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database import Unit
from services.orders.domain.orders import CLOSED_STATES
from services.orders.tables import CHECKOUTS, ERASURES, ORDERS


async def ask_erasure(unit: Unit, user_id: UUID) -> None:
    """Remember whom to forget."""
    insert_into = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
    row = {"user_id": user_id, "asked_at": unit.now}
    await unit.connection.execute(insert_into(ERASURES).values(row).on_conflict_do_nothing())


async def erase_addresses(unit: Unit) -> int:
    """Of everybody who is to be forgotten and has no order open; how many checkouts."""
    columns = CHECKOUTS.c
    still_open = exists().where(ORDERS.c.checkout_id == columns.id, ORDERS.c.state.not_in(sorted(CLOSED_STATES)))
    forgotten = (
        update(CHECKOUTS)
        .where(columns.buyer_id.in_(select(ERASURES.c.user_id)), columns.address.is_not(None), ~still_open)
        .values(address=None)
    )
    return (await unit.connection.execute(forgotten)).rowcount
