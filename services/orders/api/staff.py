"""The staff's desk: look-ups, checkouts that need a human, disputes, payouts, the books."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from services.chassis.http.access import AnyRequest, for_staff
from services.chassis.http.idempotency import IdempotencyKey, claim_of, replayed, to_saved
from services.chassis.http.pages import LIMIT_DEFAULT, Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.chassis.outbox.idempotency import claim, settle
from services.orders.actions.payouts import pay_out
from services.orders.actions.reviewing import Decision, resolve
from services.orders.api.counter import CheckoutId, NamedCounter, OrderId, UserId
from services.orders.api.orders import detail_of
from services.orders.api.replies import CREATED, OK, answer_anew, respond
from services.orders.domain.checkouts import CheckoutMissing, CheckoutState
from services.orders.domain.details import OrderDetail
from services.orders.domain.disputes import Dispute, DisputeState
from services.orders.domain.history import staff as staff_actor
from services.orders.domain.orders import IllegalMove, OrderMissing, OrderState
from services.orders.domain.payouts import Payout
from services.orders.domain.views import CheckoutView, OrderView, show_checkout, show_order
from services.orders.store import checkouts, ledger, news, orders
from services.orders.store.ledger import Account

State = Annotated[OrderState | None, QueryParameter(name="state", description="Only orders in this state")]
Buyer = Annotated[UUID | None, QueryParameter(name="buyer_id", description="Only this user's")]
Stuck = Annotated[CheckoutState, QueryParameter(name="state", description="Checkouts in this state")]
OfState = Annotated[DisputeState | None, QueryParameter(name="state", description="Only disputes in this state")]


class Resolution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`retry`: go on from where it stopped. `turn_back`: give everything back."""

    decision: Decision
    note: Annotated[str, Meta(min_length=1, max_length=500)]


class PayoutRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at_least_minor`: smaller balances wait; by default what the marketplace has set."""

    at_least_minor: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class PaidOut(Struct, frozen=True, kw_only=True):
    """What one run sent."""

    payouts: Sequence[Payout]


class Books(Struct, frozen=True, kw_only=True):
    """Every account; per currency they sum to zero."""

    accounts: Sequence[Account]


class StuckCheckout(Struct, frozen=True, kw_only=True):
    """A checkout without its orders."""

    id: UUID
    buyer_id: UUID
    state: CheckoutState
    total_minor: int
    currency: str
    payment: str


@get("/api/v1/staff/orders", opt=for_staff("orders:read", refuses=(CursorMalformed,)))
async def search_orders(
    counter: NamedCounter,
    state_of: State = None,
    buyer_id: Buyer = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[OrderView]:
    """Everybody's orders, newest first."""
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await orders.search(counter.database, buyer_id=buyer_id, state=state_of, before=before, most=limit + 1)
    return paginate([show_order(order) for order in rows], limit=limit, key=lambda shown: shown.id)


@get("/api/v1/staff/orders/{order_id:uuid}", opt=for_staff("orders:read", refuses=(OrderMissing,)))
async def look_up_order(order_id: OrderId, counter: NamedCounter) -> OrderDetail:
    """Anybody's order."""
    return await detail_of(counter, await orders.get(counter.database, order_id))


@get("/api/v1/staff/checkouts", opt=for_staff("orders:read", refuses=(CursorMalformed,)))
async def list_stuck(
    counter: NamedCounter,
    state_of: Stuck = "manual_review",
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[StuckCheckout]:
    """Checkouts in one state, newest first; by default those that wait for a human."""
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await checkouts.in_state(counter.database, state_of, before=before, most=limit + 1)
    shown = [
        StuckCheckout(
            id=row.id,
            buyer_id=row.buyer_id,
            state=row.state,
            total_minor=row.total_minor,
            currency=row.currency,
            payment=row.charge.state,
        )
        for row in rows
    ]
    return paginate(shown, limit=limit, key=lambda checkout: checkout.id)


@post(
    "/api/v1/staff/checkouts/{checkout_id:uuid}/resolve",
    status_code=OK,
    opt=for_staff("orders:write", refuses=(CheckoutMissing, IllegalMove)),
)
async def resolve_checkout(  # noqa: PLR0917 - Litestar passes them by name.
    request: AnyRequest,
    checkout_id: CheckoutId,
    data: JSONBody[Resolution],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[CheckoutView] | Response[bytes]:
    """Decide on a checkout that waits for a human."""
    wanted = await claim_of(request, key)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        group = await checkouts.lock(unit, checkout_id)
        resolved = resolve(unit, group, data.decision, note=data.note, actor=staff_actor(user_id))
        await settle(unit, wanted, to_saved(OK, show_checkout(resolved)))
    ended = await counter.saga.drive_within(resolved, counter.timeout_s)
    return await answer_anew(counter.database, wanted, to_saved(OK, show_checkout(ended)))


@get("/api/v1/staff/disputes", opt=for_staff("orders:read", refuses=(CursorMalformed,)))
async def list_disputes(
    counter: NamedCounter,
    state_of: OfState = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Page[Dispute]:
    """What buyers' banks have asked for, newest first."""
    before = None if cursor is None else from_cursor(cursor, UUID)
    rows = await news.disputes(counter.database, state=state_of, before=before, most=limit + 1)
    return paginate(rows, limit=limit, key=lambda dispute: dispute.id)


@post("/api/v1/staff/payouts", opt=for_staff("payouts:write"))
async def run_payouts(
    request: AnyRequest,
    data: JSONBody[PayoutRun],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[PaidOut] | Response[bytes]:
    """Send every seller what is free of their balance."""
    wanted = await claim_of(request, key)
    at_least_minor = data.at_least_minor or counter.payout_from_minor
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        sent = await pay_out(unit, at_least_minor=at_least_minor, actor=staff_actor(user_id))
        reply = to_saved(CREATED, PaidOut(payouts=sent))
        await settle(unit, wanted, reply)
    return respond(reply)


@get("/api/v1/staff/ledger", opt=for_staff("payouts:read"))
async def read_books(counter: NamedCounter) -> Books:
    """What every account holds."""
    return Books(accounts=await ledger.accounts(counter.database))


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    search_orders,
    look_up_order,
    list_stuck,
    resolve_checkout,
    list_disputes,
    run_payouts,
    read_books,
)
