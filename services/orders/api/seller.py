"""The seller's desk: what to send, what was sent, what to give back, what was earned."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from services.chassis.http.access import AnyRequest, for_sellers
from services.chassis.http.idempotency import IdempotencyKey, claim_of, replayed, to_saved
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.chassis.outbox.idempotency import claim, settle
from services.orders.actions import fulfilment
from services.orders.actions.refunds import give_back
from services.orders.api.counter import Counter, NamedCounter, OrderId, UserId
from services.orders.api.orders import detail_of
from services.orders.api.replies import CREATED, OK, answer_anew, respond
from services.orders.domain.checkouts import CheckoutMissing
from services.orders.domain.details import OrderDetail, RefundView, show_refund
from services.orders.domain.fulfilment import LineUnknown, ShipmentUnknown
from services.orders.domain.history import seller as seller_actor
from services.orders.domain.orders import IllegalMove, NoSeller, OrderMissing, OrderState
from services.orders.domain.payouts import Balance, Payout
from services.orders.domain.refunds import (
    Reason,
    RefundEmpty,
    RefundLine,
    RefundLineUnknown,
    RefundTooLarge,
    Wanted,
)
from services.orders.domain.views import OrderView, show_order
from services.orders.store import checkouts, ledger, offers, orders, refunds

State = Annotated[OrderState | None, QueryParameter(name="state", description="Only orders in this state")]


class NewShipment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A parcel. Without `line_ids` it holds all that is not sent yet."""

    carrier: Annotated[str, Meta(min_length=1, max_length=80)]
    tracking: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    line_ids: Annotated[list[UUID], Meta(max_length=50)] = []


class Delivery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which parcel has arrived; without it, all."""

    shipment_id: UUID | None = None


class NewRefund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to give back. What a line is worth follows from the order."""

    reason: Reason
    lines: Annotated[tuple[RefundLine, ...], Meta(max_length=50)] = ()
    shipping_minor: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    restock: bool = False
    """Whether the goods can be sold again."""


class Balances(Struct, frozen=True, kw_only=True):
    """One a currency."""

    balances: list[Balance]


@get("/api/v1/seller/orders", opt=for_sellers("orders:read", refuses=(CursorMalformed, NoSeller)))
async def list_sold(
    user_id: UserId,
    counter: NamedCounter,
    state_of: State = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[OrderView]:
    """What was bought of this seller, newest first."""
    seller_id = await _seller(counter, user_id)
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await orders.of_seller(counter.database, seller_id, state=state_of, before=before, most=limit + 1)
    return paginate([show_order(order) for order in rows], limit=limit, key=lambda shown: shown.id)


@get("/api/v1/seller/orders/{order_id:uuid}", opt=for_sellers("orders:read", refuses=(OrderMissing, NoSeller)))
async def look_at_sold(order_id: OrderId, user_id: UserId, counter: NamedCounter) -> OrderDetail:
    """One of them, with where to send it."""
    order = await orders.get(counter.database, order_id)
    if order.seller_id != await _seller(counter, user_id):
        raise OrderMissing("there is no such order")
    return await detail_of(counter, order)


@post(
    "/api/v1/seller/orders/{order_id:uuid}/shipments",
    opt=for_sellers("orders:write", refuses=(OrderMissing, NoSeller, IllegalMove, LineUnknown)),
)
async def ship(  # noqa: PLR0917 - Litestar passes them by name.
    request: AnyRequest,
    order_id: OrderId,
    data: JSONBody[NewShipment],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[OrderView] | Response[bytes]:
    """Send a parcel."""
    wanted = await claim_of(request, key)
    seller_id = await _seller(counter, user_id)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        order = await fulfilment.lock_of_seller(unit, order_id, seller_id)
        shipped = fulfilment.ship(
            unit, order, data.line_ids, carrier=data.carrier, tracking=data.tracking, actor=user_id
        )
        reply = to_saved(CREATED, show_order(shipped))
        await settle(unit, wanted, reply)
    return respond(reply)


@post(
    "/api/v1/seller/orders/{order_id:uuid}/deliver",
    status_code=OK,
    opt=for_sellers("orders:write", refuses=(OrderMissing, NoSeller, IllegalMove, ShipmentUnknown)),
)
async def deliver(  # noqa: PLR0917 - Litestar passes them by name.
    request: AnyRequest,
    order_id: OrderId,
    data: JSONBody[Delivery],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[OrderView] | Response[bytes]:
    """The carrier says it has arrived."""
    wanted = await claim_of(request, key)
    seller_id = await _seller(counter, user_id)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        order = await fulfilment.lock_of_seller(unit, order_id, seller_id)
        delivered = await fulfilment.deliver(unit, order, data.shipment_id, actor=user_id)
        reply = to_saved(OK, show_order(delivered))
        await settle(unit, wanted, reply)
    return respond(reply)


@post(
    "/api/v1/seller/orders/{order_id:uuid}/refunds",
    opt=for_sellers(
        "orders:write",
        refuses=(
            OrderMissing,
            CheckoutMissing,
            NoSeller,
            IllegalMove,
            RefundTooLarge,
            RefundEmpty,
            RefundLineUnknown,
        ),
    ),
)
async def refund(  # noqa: PLR0917 - Litestar passes them by name.
    request: AnyRequest,
    order_id: OrderId,
    data: JSONBody[NewRefund],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[RefundView] | Response[bytes]:
    """Give money back: units of lines, shipping, or both; never more than was captured and is left."""
    wanted = await claim_of(request, key)
    seller_id = await _seller(counter, user_id)
    asked = Wanted(lines=data.lines, shipping_minor=data.shipping_minor, reason=data.reason, restock=data.restock)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        group = await checkouts.lock_of_order(unit, order_id)
        if not any(order.id == order_id and order.seller_id == seller_id for order in group.orders):
            raise OrderMissing("there is no such order")
        pending = give_back(unit, group, order_id, asked, actor=seller_actor(user_id))
        await settle(unit, wanted, to_saved(CREATED, show_refund(pending)))
    await counter.refunding.drive_within(pending, counter.timeout_s)
    ended = await refunds.find(counter.database, pending.id) or pending
    return await answer_anew(counter.database, wanted, to_saved(CREATED, show_refund(ended)))


@get("/api/v1/seller/balance", opt=for_sellers("orders:read", refuses=(NoSeller,)))
async def balance(user_id: UserId, counter: NamedCounter) -> Balances:
    """What was earned and not paid out: `pending` until the order is completed, `free` after that."""
    seller_id = await _seller(counter, user_id)
    return Balances(balances=list(await ledger.balances(counter.database, seller_id)))


@get("/api/v1/seller/payouts", opt=for_sellers("orders:read", refuses=(CursorMalformed, NoSeller)))
async def list_payouts(
    user_id: UserId,
    counter: NamedCounter,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[Payout]:
    """What was sent to the seller's bank, newest first."""
    seller_id = await _seller(counter, user_id)
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await ledger.payouts_of(counter.database, seller_id, before=before, most=limit + 1)
    return paginate(rows, limit=limit, key=lambda payout: payout.id)


async def _seller(counter: Counter, user_id: UUID) -> UUID:
    seller_id = await offers.seller_of(counter.database, user_id)
    if seller_id is None:
        raise NoSeller("no approved seller belongs to this user")
    return seller_id


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    list_sold,
    look_at_sold,
    ship,
    deliver,
    refund,
    balance,
    list_payouts,
)
