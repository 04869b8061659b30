"""How often anyone may try.

Guessing slows down for who guesses, never for the account: its owner, at another address or on a device that has
logged in before, does not notice.
"""

import hashlib
import math
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from services.auth.domain.sessions import Client
from services.chassis.cache.port import Cache, Limit
from services.chassis.errors import Limited

TEN_MINUTES_S = 600.0
HOUR_S = 3600.0
DAY_S = 86_400.0

Limits = Sequence[Limit]


class TooManyTries(Limited):
    """Wait `retry_after_s` before the next try."""

    code = "too_many_tries"
    title = "Too many tries"


class Rates(Struct, frozen=True, kw_only=True):
    """How much is allowed: log-ins in 10 minutes, mails in an hour."""

    logins_per_account: int
    logins_per_address: int
    mails_per_account: int
    mails_per_address: int


class Throttle:
    """Spends the limits. Keys are hashed, so that the cache holds no mail addresses."""

    def __init__(self, cache: Cache, rates: Rates) -> None:
        self._cache = cache
        pair, address = rates.logins_per_account, rates.logins_per_address
        # The second limit of each is the backoff: what is left once the first has been used up again and again.
        self._by_pair = (Limit(burst=pair, per_s=TEN_MINUTES_S), Limit(burst=3 * pair, per_s=DAY_S))
        self._by_address = (Limit(burst=address, per_s=TEN_MINUTES_S), Limit(burst=10 * address, per_s=DAY_S))
        self._by_device = (Limit(burst=2 * pair, per_s=TEN_MINUTES_S),)
        self._mails_to = (Limit(burst=rates.mails_per_account, per_s=HOUR_S),)
        self._mails_from = (Limit(burst=rates.mails_per_address, per_s=HOUR_S),)

    async def admit_login(self, client: Client, email_key: str, device_id: UUID | None) -> None:
        """One try to log in. Raises `TooManyTries`."""
        for what, whose, limits in self._login(client, email_key, device_id):
            await self._spend(what, whose, limits)

    async def forgive_login(self, client: Client, email_key: str, device_id: UUID | None) -> None:
        """The try was no guess: give back what `admit_login` took."""
        for what, whose, limits in self._login(client, email_key, device_id):
            for number, limit in enumerate(limits):
                await self._cache.spend(_key(what, whose, number), limit, cost=-1)

    async def admit_code(self, user_id: UUID, device_id: UUID | None) -> None:
        """One try at a code by someone who has the password: from however many addresses. Raises `TooManyTries`."""
        await self._spend("code", str(device_id or user_id), self._by_device)

    async def admit_password(self, user_id: UUID) -> None:
        """One more proof of the password within a session. Raises `TooManyTries`."""
        await self._spend("password", str(user_id), self._by_device)

    async def admit_mail(self, client: Client, email_key: str) -> None:
        """One mail to that address. Raises `TooManyTries`."""
        await self._spend("mails_from", client.address, self._mails_from)
        await self._spend("mails_to", email_key, self._mails_to)

    def _login(self, client: Client, email_key: str, device_id: UUID | None) -> Sequence[tuple[str, str, Limits]]:
        if device_id is not None:
            return (("device", str(device_id), self._by_device),)
        pair = f"{client.address} {email_key}"
        return (("address", client.address, self._by_address), ("pair", pair, self._by_pair))

    async def _spend(self, what: str, whose: str, limits: Limits) -> None:
        for number, limit in enumerate(limits):
            allowance = await self._cache.spend(_key(what, whose, number), limit)
            if not allowance.allowed:
                wait_s = math.ceil(allowance.retry_after_s)
                raise TooManyTries(f"try again in {wait_s} seconds", retry_after_s=wait_s)


def _key(what: str, whose: str, number: int) -> str:
    return f"{what}:{hashlib.sha256(whose.encode()).hexdigest()[:32]}:{number}"
