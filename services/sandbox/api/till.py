"""What a request needs to move money, given only to who has the API key; and the mishaps staged around its work."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from litestar.exceptions import HTTPException

from services.chassis.database.engine import Database
from services.chassis.database.unit import Unit
from services.chassis.errors import SoukError, Unproven
from services.chassis.http.access import Access, AnyRequest, Opt, Who
from services.sandbox.actions.switches import Switches
from services.sandbox.domain.tokens import Mishap
from services.sandbox.store.requests import KeyKnown

Done = TypeVar("Done")
Act = Callable[[Unit], Awaitable[Done]]


class KeyRefused(Unproven):
    """The API key is missing or wrong."""

    code = "api_key_refused"
    title = "API key refused"


def for_key_holders(*refuses: type[SoukError]) -> Opt:
    """Outside Souk's identities: the till checks the API key. `refuses` are the reasons of the trade for a no."""
    return {"access": Access(who=Who.OUTSIDE, refuses=(KeyRefused, *refuses))}


class StagedError(HTTPException):
    """Asked for by a token or by a fault rate."""

    status_code = 500


class StagedTimeout(HTTPException):
    """The same; whoever asked has most likely stopped waiting."""

    status_code = 504


@dataclass(frozen=True, kw_only=True)
class Till:
    """The books and the switches."""

    database: Database
    switches: Switches
    sleep: Callable[[float], Awaitable[object]]

    async def serve(self, mishap: Mishap, act: Act[Done], *, repeat: Act[Done] | None = None) -> Done:
        """One unit of work, unless the mishap comes first; its answer, unless the mishap comes after.

        `repeat` is done in another unit when `act` failed because it was done before.
        """
        if mishap is Mishap.SLOW:
            await self.sleep(self.switches.faults.slow_s)
        await self._stage(mishap, hang=Mishap.TIMEOUT_BEFORE, error=Mishap.ERROR_BEFORE)
        try:
            async with self.database.unit() as unit:
                done = await act(unit)
        except KeyKnown:
            async with self.database.unit() as unit:
                done = await (repeat or act)(unit)
        await self._stage(mishap, hang=Mishap.TIMEOUT_AFTER, error=Mishap.ERROR_AFTER)
        return done

    async def _stage(self, mishap: Mishap, *, hang: Mishap, error: Mishap) -> None:
        if mishap is hang:
            await self.sleep(self.switches.faults.hang_s)
            raise StagedTimeout
        if mishap is error:
            raise StagedError


def opened_by(api_key: str, till: Till) -> Callable[[AnyRequest], Till]:
    """Dependency `till`. Raises `KeyRefused`."""
    expected = f"Bearer {api_key}".encode()

    def provide_till(request: AnyRequest) -> Till:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            raise KeyRefused("send Authorization: Bearer with the provider's API key")
        return till

    return provide_till
