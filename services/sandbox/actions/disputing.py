"""The buyer's bank asks for money back, and decides."""

from services.chassis.database.unit import Unit
from services.sandbox.actions.news import owe
from services.sandbox.actions.switches import Switches
from services.sandbox.domain import disputes as domain
from services.sandbox.domain.disputes import Dispute
from services.sandbox.store import books, disputes


async def dispute(unit: Unit, switches: Switches, charge_id: str, amount_minor: int, reason: str) -> Dispute:
    """Raises `ChargeMissing`, `WrongState`, `AmountTooLarge`."""
    before = await books.lock_charge(unit.connection, charge_id)
    opened = Dispute(
        id=f"dp_{unit.new_id().hex}",
        charge_id=charge_id,
        amount_minor=amount_minor,
        currency=before.currency,
        reason=reason,
        state="open",
        created_at=unit.now,
    )
    after = domain.hold(before, opened)
    books.save_charge(unit, after)
    await disputes.add(unit.connection, opened)
    owe(unit, switches, after, opened)
    return opened


async def decide(unit: Unit, switches: Switches, dispute_id: str, *, kept: bool) -> Dispute:
    """Raises `DisputeMissing`, `DisputeDecided`."""
    named = await disputes.dispute(unit.connection, dispute_id)
    before = await books.lock_charge(unit.connection, named.charge_id)
    # Read again under the lock, since another decision may have come first.
    after, decided = domain.decide(before, await disputes.dispute(unit.connection, dispute_id), kept=kept)
    books.save_charge(unit, after)
    await disputes.save(unit.connection, decided)
    owe(unit, switches, after, decided)
    return decided
