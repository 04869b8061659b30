"""What is done to carts. Prices come from the copies of items' offers; only a SKU they lack is asked for."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from services.chassis.database import Database, Unit
from services.orders.clients import Stock
from services.orders.domain import carts as domain
from services.orders.domain.carts import Cart, CartMissing, Offers, require_offer
from services.orders.store import carts, offers


def hash_token(token: str) -> bytes:
    """What is kept of a visitor's token."""
    return hashlib.sha256(token.encode()).digest()


async def quote(database: Database, stock: Stock, skus: Iterable[str]) -> Offers:
    """Today's offers. An item that was listed a moment ago may not be copied yet: items is asked for the rest."""
    wanted = set(skus)
    known = await offers.of_skus(database, wanted)
    unknown = sorted(wanted - known.keys())
    if not unknown:
        return known
    return {**known, **{offer.sku: offer for offer in await stock.offers(unknown)}}


def require_own(cart: Cart | None, *, user_id: UUID | None, token: str | None) -> Cart:
    """The cart, if it is the user's or the token opens it. Raises `CartMissing`."""
    if cart is not None:
        if cart.owner_id is not None and cart.owner_id == user_id:
            return cart
        if cart.token_hash is not None and token is not None and cart.token_hash == hash_token(token):
            return cart
    raise CartMissing("there is no such cart, or it is not yours")


def create(unit: Unit, quantities: dict[str, int], quoted: Offers, *, owner_id: UUID | None, token: str | None) -> Cart:
    """A cart of these. Raises what `put` raises, and `OfferMissing`."""
    cart = Cart(
        id=unit.new_id(),
        owner_id=owner_id,
        token_hash=None if token is None else hash_token(token),
        currency=None,
        lines=(),
        version=0,
        checkout_id=None,
        created_at=unit.now,
        changed_at=unit.now,
    )
    for sku, quantity in quantities.items():
        cart = domain.put(cart, require_offer(quoted, sku), quantity, unit.now)
    cart = replace(cart, version=1)
    carts.add(unit, cart)
    return cart


def put(unit: Unit, cart: Cart, sku: str, quantity: int, quoted: Offers) -> Cart:
    """Set one line. Raises what `domain.carts.put` raises, `OfferMissing`, `CartChanged`."""
    changed = domain.put(cart, require_offer(quoted, sku), quantity, unit.now)
    carts.save(unit, changed, seen=cart.version)
    return changed


def drop(unit: Unit, cart: Cart, sku: str) -> Cart:
    """Take one line out. Raises `CartLineMissing`, `CartClosed`, `CartChanged`."""
    changed = domain.drop(cart, sku, unit.now)
    carts.save(unit, changed, seen=cart.version)
    return changed


def renew(unit: Unit, cart: Cart, quoted: Offers) -> Cart:
    """Quote every line again. Raises `CartChanged`."""
    renewed = domain.renew(cart, quoted, unit.now)
    carts.save(unit, renewed, seen=cart.version)
    return renewed


async def merge(unit: Unit, visitors: Cart, own: Cart | None, user_id: UUID, quoted: Offers) -> Cart:
    """A visitor has logged in: their cart becomes the user's, or its lines go into the one the user has."""
    if own is None or own.id == visitors.id:
        claimed = replace(
            visitors, owner_id=user_id, token_hash=None, version=visitors.version + 1, changed_at=unit.now
        )
        carts.save(unit, claimed, seen=visitors.version)
        return claimed
    merged = replace(domain.merge(own, visitors, quoted, unit.now), version=own.version + 1)
    carts.save(unit, merged, seen=own.version)
    await carts.remove(unit, visitors.id)
    return merged
