"""What buyers and sellers are shown of checkouts and orders, money as `Money`."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.contracts.money import Money
from services.contracts.users import Address
from services.orders.domain.carts import Cart
from services.orders.domain.charges import PaymentStatus, status
from services.orders.domain.checkouts import Checkout, CheckoutState, Group, Refusal, Step
from services.orders.domain.orders import Fulfilment, Order, OrderLine, OrderState

_LEAST_ADVANCED_FIRST: tuple[OrderState, ...] = (
    "pending_payment",
    "disputed",
    "paid",
    "processing",
    "shipped",
    "delivered",
    "completed",
    "refunded",
    "cancelled",
    "expired",
    "payment_failed",
)


class CartLineView(Struct, frozen=True, kw_only=True):
    """One line at the price it was quoted at."""

    sku: str
    item_id: UUID
    seller_id: UUID
    title: str
    quantity: int
    unit_price: Money
    total: Money
    quoted_at: datetime
    image_url: str | None


class CartView(Struct, frozen=True, kw_only=True):
    """`token` is told once, to the visitor who made the cart."""

    id: UUID
    lines: list[CartLineView]
    total: Money | None
    """Of the goods; shipping is added at checkout."""
    version: int
    checkout_id: UUID | None
    token: str | None = None


class LineView(Struct, frozen=True, kw_only=True):
    """As it was sold."""

    id: UUID
    sku: str
    item_id: UUID
    title: str
    quantity: int
    unit_price: Money
    total: Money
    tax: Money
    tax_rate_bp: int
    image_url: str | None
    fulfilment: Fulfilment
    shipment_id: UUID | None
    refunded_quantity: int


class OrderView(Struct, frozen=True, kw_only=True):
    """The buyer's view."""

    id: UUID
    checkout_id: UUID
    seller_id: UUID
    state: OrderState
    version: int
    lines: list[LineView]
    items: Money
    shipping: Money
    tax: Money
    """Included in the price."""
    total: Money
    refunded: Money
    placed_at: datetime
    changed_at: datetime


class CheckoutView(Struct, frozen=True, kw_only=True):
    """A purchase: one payment, one order a seller."""

    id: UUID
    state: CheckoutState
    status: OrderState
    """Of the whole group: that of its least advanced order."""
    payment: PaymentStatus
    action_url: str | None
    """Where the buyer must confirm with their bank."""
    total: Money
    refunded: Money
    orders: list[OrderView]
    refusal: Refusal | None
    address: Address | None
    steps: list[Step]
    created_at: datetime


def show_cart(cart: Cart, token: str | None = None) -> CartView:
    """To its owner."""
    currency = cart.currency or ""
    lines = [
        CartLineView(
            sku=line.sku,
            item_id=line.item_id,
            seller_id=line.seller_id,
            title=line.title,
            quantity=line.quantity,
            unit_price=Money(minor=line.unit_price_minor, currency=currency),
            total=Money(minor=line.unit_price_minor * line.quantity, currency=currency),
            quoted_at=line.quoted_at,
            image_url=line.image_url,
        )
        for line in cart.lines
    ]
    total = Money(minor=sum(line.total.minor for line in lines), currency=currency) if lines else None
    return CartView(
        id=cart.id, lines=lines, total=total, version=cart.version, checkout_id=cart.checkout_id, token=token
    )


def show_order(order: Order) -> OrderView:
    """To its buyer or its seller."""
    currency = order.currency
    return OrderView(
        id=order.id,
        checkout_id=order.checkout_id,
        seller_id=order.seller_id,
        state=order.state,
        version=order.version,
        lines=[_show_line(line, currency) for line in order.lines],
        items=Money(minor=order.items_minor, currency=currency),
        shipping=Money(minor=order.shipping_minor, currency=currency),
        tax=Money(minor=order.tax_minor, currency=currency),
        total=Money(minor=order.total_minor, currency=currency),
        refunded=Money(minor=order.refunded_minor, currency=currency),
        placed_at=order.placed_at,
        changed_at=order.changed_at,
    )


def _show_line(line: OrderLine, currency: str) -> LineView:
    return LineView(
        id=line.id,
        sku=line.sku,
        item_id=line.item_id,
        title=line.title,
        quantity=line.quantity,
        unit_price=Money(minor=line.unit_price_minor, currency=currency),
        total=Money(minor=line.total_minor, currency=currency),
        tax=Money(minor=line.tax_minor, currency=currency),
        tax_rate_bp=line.tax_rate_bp,
        image_url=line.image_url,
        fulfilment=line.fulfilment,
        shipment_id=line.shipment_id,
        refunded_quantity=line.refunded_quantity,
    )


def show_checkout(group: Group) -> CheckoutView:
    """To its buyer."""
    checkout: Checkout = group.checkout
    charge = checkout.charge
    return CheckoutView(
        id=checkout.id,
        state=checkout.state,
        status=group_status([order.state for order in group.orders]),
        payment=status(charge),
        action_url=charge.action_url if checkout.waiting else None,
        total=Money(minor=checkout.total_minor, currency=checkout.currency),
        refunded=Money(minor=charge.refunded_minor, currency=checkout.currency),
        orders=[show_order(order) for order in group.orders],
        refusal=checkout.refusal,
        address=checkout.address,
        steps=list(checkout.steps),
        created_at=checkout.created_at,
    )


def group_status(states: list[OrderState]) -> OrderState:
    """That of the least advanced order; ones that are called off count only among themselves."""
    return min(states, key=_LEAST_ADVANCED_FIRST.index)
