"""What the handlers stand behind: one object, injected by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import HeaderParameter, PathParameter

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.orders.actions.fail_points import Fails
from services.orders.actions.refunds import Refunding
from services.orders.actions.saga import Saga
from services.orders.clients import Addresses, Stock
from services.orders.domain.pricing import Terms
from services.orders.payments.port import PaymentProvider


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Everything a request may need."""

    database: Database
    stock: Stock
    addresses: Addresses
    provider: PaymentProvider
    saga: Saga
    refunding: Refunding
    terms: Terms
    clock: Clock
    new_token: Callable[[], str]
    """An unguessable token for a visitor's cart."""
    fails: Fails
    timeout_s: float
    """How long a checkout or a refund is driven while somebody waits for the answer."""
    payout_from_minor: int


NamedCounter = NamedDependency[Counter]
UserId = NamedDependency[UUID]

CartId = Annotated[UUID, PathParameter(description="Id of a cart")]
CheckoutId = Annotated[UUID, PathParameter(description="Id of a checkout")]
OrderId = Annotated[UUID, PathParameter(description="Id of an order")]
CartToken = Annotated[
    str | None,
    HeaderParameter(
        name="X-Cart-Token", required=False, max_length=100, description="A visitor's token, as their cart was made"
    ),
]
