"""A checkout: one purchase of one buyer, one payment, one order a seller. Its states, and what ends it early.

`created → stock_held → authorized → stock_committed → captured → confirmed`. What has to be undone is undone by turning
back: `turning_to` says to which end, and the state stays what it was until everything is given back.
"""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID, uuid5

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Missing, SoukError
from services.contracts.users import Address
from services.orders.domain.carts import OfferMissing, PriceChanged
from services.orders.domain.charges import Charge
from services.orders.domain.orders import IllegalMove, Order

CheckoutState = Literal[
    "created",
    "stock_held",
    "authorized",
    "stock_committed",
    "captured",
    "confirmed",
    "rejected",
    "payment_failed",
    "expired",
    "cancelled",
    "refunded",
    "manual_review",
]
Ending = Literal["rejected", "payment_failed", "expired", "cancelled"]
RefusalCode = Literal["out_of_stock", "offer_missing", "price_changed", "payment_declined", "expired", "cancelled"]

FAILED: frozenset[CheckoutState] = frozenset({"rejected", "payment_failed", "expired", "cancelled", "refunded"})
ENDED: frozenset[CheckoutState] = FAILED | {"confirmed", "manual_review"}

_FORWARD: dict[CheckoutState, CheckoutState] = {
    "created": "stock_held",
    "stock_held": "authorized",
    "authorized": "stock_committed",
    "stock_committed": "captured",
    "captured": "confirmed",
}

HOLD_FOR = timedelta(minutes=15)
LEASE = timedelta(seconds=20)
"""How long whoever drives a checkout is left alone with it; after that it counts as dead and another takes over."""

PaymentMethod = Annotated[str, Meta(min_length=1, max_length=200, description="The provider's token; never a card")]


class Refusal(Struct, frozen=True, kw_only=True):
    """Why there will be no order."""

    code: RefusalCode
    sku: str | None = None
    free: int | None = None
    reason: str | None = None
    """Of the provider, when the payment was declined."""
    changes: list[dict[str, str | int]] = []


class Step(Struct, frozen=True, array_like=True):
    """A state that was reached, and when."""

    state: CheckoutState
    at: datetime


class Checkout(Struct, frozen=True, kw_only=True):
    """The purchase. `version` rises by one with every row that is written of it."""

    id: UUID
    buyer_id: UUID
    cart_id: UUID
    key: str
    """The buyer's `Idempotency-Key`."""
    state: CheckoutState
    version: int
    currency: str
    total_minor: int
    address: Address | None
    """None once it was erased."""
    charge: Charge
    expires_at: datetime
    """When the stock hold ends."""
    due_at: datetime | None
    """The saga's timer: when somebody must look at it again; None: never."""
    created_at: datetime
    changed_at: datetime
    hold_attempt: int = 1
    attempts: int = 0
    """How often in a row it could not be driven on."""
    turning_to: Ending | None = None
    refusal: Refusal | None = None
    steps: tuple[Step, ...] = ()

    @property
    def hold_id(self) -> UUID:
        """The id of the present hold at items; a hold that ran out is followed by one of another id."""
        return uuid5(self.id, f"hold-{self.hold_attempt}")

    @property
    def restock_id(self) -> UUID:
        """Of giving all of it back."""
        return uuid5(self.id, "restock")

    @property
    def ended(self) -> bool:
        """Whether nothing will happen by itself any more."""
        return self.state in ENDED and self.turning_to is None

    @property
    def waiting(self) -> bool:
        """Whether it is the buyer's turn."""
        return not self.ended and self.turning_to is None and self.charge.state == "requires_action"


class Group(Struct, frozen=True, kw_only=True):
    """A checkout with its orders."""

    checkout: Checkout
    orders: tuple[Order, ...]


class CheckoutMissing(Missing):
    """There is no such checkout, or it is somebody else's."""

    code = "checkout_missing"
    title = "No such checkout"


class CheckoutUnderWay(Conflict):
    """It is being driven to its end right now."""

    code = "checkout_under_way"
    title = "Checkout under way"


class OutOfStock(Conflict):
    """Fewer are left than were asked for."""

    code = "out_of_stock"
    title = "Not enough stock"

    def __init__(self, *, sku: str, free: int) -> None:
        super().__init__(f"{free} of {sku} are left", sku=sku, free=free)


class PaymentDeclined(Conflict):
    """The provider refused the payment method for good."""

    code = "payment_declined"
    title = "Payment declined"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the payment was declined: {reason}", reason=reason)


class CheckoutExpired(Conflict):
    """It was not paid in time."""

    code = "checkout_expired"
    title = "Checkout expired"


class CheckoutCancelled(Conflict):
    """It was called off."""

    code = "checkout_cancelled"
    title = "Checkout cancelled"


def to_error(refusal: Refusal) -> SoukError:
    """The refusal as the buyer is told."""
    match refusal.code:
        case "out_of_stock":
            return OutOfStock(sku=refusal.sku or "", free=refusal.free or 0)
        case "offer_missing":
            return OfferMissing(sku=refusal.sku or "")
        case "price_changed":
            return PriceChanged(refusal.changes)
        case "payment_declined":
            return PaymentDeclined(reason=refusal.reason or "declined")
        case "expired":
            return CheckoutExpired("the checkout was not paid in time")
        case "cancelled":
            return CheckoutCancelled("the checkout was cancelled")


def move(checkout: Checkout, to: CheckoutState, now: datetime) -> Checkout:
    """One state on, to an end, or to manual review. Raises `IllegalMove`."""
    forward = _FORWARD.get(checkout.state) == to
    # Money that arrives after the end goes back: every failed end may still become `refunded`.
    early = to in FAILED and (checkout.state not in FAILED or to == "refunded") and checkout.state != "confirmed"
    handed_over = to == "manual_review" and checkout.state != "confirmed"
    if not (forward or early or handed_over) or checkout.state == to:
        raise IllegalMove(state=checkout.state, wanted=to)
    due_at = None if to in ENDED else checkout.due_at
    steps = (*checkout.steps, Step(to, now))
    return replace(checkout, state=to, due_at=due_at, changed_at=now, steps=steps)
