"""Everything about one order: its story, its parcels, its refunds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.contracts.money import Money
from services.contracts.users import Address
from services.orders.domain.fulfilment import Shipment
from services.orders.domain.history import Entry
from services.orders.domain.orders import Order
from services.orders.domain.refunds import Refund, RefundLine, RefundState
from services.orders.domain.views import OrderView, show_order


class EntryView(Struct, frozen=True, kw_only=True):
    """One change; `actor` is `buyer`, `seller`, `staff`, `provider` or `system`."""

    at: datetime
    actor: str
    from_state: str
    to_state: str
    note: str | None


class RefundView(Struct, frozen=True, kw_only=True):
    """Money on its way back, or back."""

    id: UUID
    order_id: UUID
    state: RefundState
    amount: Money
    shipping: Money
    lines: list[RefundLine]
    reason: str
    restock: bool
    created_at: datetime


class OrderDetail(Struct, frozen=True, kw_only=True):
    """An order with all that happened to it."""

    order: OrderView
    address: Address | None
    """Where it is sent; None once it was erased."""
    history: list[EntryView]
    shipments: list[Shipment]
    refunds: list[RefundView]


def show_refund(refund: Refund) -> RefundView:
    """To buyer and seller."""
    return RefundView(
        id=refund.id,
        order_id=refund.order_id,
        state=refund.state,
        amount=Money(minor=refund.amount_minor, currency=refund.currency),
        shipping=Money(minor=refund.shipping_minor, currency=refund.currency),
        lines=list(refund.lines),
        reason=refund.reason,
        restock=refund.restock,
        created_at=refund.created_at,
    )


def show_detail(
    order: Order,
    *,
    address: Address | None,
    history: Sequence[Entry],
    shipments: Sequence[Shipment],
    refunds: Sequence[Refund],
) -> OrderDetail:
    """To whoever may see the order. It begins with its placing, which is no change and so has no row."""
    placed = EntryView(at=order.placed_at, actor="buyer", from_state="", to_state="pending_payment", note=None)
    return OrderDetail(
        order=show_order(order),
        address=address,
        history=[placed, *(_show_entry(entry) for entry in history)],
        shipments=list(shipments),
        refunds=[show_refund(refund) for refund in refunds],
    )


def _show_entry(entry: Entry) -> EntryView:
    role, _, _ = entry.actor.partition(":")
    return EntryView(at=entry.at, actor=role, from_state=entry.from_state, to_state=entry.to_state, note=entry.note)
