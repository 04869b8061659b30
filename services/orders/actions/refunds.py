"""Giving money back of orders that stand.

The amount is set aside, booked and stored with the refund's id in one unit; then the provider is asked under that id;
then it is recorded how it ended. A refund whose process died is found by its timer and driven on.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from services.chassis.clock import Clock
from services.chassis.database import Unit, Units
from services.chassis.errors import Unavailable
from services.contracts.items import Restock
from services.orders.actions import telling
from services.orders.actions.asking import Till
from services.orders.actions.fail_points import FailPoint, Fails
from services.orders.clients import Stock
from services.orders.domain import ledger
from services.orders.domain import refunds as domain
from services.orders.domain.checkouts import LEASE, Group
from services.orders.domain.history import PROVIDER
from services.orders.domain.orders import Order, OrderMissing, entry
from services.orders.domain.refunds import Refund, Wanted, restock_lines, settle, take_back
from services.orders.domain.saga import PAUSES_S
from services.orders.payments.port import ProviderRefused, Refunded, RefundFailed, RefundOutcome
from services.orders.store import checkouts, orders, refunds
from services.orders.store import ledger as books
from services.orders.store.checkouts import Overtaken

DRIVEN_AT_ONCE = 16
LOOKED_AT_EVERY = timedelta(minutes=5)
"""How often a refund that its provider has accepted is asked after, should its webhook be lost."""


def give_back(unit: Unit, group: Group, order_id: UUID, wanted: Wanted, *, actor: str) -> Refund:
    """Set the money aside, of a group that the unit has locked.

    Raises `OrderMissing`, `RefundTooLarge`, `RefundEmpty`, `RefundLineUnknown`, `IllegalMove`.
    """
    order = _order_of(group, order_id)
    after, refunded, items_minor = domain.give_back(group, order, wanted, unit.now)
    refund = _refund(unit, order, wanted, items_minor, actor)
    checkouts.save(unit, group.checkout, after.checkout)
    _save_order(unit, order, refunded, actor, wanted.reason)
    refunds.add(unit, refund)
    books.book(unit, ledger.refund_asked(refund, order, unit.now))
    if refunded.state == "cancelled":
        telling.tell(unit, refunded, telling.cancelled(refunded, "buyer" if actor.startswith("buyer") else "seller"))
    return refund


def _refund(unit: Unit, order: Order, wanted: Wanted, items_minor: int, actor: str) -> Refund:
    return Refund(
        id=unit.new_id(),
        order_id=order.id,
        checkout_id=order.checkout_id,
        seller_id=order.seller_id,
        lines=wanted.lines,
        items_minor=items_minor,
        shipping_minor=wanted.shipping_minor,
        commission_minor=order.commission_share(items_minor),
        currency=order.currency,
        state="pending",
        reason=wanted.reason,
        restock=wanted.restock and bool(wanted.lines),
        actor=actor,
        created_at=unit.now,
        due_at=unit.now + LEASE,
    )


def hear(
    unit: Unit, group: Group, refund: Refund, outcome: RefundOutcome | None, *, lease: timedelta = timedelta()
) -> Refund:
    """How a pending refund has ended; None: it will never be done. Of a group that the unit has locked.

    Who hears it and restocks the goods takes a `lease` for that; without one it is left to the timer at once.
    Raises `Overtaken`.
    """
    order = _order_of(group, refund.order_id)
    if isinstance(outcome, Refunded):
        _succeed(unit, group, order, refund)
        return refunds.save(unit, refund, settle(refund, "succeeded", restock_at=unit.now + lease))
    if outcome is None or isinstance(outcome, RefundFailed):
        _fail(unit, group, order, refund)
        return refunds.save(unit, refund, settle(refund, "failed", restock_at=unit.now))
    waiting = replace(refund, due_at=unit.now + LOOKED_AT_EVERY)
    return refunds.save(unit, refund, waiting)


def _succeed(unit: Unit, group: Group, order: Order, refund: Refund) -> None:
    told = replace(order, version=order.version + 1, changed_at=unit.now)
    _save_order(unit, order, told, PROVIDER, "refunded")
    books.book(unit, ledger.refund_done(refund, order, group.checkout.charge, unit.now))
    telling.tell(unit, told, telling.refunded(told, refund))


def _fail(unit: Unit, group: Group, order: Order, refund: Refund) -> None:
    after, restored = take_back(group, order, refund, unit.now)
    checkouts.save(unit, group.checkout, after.checkout)
    _save_order(unit, order, restored, PROVIDER, "refund failed")
    books.book(unit, ledger.refund_failed(refund, order, unit.now))
    telling.tell(unit, restored, telling.refund_failed(restored, refund))


def _save_order(unit: Unit, before: Order, after: Order, actor: str, note: str) -> None:
    orders.save(unit, [after])
    orders.save_lines(unit, after)
    orders.tell(unit, [entry(before, after, actor, note)])


async def _require_pending(unit: Unit, refund: Refund) -> None:
    """With the group locked nobody else can end it any more. Raises `Overtaken`."""
    if (await refunds.read(unit, refund.id)).version != refund.version:
        raise Overtaken(f"refund {refund.id} is not in version {refund.version} any more")


def _order_of(group: Group, order_id: UUID) -> Order:
    found = next((order for order in group.orders if order.id == order_id), None)
    if found is None:
        raise OrderMissing("there is no such order")
    return found


class Refunding:
    """Drives refunds to their end, in as many processes as there are."""

    def __init__(self, *, units: Units, stock: Stock, till: Till, clock: Clock, fails: Fails) -> None:
        self._units = units
        self._stock = stock
        self._till = till
        self._clock = clock
        self._fails = fails

    async def drive_within(self, refund: Refund, timeout_s: float) -> None:
        """While the seller waits; after `timeout_s` the worker takes over when the lease ends."""
        try:
            async with asyncio.timeout(timeout_s):
                await self.drive(refund.id)
        except TimeoutError:
            return

    async def drive_due(self) -> int:
        """Every refund whose time has come; how many."""
        async with self._units() as unit:
            ids = await refunds.lease_due(unit, most=DRIVEN_AT_ONCE)
        driven = await asyncio.gather(*(self.drive(one) for one in ids), return_exceptions=True)
        failures = [failure for failure in driven if isinstance(failure, Exception)]
        if failures:
            raise ExceptionGroup("some refunds could not be driven", failures)
        return len(ids)

    async def drive(self, refund_id: UUID) -> None:
        """Ask, record, restock."""
        async with self._units() as unit:
            refund = await refunds.read(unit, refund_id)
            group = await checkouts.read(unit, refund.checkout_id)
        with suppress(Overtaken):  # Whoever recorded first drives it on.
            try:
                if refund.state == "pending":
                    refund = await self._settle(refund, group)
                if refund.state == "succeeded" and refund.restock and not refund.restocked:
                    await self._restock(refund, group)
            except Unavailable:
                await self._put_off(refund)

    async def _settle(self, refund: Refund, group: Group) -> Refund:
        outcome: RefundOutcome | None = None
        try:
            outcome = await self._till.refund(refund, group.checkout.charge)
        except ProviderRefused:
            outcome = None
        async with self._units() as unit:
            locked = await checkouts.lock(unit, refund.checkout_id)
            await _require_pending(unit, refund)
            settled = hear(unit, locked, refund, outcome, lease=LEASE)
            self._fails(FailPoint.BEFORE_REFUND_RECORD)
        self._fails(FailPoint.AFTER_REFUND_RECORD)
        return settled

    async def _restock(self, refund: Refund, group: Group) -> None:
        order = _order_of(group, refund.order_id)
        self._fails(FailPoint.BEFORE_RESTOCK)
        await self._stock.restock(Restock(restock_id=refund.id, lines=restock_lines(order, refund)))
        self._fails(FailPoint.AFTER_RESTOCK)
        async with self._units() as unit:
            refunds.save(unit, refund, replace(refund, restocked=True, due_at=None))

    async def _put_off(self, refund: Refund) -> None:
        pause_s = PAUSES_S[min(refund.attempts, len(PAUSES_S) - 1)]
        later = replace(refund, attempts=refund.attempts + 1, due_at=self._clock() + timedelta(seconds=pause_s))
        async with self._units() as unit:
            refunds.save(unit, refund, later)
