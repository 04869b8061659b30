"""Time in: webhooks that are due are sent, what was pending settles. Every unit of that work is opened here."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.chassis.clock import Clock
from services.chassis.database.engine import Database
from services.sandbox.actions.settling import approve_due, settle_due
from services.sandbox.actions.switches import Switches
from services.sandbox.clients import Shop
from services.sandbox.domain.webhooks import next_try
from services.sandbox.store import books, deliveries, requests
from services.sandbox.store.deliveries import Delivery, Try


async def follow_switches(database: Database, switches: Switches) -> None:
    """A worker apart from the API learns from the database what the API was told."""
    async with database.reading() as connection:
        wanted = await requests.faults(connection)
    if wanted != switches.faults:
        switches.turn(wanted)


async def settle(database: Database, switches: Switches, clock: Clock) -> None:
    """Charges whose buyer has had time to confirm, refunds whose bank has had time to answer."""
    now = clock()
    async with database.reading() as connection:
        due_charges = await books.charges_due(connection, now)
        due_refunds = await books.refunds_due(connection, now)
    for charge_id in due_charges:
        async with database.unit() as unit:
            await approve_due(unit, switches, charge_id)
    for charge_id, refund_id in due_refunds:
        async with database.unit() as unit:
            await settle_due(unit, switches, charge_id, refund_id)


async def deliver(database: Database, shop: Shop, clock: Clock) -> None:
    """Everything that is due now, a batch at a time. No transaction is open while the shop is asked."""
    while await _any_due(database, clock):
        async with database.unit() as unit:
            batch = await deliveries.claim(unit.connection, unit.now)
        refusals = await asyncio.gather(*(shop.send(delivery.body) for delivery in batch))
        await _settle_batch(database, batch, refusals)


async def _any_due(database: Database, clock: Clock) -> bool:
    async with database.reading() as connection:
        return await deliveries.any_due(connection, clock())


async def _settle_batch(database: Database, batch: Sequence[Delivery], refusals: Sequence[str | None]) -> None:
    async with database.unit() as unit:
        tries = [_tried(sent, refusal, unit.now) for sent, refusal in zip(batch, refusals, strict=True)]
        deliveries.save(unit, tries)


def _tried(sent: Delivery, refusal: str | None, now: datetime) -> Try:
    if refusal is None:
        return Try(id=sent.id, delivered_at=now)
    return Try(id=sent.id, last_error=refusal, next_at=next_try(sent.attempts, now=now))
