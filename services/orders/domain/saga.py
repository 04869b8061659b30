"""What an answer of items or of the provider means for a checkout. Who is asked, and when, is `actions.saga`'s."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from services.contracts.items import Offer
from services.orders.domain.carts import price_change
from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import (
    ENDED,
    HOLD_FOR,
    Checkout,
    CheckoutState,
    Ending,
    Group,
    Refusal,
    Step,
    move,
)
from services.orders.domain.orders import IllegalMove, Order, OrderState
from services.orders.domain.orders import move as move_order

PAUSES_S = (1, 2, 4, 8, 15)
"""The wait after each time in a row that somebody did not answer; the last one from then on.

An order is to end within two minutes of everybody being there again, even if the first asks after that fail too.
"""

ASK_WAITING_AFTER = timedelta(seconds=15)
"""The first time that a charge which waits for its buyer is asked for."""

_ORDER_ENDS: dict[CheckoutState, OrderState] = {
    "rejected": "cancelled",
    "payment_failed": "payment_failed",
    "expired": "expired",
    "cancelled": "cancelled",
    "refunded": "cancelled",
}


def price_refusal(orders: Sequence[Order], offers: Sequence[Offer]) -> Refusal | None:
    """Held at other prices than the buyer agreed to: items has the last word on what it sells for."""
    agreed = {line.sku: (line.unit_price_minor, order.currency) for order in orders for line in order.lines}
    changes = [
        price_change(offer.sku, agreed[offer.sku][0], offer.price.minor, offer.price.currency)
        for offer in offers
        if agreed[offer.sku] != (offer.price.minor, offer.price.currency)
    ]
    return Refusal(code="price_changed", changes=changes) if changes else None


def advance(group: Group, to: CheckoutState, now: datetime) -> Group:
    """The next state, nothing else."""
    return replace(group, checkout=move(group.checkout, to, now))


def hold_anew(group: Group, now: datetime) -> Group:
    """The hold ran out: the next one has another id, which must be recorded before items is asked for it."""
    checkout = group.checkout
    attempt = checkout.hold_attempt + 1
    return replace(group, checkout=replace(checkout, hold_attempt=attempt, expires_at=now + HOLD_FOR, changed_at=now))


def learn(group: Group, charge: Charge, now: datetime) -> Group:
    """The charge as the provider's answer leaves it, and what follows from that."""
    known = replace(group, checkout=replace(group.checkout, charge=charge, changed_at=now))
    match charge.state:
        case "authorized" | "captured":
            return advance(known, "authorized", now)
        case "declined" | "voided":
            refusal = Refusal(code="payment_declined", reason=charge.decline_reason or charge.state)
            return turn_back(known, "payment_failed", refusal, now)
        case "requires_action":
            return replace(known, checkout=replace(known.checkout, due_at=_ask_again_at(known.checkout, now)))
        case "pending":
            raise ValueError("an answered ask leaves no charge pending")


def _ask_again_at(checkout: Checkout, now: datetime) -> datetime:
    """The provider tells when the buyer has acted, but its news may be lost: ask when it has waited as long again."""
    return min(now + max(ASK_WAITING_AFTER, now - checkout.charge.asked_at), checkout.expires_at)


def confirm(group: Group, charge: Charge, now: datetime) -> Group:
    """The money is here: captured, and so confirmed, and so are its orders."""
    checkout = replace(group.checkout, charge=charge)
    checkout = move(move(checkout, "captured", now), "confirmed", now)
    return Group(checkout=checkout, orders=tuple(move_order(order, "paid", now) for order in group.orders))


def turn_back(group: Group, to: Ending, refusal: Refusal, now: datetime) -> Group:
    """Undo what was done. The decision must be recorded before it is acted on: asked again it might fall otherwise."""
    turned = replace(group.checkout, turning_to=to, refusal=refusal, attempts=0, changed_at=now)
    return replace(group, checkout=turned)


def turned(group: Group, now: datetime) -> Group:
    """Everything is given back: the end that was turned to, or `refunded` when there had been money to return."""
    checkout = group.checkout
    ending = checkout.turning_to
    if ending is None:
        raise ValueError("this checkout has not turned back")
    to: CheckoutState = "refunded" if checkout.charge.captured_minor else ending
    still = replace(checkout, turning_to=None, due_at=None)
    ended = still if still.state == to else move(still, to, now)
    orders = tuple(
        move_order(order, _ORDER_ENDS[to], now) if order.state == "pending_payment" else order for order in group.orders
    )
    return Group(checkout=ended, orders=orders)


def put_off(group: Group, now: datetime) -> Group:
    """Somebody does not answer: try again later, waiting longer each time."""
    checkout = group.checkout
    pause_s = PAUSES_S[min(checkout.attempts, len(PAUSES_S) - 1)]
    due_at = now + timedelta(seconds=pause_s)
    return replace(group, checkout=replace(checkout, attempts=checkout.attempts + 1, due_at=due_at, changed_at=now))


def hand_over(group: Group, now: datetime) -> Group:
    """To a human: the provider or items refused what can not be refused."""
    handed = replace(move(group.checkout, "manual_review", now), turning_to=None, due_at=None)
    return replace(group, checkout=handed)


def resume(group: Group, now: datetime) -> Group:
    """A human has looked at it: from where it was when it was handed over. Raises `IllegalMove`."""
    checkout = group.checkout
    if checkout.state != "manual_review":
        raise IllegalMove(state=checkout.state, wanted="retry")
    last: CheckoutState = next((step.state for step in reversed(checkout.steps) if step.state not in ENDED), "created")
    steps = (*checkout.steps, Step(last, now))
    return replace(group, checkout=replace(checkout, state=last, due_at=now, attempts=0, changed_at=now, steps=steps))


def must_be_recorded(recorded: Checkout, now_known: Checkout) -> bool:
    """Whether to go on would act on a decision that only this process knows of.

    The answer to an ask with a stored key is the same however often it is asked, so an answer alone needs no row.
    """
    decided = (now_known.turning_to, now_known.hold_attempt) != (recorded.turning_to, recorded.hold_attempt)
    return decided or now_known.ended or now_known.waiting
