"""Buyers who write down how each of their checkouts went; who does not know asks again under the same key."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from services.chassis.ids import uuid7
from services.chassis.wire.port import UpstreamError
from services.orders.domain.views import CartView, CheckoutView
from tests.launch.guest import Guest, Heard

HOME = {"recipient": "Anna", "street": "Hauptstrasse 1", "city": "Bern", "postal_code": "3000", "country": "CH"}
CARD = "tok_visa"
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 2.0
IN_FLIGHT = "idempotency_key_in_flight"


class Outcome(StrEnum):
    """What a client knows of something it asked for."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(kw_only=True)
class Operation:
    """One checkout: all that its client ever learned about it."""

    key: str
    method: str
    outcome: Outcome = Outcome.UNKNOWN
    checkout_id: UUID | None = None
    code: str = ""
    """Why it failed."""
    tries: list[str] = field(default_factory=list)
    """A status for each answer, a reason for each that did not come."""

    @property
    def confirmed(self) -> bool:
        """Whether the client was told of its order. With 202 it was told only that its checkout goes on."""
        return self.outcome is Outcome.OK and self.tries[-1] == "201"

    def learn(self, heard: Heard) -> None:
        """An answer; one that says nothing of the checkout leaves its outcome unknown."""
        self.tries.append(str(heard.status))
        if heard.status in {201, 202}:
            self.outcome, self.checkout_id = Outcome.OK, heard.told(CheckoutView).id
        elif heard.status < 500 and heard.code != IN_FLIGHT:
            self.outcome, self.code = Outcome.FAILED, str(heard.code)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to buy, how they pay, when they come, and how long they keep asking."""

    lines: Mapping[str, int]
    method: str = CARD
    begin_s: float = 0.0
    patience_s: float


def purchase_of(cart_id: UUID, method: str = CARD) -> Mapping[str, object]:
    """What a checkout is asked with."""
    return {"cart_id": cart_id, "payment_method": method, "address": HOME}


async def fill_cart(guest: Guest, lines: Mapping[str, int]) -> UUID:
    """Asks until there is an answer: a cart too many harms nobody."""
    wanted = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]}
    async for _ in _tries():
        with suppress(UpstreamError):
            heard = await guest.post("/api/v1/carts", wanted)
            if heard.status < 500:
                return heard.told(CartView).id
    raise AssertionError("there is always another try")


async def buy(guest: Guest, wish: Wish) -> Operation:
    """Ask, and ask again with the same key, until the outcome is known or patience ends."""
    operation = Operation(key=str(uuid7()), method=wish.method)
    await asyncio.sleep(wish.begin_s)
    with suppress(TimeoutError):
        async with asyncio.timeout(wish.patience_s):
            await _check_out(guest, operation, purchase_of(await fill_cart(guest, wish.lines), wish.method))
    return operation


async def _check_out(guest: Guest, operation: Operation, purchase: Mapping[str, object]) -> None:
    async for _ in _tries():
        try:
            operation.learn(await guest.post("/api/v1/checkouts", purchase, idempotency_key=operation.key))
        except UpstreamError as lost:
            operation.tries.append(str(lost))
        if operation.outcome is not Outcome.UNKNOWN:
            return


async def _tries() -> AsyncIterator[None]:
    """As many as wanted, with pauses that grow between them."""
    pause_s = _FIRST_PAUSE_S
    while True:
        yield
        await asyncio.sleep(pause_s)
        pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
