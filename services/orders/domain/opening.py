"""How a cart becomes a checkout: split by seller, priced, frozen."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.contracts.items import Offer
from services.contracts.users import Address
from services.orders.domain.carts import Cart, CartEmpty, CartLine, Offers, PriceChanged, price_changes, require_offer
from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import HOLD_FOR, LEASE, Checkout, Group, Step
from services.orders.domain.orders import Order, OrderLine
from services.orders.domain.pricing import Terms, commission, shipping, tax_included

NewId = Callable[[], UUID]


class Purchase(Struct, frozen=True, kw_only=True):
    """What the buyer decided."""

    buyer_id: UUID
    key: str
    address: Address
    provider: str
    method: str


def open_checkout(
    cart: Cart, offers: Offers, purchase: Purchase, terms: Terms, *, new_id: NewId, now: datetime
) -> Group:
    """The checkout as it begins, at the prices of the cart. Raises `CartEmpty`, `OfferMissing`, `PriceChanged`."""
    changes = price_changes(cart, offers)
    if changes:
        raise PriceChanged(changes)
    if not cart.lines or cart.currency is None:
        raise CartEmpty("there is nothing in the cart")
    checkout_id = new_id()
    orders = tuple(
        _order(lines, offers, terms, checkout_id=checkout_id, buyer_id=purchase.buyer_id, new_id=new_id, now=now)
        for lines in _by_seller(cart, offers)
    )
    total_minor = sum(order.total_minor for order in orders)
    checkout = _checkout(checkout_id, cart, purchase, total_minor, charge_id=new_id(), now=now)
    return Group(checkout=checkout, orders=orders)


def _checkout(
    checkout_id: UUID, cart: Cart, purchase: Purchase, total_minor: int, *, charge_id: UUID, now: datetime
) -> Checkout:
    return Checkout(
        id=checkout_id,
        buyer_id=purchase.buyer_id,
        cart_id=cart.id,
        key=purchase.key,
        state="created",
        version=1,
        currency=cart.currency or "",
        total_minor=total_minor,
        address=purchase.address,
        charge=Charge(id=charge_id, provider=purchase.provider, method=purchase.method, asked_at=now),
        expires_at=now + HOLD_FOR,
        due_at=now + LEASE,
        created_at=now,
        changed_at=now,
        steps=(Step("created", now),),
    )


def _by_seller(cart: Cart, offers: Offers) -> list[list[CartLine]]:
    sellers: dict[UUID, list[CartLine]] = {}
    for line in cart.lines:
        sellers.setdefault(require_offer(offers, line.sku).seller_id, []).append(line)
    return list(sellers.values())


def _order(
    lines: Sequence[CartLine],
    offers: Offers,
    terms: Terms,
    *,
    checkout_id: UUID,
    buyer_id: UUID,
    new_id: NewId,
    now: datetime,
) -> Order:
    frozen = tuple(_line(line, offers[line.sku], new_id()) for line in lines)
    items_minor = sum(line.total_minor for line in frozen)
    offer = offers[lines[0].sku]
    return Order(
        id=new_id(),
        checkout_id=checkout_id,
        buyer_id=buyer_id,
        seller_id=offer.seller_id,
        state="pending_payment",
        version=1,
        currency=offer.price.currency,
        items_minor=items_minor,
        shipping_minor=shipping(items_minor, terms),
        tax_minor=sum(line.tax_minor for line in frozen),
        commission_minor=commission(items_minor, terms),
        lines=frozen,
        placed_at=now,
        changed_at=now,
    )


def _line(line: CartLine, offer: Offer, line_id: UUID) -> OrderLine:
    return OrderLine(
        id=line_id,
        sku=line.sku,
        item_id=offer.item_id,
        title=offer.title,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        tax_rate_bp=offer.tax_rate_bp,
        tax_minor=tax_included(line.unit_price_minor * line.quantity, offer.tax_rate_bp),
        image_url=offer.image_url,
    )
