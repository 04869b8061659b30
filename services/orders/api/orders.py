"""Orders as their buyers see them."""

from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from services.chassis.http.access import AnyRequest, for_users
from services.chassis.http.idempotency import IdempotencyKey, claim_of, replayed, to_saved
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.chassis.outbox.idempotency import claim, settle
from services.orders.actions import cancelling, fulfilment
from services.orders.api.counter import Counter, NamedCounter, OrderId, UserId
from services.orders.api.replies import OK, answer_anew, respond
from services.orders.domain.checkouts import CheckoutMissing, CheckoutUnderWay
from services.orders.domain.details import OrderDetail, show_detail
from services.orders.domain.orders import IllegalMove, Order, OrderMissing
from services.orders.domain.refunds import Refund, RefundTooLarge
from services.orders.domain.views import OrderView, show_order
from services.orders.store import checkouts, orders, refunds


@get("/api/v1/orders", opt=for_users("orders:read", refuses=(CursorMalformed,)))
async def list_orders(
    user_id: UserId,
    counter: NamedCounter,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[OrderView]:
    """What the user has bought, newest first."""
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await orders.of_buyer(counter.database, user_id, before=before, most=limit + 1)
    return paginate([show_order(order) for order in rows], limit=limit, key=lambda shown: shown.id)


@get("/api/v1/orders/{order_id:uuid}", opt=for_users("orders:read", refuses=(OrderMissing,)))
async def look_at_order(order_id: OrderId, user_id: UserId, counter: NamedCounter) -> OrderDetail:
    """The order with its history, parcels and refunds."""
    order = await orders.get(counter.database, order_id)
    if order.buyer_id != user_id:
        raise OrderMissing("there is no such order")
    return await detail_of(counter, order)


@post(
    "/api/v1/orders/{order_id:uuid}/cancel",
    status_code=OK,
    opt=for_users(
        "orders:write", refuses=(OrderMissing, CheckoutMissing, CheckoutUnderWay, IllegalMove, RefundTooLarge)
    ),
)
async def cancel_order(
    request: AnyRequest,
    order_id: OrderId,
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[OrderDetail] | Response[bytes]:
    """As long as nothing was sent. The money goes back, the goods go back on sale.

    An order that is not paid yet takes the other orders of its checkout with it: they have one payment.
    """
    wanted = await claim_of(request, key)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        group, order = await cancelling.lock_own(unit, order_id, user_id)
        rest = cancelling.cancel(unit, group, order)
        await settle(unit, wanted, to_saved(OK, show_order(order)))
    if isinstance(rest, Refund):
        await counter.refunding.drive_within(rest, counter.timeout_s)
    else:
        await counter.saga.drive_within(rest, counter.timeout_s)
    ended = await detail_of(counter, await orders.get(counter.database, order_id))
    return await answer_anew(counter.database, wanted, to_saved(OK, ended))


@post(
    "/api/v1/orders/{order_id:uuid}/confirm-delivery",
    status_code=OK,
    opt=for_users("orders:write", refuses=(OrderMissing, IllegalMove)),
)
async def confirm_delivery(
    request: AnyRequest,
    order_id: OrderId,
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[OrderView] | Response[bytes]:
    """Everything has arrived and is well: the order is complete, and the seller's money is free."""
    wanted = await claim_of(request, key)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        order = await fulfilment.lock_of_buyer(unit, order_id, user_id)
        reply = to_saved(OK, show_order(await fulfilment.confirm_delivery(unit, order, actor=user_id)))
        await settle(unit, wanted, reply)
    return respond(reply)


async def detail_of(counter: Counter, order: Order) -> OrderDetail:
    """All there is to show of an order that the caller may see."""
    database = counter.database
    group = await checkouts.get(database, order.checkout_id)
    return show_detail(
        order,
        address=group.checkout.address,
        history=await orders.history(database, order.id),
        shipments=await orders.shipments(database, order.id),
        refunds=await refunds.of_order(database, order.id),
    )


HANDLERS: tuple[HTTPRouteHandler, ...] = (list_orders, look_at_order, cancel_order, confirm_delivery)
