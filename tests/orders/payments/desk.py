"""One payment provider as the shared contract tests see it: the adapter, the other side's books, and its moods."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from services.contracts.money import Money
from services.orders.payments.port import Authorize, PaymentProvider

Mood = Literal["well", "hangs_before", "hangs_after", "fails_before", "fails_after"]

HASTY_S = 0.2
HANG_S = 0.4
"""Longer than a hasty adapter waits."""


class Methods(Struct, frozen=True, kw_only=True):
    """Payment methods by how they behave."""

    good: str
    declined: str
    insufficient_funds: str
    expired: str
    requires_action: str
    unknown: str


class Books(Struct, frozen=True, kw_only=True):
    """What the provider says it did for one reference."""

    charges: int
    captured_minor: int
    refunded_minor: int


class Webhook(Struct, frozen=True, kw_only=True):
    """One delivery."""

    headers: dict[str, str]
    body: bytes


class Desk(Protocol):
    """Where a provider is tried."""

    @property
    def provider(self) -> PaymentProvider: ...

    @property
    def hasty(self) -> PaymentProvider:
        """The same adapter, which gives an answer no more than `HASTY_S`."""

    @property
    def stranger(self) -> PaymentProvider:
        """The same adapter with a wrong API key."""

    @property
    def cut_off(self) -> PaymentProvider:
        """The same adapter where nothing listens."""

    @property
    def methods(self) -> Methods: ...

    def now(self) -> datetime: ...

    async def be(self, mood: Mood) -> None:
        """From now on, for every ask."""

    async def confirm(self, charge_id: str) -> None:
        """The buyer's bank says yes."""

    async def dispute(self, charge_id: str, minor: int) -> str:
        """The buyer's bank asks for money back; the dispute's id."""

    async def decide(self, dispute_id: str, *, kept: bool) -> None:
        """The bank says who keeps it."""

    async def books(self, reference: str) -> Books: ...

    async def news(self) -> Sequence[Webhook]:
        """Every webhook so far, signed now."""

    def sign(self, body: bytes, *, age_s: int = 0, secret: str | None = None) -> Webhook: ...


def purchase(
    desk: Desk, key: str, *, method: str | None = None, minor: int = 1000, reference: str = "g-1"
) -> Authorize:
    """An ask to authorise."""
    return Authorize(
        key=key,
        amount=Money(minor=minor, currency="EUR"),
        method=method or desk.methods.good,
        reference=reference,
        asked_at=desk.now(),
    )
