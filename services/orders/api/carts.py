"""Carts over HTTP. A visitor's cart opens with its token, a user's with their login; neither is told of the other's."""

from typing import Annotated, Final
from uuid import UUID

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter
from msgspec import Meta, Struct

from services.chassis.http.access import for_anyone, for_users
from services.chassis.identity.tokens import IdentityClaims
from services.contracts.items import Quantity, Sku
from services.orders.actions import carts as actions
from services.orders.api.counter import CartId, CartToken, Counter, NamedCounter, UserId
from services.orders.domain.carts import (
    LINES_MOST,
    Cart,
    CartChanged,
    CartClosed,
    CartFull,
    CartLineMissing,
    CartMissing,
    CurrencyMismatch,
    OfferMissing,
    is_stale,
)
from services.orders.domain.views import CartView, show_cart
from services.orders.store import carts

Identity = NamedDependency[IdentityClaims]
SkuInPath = Annotated[str, PathParameter(pattern="^[A-Z0-9][A-Z0-9._-]{1,39}$", description="Stock keeping unit")]
_NOTHING: Final[tuple["NewLine", ...]] = ()


class NewLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many of one SKU; what it costs is not the client's to say."""

    sku: Sku
    quantity: Quantity


class NewCart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to begin with."""

    lines: Annotated[tuple[NewLine, ...], Meta(max_length=LINES_MOST)] = _NOTHING


class LineQuantity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many there shall be."""

    quantity: Quantity


@post("/api/v1/carts", opt=for_anyone(refuses=(OfferMissing, CurrencyMismatch, CartFull)))
async def make_cart(data: JSONBody[NewCart], identity: Identity, counter: NamedCounter) -> CartView:
    """A cart, with lines if you like. A visitor is told its `token` this once: send it as `X-Cart-Token`."""
    wanted: dict[str, int] = {}
    for line in data.lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
    quoted = await actions.quote(counter.database, counter.stock, wanted)
    token = None if identity.sub is not None else counter.new_token()
    async with counter.database.unit() as unit:
        cart = actions.create(unit, wanted, quoted, owner_id=identity.sub, token=token)
    return show_cart(cart, token)


@get("/api/v1/carts/mine", opt=for_users("orders:read", refuses=(CartMissing,)))
async def my_cart(user_id: UserId, counter: NamedCounter) -> CartView:
    """The open cart that the user touched last."""
    cart = await carts.latest_of(counter.database, user_id)
    return show_cart(await _fresh(counter, actions.require_own(cart, user_id=user_id, token=None)))


@get("/api/v1/carts/{cart_id:uuid}", opt=for_anyone(refuses=(CartMissing,)))
async def look_at_cart(
    cart_id: CartId,
    identity: Identity,
    counter: NamedCounter,
    cart_token: CartToken = None,
) -> CartView:
    """The cart. A line keeps its price for an hour; after that it is quoted again when the cart is looked at."""
    return show_cart(await _fresh(counter, await _own(counter, cart_id, identity, cart_token)))


@put(
    "/api/v1/carts/{cart_id:uuid}/lines/{sku:str}",
    opt=for_anyone(
        refuses=(CartMissing, CartClosed, CartChanged, OfferMissing, CurrencyMismatch, CartFull),
    ),
)
async def put_line(  # noqa: PLR0917 - Litestar passes them by name.
    cart_id: CartId,
    sku: SkuInPath,
    data: JSONBody[LineQuantity],
    identity: Identity,
    counter: NamedCounter,
    cart_token: CartToken = None,
) -> CartView:
    """Set how many of a SKU the cart holds, at today's price."""
    cart = await _own(counter, cart_id, identity, cart_token)
    quoted = await actions.quote(counter.database, counter.stock, [sku])
    async with counter.database.unit() as unit:
        changed = actions.put(unit, cart, sku, data.quantity, quoted)
    return show_cart(changed)


@delete(
    "/api/v1/carts/{cart_id:uuid}/lines/{sku:str}",
    status_code=200,
    opt=for_anyone(refuses=(CartMissing, CartClosed, CartChanged, CartLineMissing)),
)
async def drop_line(
    cart_id: CartId,
    sku: SkuInPath,
    identity: Identity,
    counter: NamedCounter,
    cart_token: CartToken = None,
) -> CartView:
    """Take a line out."""
    cart = await _own(counter, cart_id, identity, cart_token)
    async with counter.database.unit() as unit:
        changed = actions.drop(unit, cart, sku)
    return show_cart(changed)


@delete("/api/v1/carts/{cart_id:uuid}", opt=for_anyone(refuses=(CartMissing,)))
async def drop_cart(
    cart_id: CartId,
    identity: Identity,
    counter: NamedCounter,
    cart_token: CartToken = None,
) -> None:
    """Throw the cart away."""
    cart = await _own(counter, cart_id, identity, cart_token)
    async with counter.database.unit() as unit:
        await carts.remove(unit, cart.id)


@post(
    "/api/v1/carts/{cart_id:uuid}/merge",
    status_code=200,
    opt=for_users("orders:write", refuses=(CartMissing, CartClosed, CartChanged)),
)
async def merge_cart(cart_id: CartId, user_id: UserId, counter: NamedCounter, cart_token: CartToken = None) -> CartView:
    """After login: the visitor's cart becomes the user's, or its lines are added to the cart the user has already."""
    visitors = actions.require_own(await carts.find(counter.database, cart_id), user_id=user_id, token=cart_token)
    own = await carts.latest_of(counter.database, user_id)
    quoted = await actions.quote(counter.database, counter.stock, [line.sku for line in visitors.lines])
    async with counter.database.unit() as unit:
        merged = await actions.merge(unit, visitors, own, user_id, quoted)
    return show_cart(merged)


async def _own(counter: Counter, cart_id: UUID, identity: IdentityClaims, token: str | None) -> Cart:
    cart = await carts.find(counter.database, cart_id)
    return actions.require_own(cart, user_id=identity.sub, token=token)


async def _fresh(counter: Counter, cart: Cart) -> Cart:
    if cart.checkout_id is not None or not is_stale(cart, counter.clock()):
        return cart
    quoted = await actions.quote(counter.database, counter.stock, [line.sku for line in cart.lines])
    async with counter.database.unit() as unit:
        return actions.renew(unit, cart, quoted)


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    make_cart,
    my_cart,
    look_at_cart,
    put_line,
    drop_line,
    drop_cart,
    merge_cart,
)
