"""A process dies at every instant that matters, another starts from the database: nothing is lost or doubled."""

from collections.abc import Awaitable, Callable
from itertools import product

import pytest
from sqlalchemy import select

from services.orders.actions.checkout import call_off
from services.orders.actions.fail_points import FailPoint
from services.orders.actions.refunds import give_back
from services.orders.domain.history import seller
from services.orders.domain.refunds import everything
from services.orders.store import checkouts
from services.orders.tables import CHECKOUTS
from tests.orders.market import POTTER_OWNER, WEAVER, Market, offer

REFUND_POINTS = (FailPoint.BEFORE_REFUND_RECORD, FailPoint.AFTER_REFUND_RECORD)


class Crashed(BaseException):
    """Nothing on the way catches it, as nothing catches kill -9."""


class Armed:
    """Dies the `nth` time that `point` is reached."""

    def __init__(self, point: FailPoint, nth: int = 1) -> None:
        self._point = point
        self._left = nth
        self.fired = False

    def __call__(self, point: FailPoint) -> None:
        if point is self._point and not self.fired:
            self._left -= 1
            if self._left == 0:
                self.fired = True
                raise Crashed(point)


async def _survive(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Crashed:
        return


async def _recover(market: Market) -> None:
    """New processes know only what is in the database; they begin when a lease has run out, or a hold."""
    for seconds in (60, 1200, 60):
        market.clock.advance(seconds)
        await _survive(market.work)


async def _goes_well(market: Market) -> None:
    await market.buy(MUG=2, RUG=1)


async def _is_declined(market: Market) -> None:
    await market.buy(MUG=2, RUG=1, method="tok_declined")


async def _is_called_off(market: Market) -> None:
    waiting = await market.buy(MUG=2, RUG=1, method="tok_action")
    async with market.database.unit() as unit:
        turned = call_off(unit, await checkouts.lock(unit, waiting.checkout.id))
    await market.counter.saga.drive(turned)


async def _is_confirmed_too_late_and_sold_out(market: Market) -> None:
    waiting = await market.buy(MUG=2, RUG=1, method="tok_action")
    market.clock.advance(16 * 60)
    gone, market.items.on_hand["MUG"] = market.items.on_hand["MUG"], 1
    market.provider.approve(market.provider.reserved[0])
    try:
        await market.counter.saga.drive(waiting)
        await market.work()
    finally:
        market.items.on_hand["MUG"] += gone - 1


async def _is_refunded(market: Market) -> None:
    bought = await market.buy(MUG=2, RUG=1)
    order = bought.orders[0]
    async with market.database.unit() as unit:
        group = await checkouts.lock(unit, bought.checkout.id)
        refund = give_back(unit, group, order.id, everything(order, "broken"), actor=seller(POTTER_OWNER))
    await market.counter.refunding.drive(refund.id)


SCENES = {
    scene.__name__: scene
    for scene in (_goes_well, _is_declined, _is_called_off, _is_confirmed_too_late_and_sold_out, _is_refunded)
}


@pytest.mark.parametrize("scene", SCENES)
async def test_a_crash_at_any_fail_point_loses_nothing_and_doubles_nothing(market: Market, scene: str) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER), on_hand=1000)

    for point, nth in product(FailPoint, (1, 2)):
        market.crash = Armed(point, nth)
        await _survive(lambda: SCENES[scene](market))
        await _recover(market)

        await _require_all_ended(market)
        await market.require_sound_books()
        await market.require_sound_stock()
        assert not market.provider.reserved, point


async def _require_all_ended(market: Market) -> None:
    async with market.database.reading() as connection:
        columns = CHECKOUTS.c
        open_ones = (await connection.execute(select(columns.id).where(columns.due_at.is_not(None)))).all()
        states = set((await connection.execute(select(columns.state))).scalars())
    assert open_ones == []
    assert states <= {"confirmed", "payment_failed", "cancelled", "expired", "refunded"}


async def test_every_fail_point_is_reached_by_some_scene(market: Market) -> None:
    reached: set[FailPoint] = set()
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER), on_hand=100)
    market.crash = reached.add

    for scene in SCENES.values():
        await scene(market)

    assert reached == set(FailPoint)
