"""Orders in the words of their events."""

from collections.abc import Iterable, Sequence

from services.chassis.database import Unit
from services.contracts.message import Event
from services.contracts.money import Money
from services.contracts.orders import (
    EndReason,
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderDisputeClosed,
    OrderDisputed,
    OrderPaid,
    OrderPaymentFailed,
    OrderPlaced,
    OrderRefunded,
    OrderRefundFailed,
    OrderShipped,
    SoldLine,
)
from services.orders.domain.checkouts import Refusal
from services.orders.domain.disputes import Dispute
from services.orders.domain.fulfilment import Shipment
from services.orders.domain.orders import Order, OrderLine
from services.orders.domain.refunds import Refund


def tell(unit: Unit, order: Order, *events: Event) -> None:
    """With the order's version, which is new with this unit."""
    for event in events:
        unit.record(event, aggregate_id=order.id, aggregate_version=order.version)


def sold(order: Order, lines: Iterable[OrderLine]) -> list[SoldLine]:
    """Some of its lines."""
    return [
        SoldLine(
            line_id=line.id,
            item_id=line.item_id,
            sku=line.sku,
            title=line.title,
            quantity=line.quantity,
            unit_price=Money(minor=line.unit_price_minor, currency=order.currency),
            image_url=line.image_url,
        )
        for line in lines
    ]


def placed(order: Order) -> OrderPlaced:
    """It stands."""
    return OrderPlaced(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        lines=sold(order, order.lines),
        shipping=Money(minor=order.shipping_minor, currency=order.currency),
        total=Money(minor=order.total_minor, currency=order.currency),
        placed_at=order.placed_at,
    )


def paid(order: Order) -> OrderPaid:
    """Its money is here."""
    return OrderPaid(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        total=Money(minor=order.total_minor, currency=order.currency),
    )


def payment_failed(order: Order, refusal: Refusal) -> OrderPaymentFailed:
    """It never stood."""
    return OrderPaymentFailed(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        reason=refusal.reason or refusal.code,
    )


def cancelled(order: Order, reason: EndReason) -> OrderCancelled:
    """It will not be fulfilled."""
    return OrderCancelled(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        reason=reason,
        lines=sold(order, order.lines),
    )


def shipped(order: Order, shipment: Shipment) -> OrderShipped:
    """A parcel left."""
    return OrderShipped(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        shipment_id=shipment.id,
        carrier=shipment.carrier,
        tracking=shipment.tracking,
        lines=sold(order, [line for line in order.lines if line.shipment_id == shipment.id]),
    )


def arrived(states: Sequence[Order]) -> list[Event]:
    """What there is to tell of the states an order passes when it has been delivered."""
    events: list[Event] = []
    for order in states:
        if order.state == "delivered":
            events.append(_delivered(order))
        if order.state == "completed":
            events.append(
                OrderCompleted(
                    order_id=order.id,
                    checkout_id=order.checkout_id,
                    buyer_id=order.buyer_id,
                    seller_id=order.seller_id,
                )
            )
    return events


def _delivered(order: Order) -> OrderDelivered:
    return OrderDelivered(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        lines=sold(order, [line for line in order.lines if line.fulfilment == "delivered"]),
        delivered_at=order.delivered_at or order.changed_at,
    )


def refunded(order: Order, refund: Refund) -> OrderRefunded:
    """Money is on its way back."""
    return OrderRefunded(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        refund_id=refund.id,
        amount=Money(minor=refund.amount_minor, currency=refund.currency),
        reason=refund.reason,
    )


def refund_failed(order: Order, refund: Refund) -> OrderRefundFailed:
    """It came back to us."""
    return OrderRefundFailed(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        refund_id=refund.id,
        amount=Money(minor=refund.amount_minor, currency=refund.currency),
    )


def disputed(order: Order, dispute: Dispute) -> OrderDisputed:
    """The bank asks for the money."""
    return OrderDisputed(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        dispute_id=dispute.id,
        reason=dispute.reason,
    )


def dispute_closed(order: Order, dispute: Dispute) -> OrderDisputeClosed:
    """The bank has decided."""
    return OrderDisputeClosed(
        order_id=order.id,
        checkout_id=order.checkout_id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        dispute_id=dispute.id,
        outcome="refunded" if dispute.state == "lost" else "dismissed",
    )
