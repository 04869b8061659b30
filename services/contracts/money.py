"""Money as every contract writes it."""

from typing import Annotated

from msgspec import Meta, Struct

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code", examples=["EUR"])]


class Money(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exact amount: 12.50 EUR is `{"minor": 1250, "currency": "EUR"}`, 900 JPY is `{"minor": 900, …}`."""

    minor: int
    """Minor units of the currency; negative only in ledgers."""
    currency: Currency
