"""Disputes: the orders of the charge stand still until the bank has decided."""

from msgspec.structs import replace

from services.chassis.database import Unit
from services.orders.actions import telling
from services.orders.domain import ledger
from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import Group
from services.orders.domain.disputes import Dispute
from services.orders.domain.history import PROVIDER
from services.orders.domain.ledger import Posting
from services.orders.domain.orders import PAID_STATES, Order, dismiss_dispute, dispute, entry, move
from services.orders.payments.port import Disputed
from services.orders.store import checkouts, news, orders
from services.orders.store import ledger as books


async def hear_dispute(unit: Unit, group: Group, told: Disputed) -> None:
    """Of a group that the unit has locked. A decision may come before the dispute it decides."""
    known = await news.dispute_named(unit, told.dispute_id)
    if known is None:
        known = _opened(unit, group, told)
        news.add_dispute(unit, known)
        group = replace(group, orders=_open(unit, group, known))
    if told.kept is not None and known.state == "open":
        closed = replace(known, state="won" if told.kept else "lost", closed_at=unit.now)
        news.close_dispute(unit, closed)
        _close(unit, group, closed)


def _opened(unit: Unit, group: Group, told: Disputed) -> Dispute:
    return Dispute(
        id=unit.new_id(),
        checkout_id=group.checkout.id,
        provider_id=told.dispute_id,
        state="open",
        amount_minor=told.amount.minor,
        currency=told.amount.currency,
        reason=told.reason,
        opened_at=unit.now,
    )


def _open(unit: Unit, group: Group, opened: Dispute) -> tuple[Order, ...]:
    frozen = tuple(dispute(one, unit.now) if one.state in PAID_STATES else one for one in group.orders)
    for before, after in zip(group.orders, frozen, strict=True):
        if after is not before:
            _save(unit, before, after, opened.reason)
            telling.tell(unit, after, telling.disputed(after, opened))
    return frozen


def _close(unit: Unit, group: Group, closed: Dispute) -> None:
    postings: list[Posting] = []
    lost_minor = 0
    for before in group.orders:
        if before.state != "disputed":
            continue
        after = dismiss_dispute(before, unit.now) if closed.state == "won" else _lose(before, unit)
        _save(unit, before, after, f"dispute {closed.state}")
        telling.tell(unit, after, telling.dispute_closed(after, closed))
        if closed.state == "lost":
            lost_minor += before.total_minor - before.refunded_minor
            postings += ledger.dispute_lost(closed.id, before, group.checkout.charge, unit.now)
    if postings:
        books.book(unit, postings)
        _lose_money(unit, group, group.checkout.charge, lost_minor)


def _lose(order: Order, unit: Unit) -> Order:
    lost = replace(
        move(order, "refunded", unit.now),
        refunded_minor=order.total_minor,
        shipping_refunded_minor=order.shipping_minor,
        commission_refunded_minor=order.commission_minor,
        disputed_from=None,
    )
    lines = tuple(replace(line, refunded_quantity=line.quantity) for line in order.lines)
    return replace(lost, lines=lines)


def _lose_money(unit: Unit, group: Group, charge: Charge, lost_minor: int) -> None:
    taken = replace(charge, refunded_minor=charge.refunded_minor + lost_minor)
    checkouts.save(unit, group.checkout, replace(group.checkout, charge=taken, changed_at=unit.now))


def _save(unit: Unit, before: Order, after: Order, note: str) -> None:
    orders.save(unit, [after])
    orders.save_lines(unit, after)
    orders.tell(unit, [entry(before, after, PROVIDER, note)])
