"""Checkouts over HTTP: place one, follow it, call it off."""

from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from msgspec import Struct

from services.chassis.errors import Invalid, SoukError
from services.chassis.http.access import AnyRequest, for_users
from services.chassis.http.idempotency import IdempotencyKey, claim_of, replayed, to_saved
from services.chassis.outbox.idempotency import Claim, SavedReply, claim, claim_unseen, earlier, settle
from services.contracts.users import Address
from services.orders.actions import carts as cart_actions
from services.orders.actions import checkout as actions
from services.orders.actions.fail_points import FailPoint
from services.orders.api.counter import CartToken, CheckoutId, Counter, NamedCounter, UserId
from services.orders.api.replies import OK, answer, answer_anew, reply_of
from services.orders.clients import AddressMissing
from services.orders.domain.carts import (
    Cart,
    CartChanged,
    CartClosed,
    CartEmpty,
    CartMissing,
    OfferMissing,
    Offers,
    PriceChanged,
)
from services.orders.domain.checkouts import (
    CheckoutCancelled,
    CheckoutExpired,
    CheckoutMissing,
    CheckoutUnderWay,
    Group,
    OutOfStock,
    PaymentDeclined,
    PaymentMethod,
)
from services.orders.domain.opening import Purchase
from services.orders.domain.orders import IllegalMove
from services.orders.domain.views import CheckoutView, show_checkout
from services.orders.store import carts, checkouts


class NewCheckout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which cart, sent where, paid how. Either `address` or `address_id`, one the user has saved."""

    cart_id: UUID
    payment_method: PaymentMethod
    address: Address | None = None
    address_id: UUID | None = None


class AddressRequired(Invalid):
    """Neither, or both."""

    code = "address_required"
    title = "One address required"


_PLACING = (
    AddressMissing,
    AddressRequired,
    CartChanged,
    CartClosed,
    CartEmpty,
    CartMissing,
    CheckoutCancelled,
    CheckoutExpired,
    OfferMissing,
    OutOfStock,
    PaymentDeclined,
    PriceChanged,
)


@post(
    "/api/v1/checkouts",
    opt=for_users("orders:write", refuses=_PLACING),
    responses={
        202: ResponseSpec(
            CheckoutView,
            generate_examples=False,
            description="Under way: the buyer must confirm, or it takes longer; look again",
        )
    },
)
async def place(  # noqa: PLR0917 - Litestar passes them by name.
    request: AnyRequest,
    data: JSONBody[NewCheckout],
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
    cart_token: CartToken = None,
) -> Response[CheckoutView] | Response[bytes]:
    """Buy the cart: one payment, one order a seller.

    Prices are quoted again. If one differs from what the cart showed, the answer is 409 `price_changed` with old and
    new, the cart then shows the new ones, and a second try accepts them.
    """
    wanted = await claim_of(request, key)
    address = await _address(counter, user_id, data)
    cart = await carts.find(counter.database, data.cart_id)
    offers = await cart_actions.quote(counter.database, counter.stock, [] if cart is None else _skus(cart))
    purchase = Purchase(
        buyer_id=user_id,
        key=wanted.key,
        address=address,
        provider=counter.provider.name,
        method=data.payment_method,
    )
    placed = await _place(counter, wanted, cart, offers, purchase, token=cart_token)
    if isinstance(placed, SavedReply):
        return answer(placed, again=True)
    driven = await counter.saga.drive_within(placed, counter.timeout_s, first=True)
    return answer(reply_of(driven), again=False)


async def _place(
    counter: Counter, wanted: Claim, cart: Cart | None, offers: Offers, purchase: Purchase, *, token: str | None
) -> Group | SavedReply:
    """A refusal may only mean that it was done before, under the same key."""
    try:
        own = cart_actions.require_own(cart, user_id=purchase.buyer_id, token=token)
        async with counter.database.unit() as unit:
            claim_unseen(unit, wanted)
            group = actions.place(unit, own, offers, purchase, counter.terms)
            counter.fails(FailPoint.BEFORE_PLACE)
    except SoukError as refused:
        saved = await earlier(counter.database, wanted)
        if saved is not None:
            return saved
        if isinstance(refused, PriceChanged) and cart is not None:
            await _renew(counter, cart, offers)
        raise
    counter.fails(FailPoint.AFTER_PLACE)
    return group


async def _renew(counter: Counter, cart: Cart, offers: Offers) -> None:
    async with counter.database.unit() as unit:
        cart_actions.renew(unit, cart, offers)


def _skus(cart: Cart) -> list[str]:
    return [line.sku for line in cart.lines]


async def _address(counter: Counter, user_id: UUID, data: NewCheckout) -> Address:
    if data.address is not None and data.address_id is None:
        return data.address
    if data.address_id is not None and data.address is None:
        return await counter.addresses.of_user(user_id, data.address_id)
    raise AddressRequired("send either `address` or `address_id`")


@get("/api/v1/checkouts/{checkout_id:uuid}", opt=for_users("orders:read", refuses=(CheckoutMissing,)))
async def follow(checkout_id: CheckoutId, user_id: UserId, counter: NamedCounter) -> CheckoutView:
    """How far a checkout has got. One that failed says why in `refusal`."""
    return show_checkout(_own(await checkouts.get(counter.database, checkout_id), user_id))


@post(
    "/api/v1/checkouts/{checkout_id:uuid}/cancel",
    status_code=200,
    opt=for_users("orders:write", refuses=(CheckoutMissing, CheckoutUnderWay, IllegalMove)),
)
async def cancel_checkout(
    request: AnyRequest,
    checkout_id: CheckoutId,
    user_id: UserId,
    counter: NamedCounter,
    key: IdempotencyKey = None,
) -> Response[CheckoutView] | Response[bytes]:
    """Call it off while it waits for the buyer to confirm with their bank."""
    wanted = await claim_of(request, key)
    async with counter.database.unit() as unit:
        saved = await claim(unit, wanted)
        if saved is not None:
            return replayed(saved)
        group = _own(await checkouts.lock(unit, checkout_id), user_id)
        turned = actions.call_off(unit, group)
        await settle(unit, wanted, to_saved(OK, show_checkout(turned)))
    ended = await counter.saga.drive_within(turned, counter.timeout_s)
    return await answer_anew(counter.database, wanted, to_saved(OK, show_checkout(ended)))


def _own(group: Group, user_id: UUID) -> Group:
    if group.checkout.buyer_id != user_id:
        raise CheckoutMissing("there is no such checkout")
    return group


HANDLERS: tuple[HTTPRouteHandler, ...] = (place, follow, cancel_checkout)
