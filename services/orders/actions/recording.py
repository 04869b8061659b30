"""What becomes true together with a new state of a checkout: orders, history, books, events, the reply."""

from collections.abc import Callable, Sequence
from typing import Final, get_args

from services.chassis.database import Unit
from services.chassis.outbox.idempotency import Claim, SavedReply, settle
from services.contracts.orders import EndReason
from services.orders.actions import telling
from services.orders.domain import ledger
from services.orders.domain.checkouts import FAILED, Checkout, Group, Refusal
from services.orders.domain.history import SYSTEM
from services.orders.domain.ledger import Posting
from services.orders.domain.orders import Order, entry
from services.orders.store import carts, checkouts, orders
from services.orders.store import ledger as books

ROUTE: Final = "/api/v1/checkouts"
"""The route whose idempotency keys belong to checkouts."""

ReplyOf = Callable[[Group], SavedReply]
_REASONS: Final[tuple[EndReason, ...]] = get_args(EndReason)


async def record(unit: Unit, before: Group, after: Group, reply_of: ReplyOf) -> Group:
    """One compare-and-set, and all that follows from it. Raises `Overtaken`."""
    saved = Group(checkout=checkouts.save(unit, before.checkout, after.checkout), orders=after.orders)
    _record_orders(unit, before, saved)
    postings = _postings(unit, before.checkout, saved)
    if postings:
        books.book(unit, postings)
    if saved.checkout.state in FAILED and not before.checkout.ended:
        await carts.reopen(unit, saved.checkout.cart_id, saved.checkout.id)
    if _rests(before.checkout, saved.checkout):
        claim = Claim(actor=str(saved.checkout.buyer_id), route=ROUTE, key=saved.checkout.key, fingerprint=b"")
        await settle(unit, claim, reply_of(saved))
    return saved


def _rests(before: Checkout, after: Checkout) -> bool:
    """Whether there is something to answer the buyer: an end, the buyer's turn, or that it takes longer."""
    if before.state in FAILED | {"confirmed"}:
        return False  # It was answered then; what comes after the end changes no answer.
    return after.ended or after.waiting or after.attempts > before.attempts


def _record_orders(unit: Unit, before: Group, after: Group) -> None:
    earlier = {order.id: order for order in before.orders}
    changed = [order for order in after.orders if order is not earlier[order.id]]
    if not changed:
        return
    orders.save(unit, changed)
    refusal = after.checkout.refusal
    note = None if refusal is None else refusal.code
    orders.tell(unit, [entry(earlier[order.id], order, SYSTEM, note) for order in changed])
    for order in changed:
        _announce(unit, order, refusal)


def _announce(unit: Unit, order: Order, refusal: Refusal | None) -> None:
    if order.state == "paid":
        telling.tell(unit, order, telling.placed(order), telling.paid(order))
    elif order.state == "payment_failed" and refusal is not None:
        telling.tell(unit, order, telling.payment_failed(order, refusal))
    else:
        telling.tell(unit, order, telling.cancelled(order, _reason(order, refusal)))


def _reason(order: Order, refusal: Refusal | None) -> EndReason:
    if order.state == "expired":
        return "expired"
    code = None if refusal is None else refusal.code
    return next((reason for reason in _REASONS if reason == code), "buyer")


def _postings(unit: Unit, before: Checkout, after: Group) -> Sequence[Posting]:
    charge = after.checkout.charge
    captured_now = charge.captured_minor > before.charge.captured_minor
    returned_now = charge.refunded_minor > before.charge.refunded_minor
    return [
        *(ledger.captured(charge, after.orders, unit.now) if captured_now else ()),
        *(ledger.captured_undone(charge, after.orders, unit.now) if returned_now else ()),
    ]
