"""Double-entry book-keeping. Every posting sums to zero; what we have is positive, what we owe is negative.

| account | is |
|---|---|
| `provider:<name>` | money that lies at the payment provider |
| `seller:<id>` | what we owe a seller |
| `commission` | what the marketplace has earned |
| `refunds` | what is on its way back to buyers |
| `payouts` | what left for sellers' banks |
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from msgspec import Struct

from services.orders.domain.charges import Charge
from services.orders.domain.orders import Order
from services.orders.domain.refunds import Refund

COMMISSION = "commission"
REFUNDS = "refunds"
PAYOUTS = "payouts"


class Posting(Struct, frozen=True, kw_only=True):
    """One line of the books. A posting id has one line an account, so that nothing can be booked twice."""

    posting_id: UUID
    account: str
    amount_minor: int
    currency: str
    at: datetime
    order_id: UUID | None
    what: str
    """`capture`, `refund_asked`, `refund_done`, `refund_failed`, `dispute_lost`, `payout`."""


class Unbalanced(Exception):
    """A defect: the lines of a posting do not sum to zero."""


def provider_account(charge: Charge) -> str:
    """Of the charge's provider."""
    return f"provider:{charge.provider}"


def seller_account(seller_id: UUID) -> str:
    """Of the seller."""
    return f"seller:{seller_id}"


def captured(charge: Charge, orders: Sequence[Order], now: datetime) -> list[Posting]:
    """The provider holds the money: each seller's share and ours."""
    postings: list[Posting] = []
    for order in orders:
        share = {
            provider_account(charge): order.total_minor,
            seller_account(order.seller_id): order.commission_minor - order.total_minor,
            COMMISSION: -order.commission_minor,
        }
        postings += _balanced(uuid5(charge.id, str(order.id)), share, order, "capture", now)
    return postings


def captured_undone(charge: Charge, orders: Sequence[Order], now: datetime) -> list[Posting]:
    """All of it went back, since the purchase could not be completed."""
    return [
        Posting(
            posting_id=uuid5(posting.posting_id, "undone"),
            account=posting.account,
            amount_minor=-posting.amount_minor,
            currency=posting.currency,
            at=now,
            order_id=posting.order_id,
            what="refund_done",
        )
        for posting in captured(charge, orders, now)
    ]


def refund_asked(refund: Refund, order: Order, now: datetime) -> list[Posting]:
    """The seller's share and ours are set aside."""
    share = {
        seller_account(order.seller_id): refund.amount_minor - refund.commission_minor,
        COMMISSION: refund.commission_minor,
        REFUNDS: -refund.amount_minor,
    }
    return _balanced(uuid5(refund.id, "asked"), share, order, "refund_asked", now)


def refund_done(refund: Refund, order: Order, charge: Charge, now: datetime) -> list[Posting]:
    """It has left the provider."""
    share = {REFUNDS: refund.amount_minor, provider_account(charge): -refund.amount_minor}
    return _balanced(uuid5(refund.id, "done"), share, order, "refund_done", now)


def refund_failed(refund: Refund, order: Order, now: datetime) -> list[Posting]:
    """What was set aside goes back to its owners."""
    share = {
        seller_account(order.seller_id): refund.commission_minor - refund.amount_minor,
        COMMISSION: -refund.commission_minor,
        REFUNDS: refund.amount_minor,
    }
    return _balanced(uuid5(refund.id, "failed"), share, order, "refund_failed", now)


def dispute_lost(dispute_id: UUID, order: Order, charge: Charge, now: datetime) -> list[Posting]:
    """The bank took what was left of the order."""
    left_minor = order.total_minor - order.refunded_minor
    ours_minor = order.commission_share(order.items_minor - order.items_refunded_minor)
    share = {
        seller_account(order.seller_id): left_minor - ours_minor,
        COMMISSION: ours_minor,
        provider_account(charge): -left_minor,
    }
    return _balanced(uuid5(dispute_id, str(order.id)), share, order, "dispute_lost", now)


def paid_out(payout_id: UUID, seller_id: UUID, amount_minor: int, currency: str, now: datetime) -> list[Posting]:
    """A seller's balance left for their bank."""
    share = {seller_account(seller_id): amount_minor, PAYOUTS: -amount_minor}
    return [
        Posting(
            posting_id=payout_id,
            account=account,
            amount_minor=amount,
            currency=currency,
            at=now,
            order_id=None,
            what="payout",
        )
        for account, amount in share.items()
    ]


def _balanced(posting_id: UUID, share: dict[str, int], order: Order, what: str, now: datetime) -> list[Posting]:
    if sum(share.values()) != 0:
        raise Unbalanced(f"{what} of order {order.id}: {share}")
    return [
        Posting(
            posting_id=posting_id,
            account=account,
            amount_minor=amount,
            currency=order.currency,
            at=now,
            order_id=order.id,
            what=what,
        )
        for account, amount in share.items()
        if amount
    ]
