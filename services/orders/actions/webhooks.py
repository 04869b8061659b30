"""What a payment provider tells by itself: late, twice, in any order, and under the same lock as the checkout.

News about a checkout that is being driven is dropped: its driver asks the provider by key, and learns the same. What
is left is what nobody asks for: that the buyer has confirmed with their bank, that a refund has ended, that money moved
after the end, that a bank disputes.
"""

from uuid import UUID

from msgspec.structs import replace

from services.chassis.database import Database, Unit
from services.orders.actions import refunds as refunding
from services.orders.actions.asking import news_of
from services.orders.actions.disputes import hear_dispute
from services.orders.actions.recording import ReplyOf, record
from services.orders.domain.charges import Charge, ChargeState, is_news
from services.orders.domain.checkouts import Ending, Group
from services.orders.payments.port import (
    Authorized,
    Captured,
    Declined,
    Disputed,
    Outcome,
    ProviderEvent,
    Refunded,
    RefundFailed,
    RefundPending,
    RequiresAction,
    Voided,
)
from services.orders.store import checkouts, news, refunds

_TOLD: dict[type[Outcome], ChargeState] = {
    Authorized: "authorized",
    Captured: "captured",
    Declined: "declined",
    RequiresAction: "requires_action",
    Voided: "voided",
}
ALL_BACK = "-refund"
"""How the key ends under which everything is given back; see `domain.charges.refund_key`."""


async def concerns(database: Database, event: ProviderEvent) -> UUID | None:
    """The checkout that the event tells something new of; None: nothing would change."""
    outcome = event.outcome
    match outcome:
        case None | RefundPending():
            return None
        case Disputed(charge_id=name):
            seen = await checkouts.of_provider_charge(database, name)
            return None if seen is None else seen.checkout_id
        case Refunded() | RefundFailed():
            return await _of_refund(database, event)
        case _:
            return await _of_charge(database, event, _TOLD[type(outcome)])


async def _of_refund(database: Database, event: ProviderEvent) -> UUID | None:
    refund_id = _uuid(event.key)
    refund = None if refund_id is None else await refunds.find(database, refund_id)
    return refund.checkout_id if refund is not None and refund.state == "pending" else None


async def _of_charge(database: Database, event: ProviderEvent, told: ChargeState) -> UUID | None:
    charge_id = _uuid(event.key)
    seen = None if charge_id is None else await checkouts.of_charge(database, charge_id)
    if seen is None or not is_news(seen.charge_state, told):
        return None
    return seen.checkout_id if seen.at_rest else None


async def hear(unit: Unit, provider: str, event: ProviderEvent, checkout_id: UUID, reply_of: ReplyOf) -> None:
    """Make the news true here, once."""
    if not await news.first_time(unit, provider, event.event_id, occurred_at=event.occurred_at, about=event.key):
        return
    group = await checkouts.lock(unit, checkout_id)
    match event.outcome:
        case None:
            return
        case Disputed():
            await hear_dispute(unit, group, event.outcome)
        case Refunded() | RefundFailed() | RefundPending():
            refund_id = _uuid(event.key)
            refund = None if refund_id is None else await refunds.read(unit, refund_id)
            if refund is not None and refund.state == "pending":
                refunding.hear(unit, group, refund, event.outcome)
        case _:
            await _hear_charge(unit, group, news_of(group.checkout.charge, event.outcome), reply_of)


async def _hear_charge(unit: Unit, group: Group, charge: Charge, reply_of: ReplyOf) -> None:
    if charge is group.checkout.charge:
        return
    checkout = replace(group.checkout, charge=charge, changed_at=unit.now)
    if not group.checkout.ended:
        checkout = replace(checkout, due_at=unit.now)
    elif charge.state in {"authorized", "captured"} and checkout.state not in {"confirmed", "manual_review"}:
        # Money came after the end: it goes back by itself.
        ending: Ending = "cancelled" if checkout.state == "refunded" else _as_ending(checkout.state)
        checkout = replace(checkout, turning_to=ending, due_at=unit.now)
    await record(unit, group, replace(group, checkout=checkout), reply_of)


def _as_ending(state: str) -> Ending:
    endings: dict[str, Ending] = {
        "rejected": "rejected",
        "payment_failed": "payment_failed",
        "expired": "expired",
    }
    return endings.get(state, "cancelled")


def _uuid(key: str | None) -> UUID | None:
    """Keys of ours that are not a UUID are of asks that are looked up by their driver."""
    try:
        return None if key is None else UUID(key)
    except ValueError:
        return None
