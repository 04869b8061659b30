"""What happens by itself or by the buyer's hand: confirmations, and refunds that were pending."""

from services.chassis.database.unit import Unit
from services.sandbox.actions.news import owe
from services.sandbox.actions.switches import Switches
from services.sandbox.domain import charges as domain
from services.sandbox.domain.charges import Charge
from services.sandbox.domain.tokens import scenario_of
from services.sandbox.store import books


async def approve(unit: Unit, switches: Switches, charge_id: str, *, approved: bool) -> Charge:
    """The buyer confirmed, or refused. Raises `ChargeMissing`, `WrongState`."""
    before = await books.lock_charge(unit.connection, charge_id)
    after = domain.approve(before, approved=approved)
    books.save_charge(unit, after)
    owe(unit, switches, after)
    return after


async def approve_due(unit: Unit, switches: Switches, charge_id: str) -> None:
    """The buyer took long enough, unless the charge moved on meanwhile."""
    before = await books.lock_charge(unit.connection, charge_id)
    if before.settles_at is not None:
        await approve(unit, switches, charge_id, approved=True)


async def settle_due(unit: Unit, switches: Switches, charge_id: str, refund_id: str) -> None:
    """A pending refund ends, unless it has already."""
    before = await books.lock_charge(unit.connection, charge_id)
    pending = await books.refund(unit.connection, refund_id)
    if pending.settles_at is None:
        return
    after, settled = domain.settle(before, pending, scenario_of(before.token))
    books.save_charge(unit, after)
    books.save_refund(unit, settled)
    owe(unit, switches, after, settled)
