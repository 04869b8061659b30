import asyncio

from services.chassis.errors import SoukError
from services.orders.actions.refunds import give_back
from services.orders.domain.history import seller
from services.orders.domain.refunds import RefundLine, RefundTooLarge, Wanted
from services.orders.store import checkouts
from tests.orders.market import POTTER_OWNER, WEAVER, Market, offer


async def test_twenty_refunds_at_once_never_exceed_what_was_captured(market: Market) -> None:
    await market.sell(offer("MUG", 1200), offer("RUG", 20_000, WEAVER))
    bought = await market.buy(MUG=3, RUG=1)
    order = next(order for order in bought.orders if order.seller_id != WEAVER)
    wanted = Wanted(lines=(RefundLine(line_id=order.lines[0].id, quantity=1),), reason="broken", restock=True)

    async def refund() -> str:
        try:
            async with market.database.unit() as unit:
                group = await checkouts.lock_of_order(unit, order.id)
                pending = give_back(unit, group, order.id, wanted, actor=seller(POTTER_OWNER))
        except SoukError as refused:
            return refused.code
        await market.counter.refunding.drive(pending.id)
        return "refunded"

    outcomes = await asyncio.gather(*(refund() for _ in range(20)))

    assert sorted(outcomes) == [RefundTooLarge.code] * 17 + ["refunded"] * 3
    assert market.provider.kept_minor == 490 + 20_000
    assert market.items.sold["MUG"] == 0
    await market.require_sound_books()


async def test_a_refund_that_two_workers_drive_is_made_and_restocked_once(market: Market) -> None:
    await market.sell(offer("MUG", 1200))
    bought = await market.buy(MUG=2)
    order = bought.orders[0]
    wanted = Wanted(lines=(RefundLine(line_id=order.lines[0].id, quantity=1),), reason="broken", restock=True)
    async with market.database.unit() as unit:
        group = await checkouts.lock_of_order(unit, order.id)
        pending = give_back(unit, group, order.id, wanted, actor=seller(POTTER_OWNER))

    await asyncio.gather(*(market.counter.refunding.drive(pending.id) for _ in range(5)))
    await market.work()

    assert len(market.provider.refunds) == 1
    assert len(market.items.restocked) == 1
    assert len(await market.told("orders.order.refunded")) == 1
    await market.require_sound_books()
    await market.require_sound_stock()
