"""Staying logged in, and being logged out, as the gateway sees it."""

import asyncio
import time

import pytest

from services.auth.actions.granting import Grant
from tests.launch.guest import Guest, Heard, until

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]

REVOKED_WITHIN_S = 1.0


async def refresh(guest: Guest, token: str) -> Heard:
    """Without a key that would let it be repeated, and as one does whose access token has expired."""
    guest.token = None
    return await guest.ask("POST", "/api/v1/auth/refresh", {"refresh_token": token}, headers={"idempotency-key": ""})


async def seconds_until_refused(guest: Guest) -> float:
    began = time.monotonic()

    async def refused() -> bool | None:
        return True if (await guest.get("/api/v1/orders")).refusal == (401, "token_revoked") else None

    await until(refused, timeout_s=5)
    return time.monotonic() - began


async def test_a_refresh_token_is_exchanged_for_the_next(buyer: Guest) -> None:
    first = await buyer.log_in()

    second = (await refresh(buyer, first.refresh_token)).told(Grant)
    buyer.token = second.access_token

    assert second.refresh_token != first.refresh_token
    assert second.session_id == first.session_id
    assert (await buyer.get("/api/v1/auth/me")).status == 200


async def test_a_used_refresh_token_ends_the_session_within_a_second(buyer: Guest, visitor: Guest) -> None:
    first = await buyer.log_in()
    second = (await refresh(buyer, first.refresh_token)).told(Grant)
    buyer.token = second.access_token
    assert (await buyer.get("/api/v1/orders")).status == 200

    stolen = await refresh(visitor, first.refresh_token)
    waited_s = await seconds_until_refused(buyer)

    assert stolen.refusal == (401, "refresh_refused")
    assert waited_s < REVOKED_WITHIN_S
    assert (await refresh(buyer, second.refresh_token)).refusal == (401, "refresh_refused")


async def test_of_twenty_refreshes_at_once_one_wins(buyer: Guest) -> None:
    granted = await buyer.log_in()

    heard = await asyncio.gather(*(refresh(buyer, granted.refresh_token) for _ in range(20)))

    assert sorted(one.status for one in heard) == [200] + [401] * 19


async def test_logging_out_everywhere_ends_every_session_within_a_second(buyer: Guest, visitor: Guest) -> None:
    elsewhere = visitor
    await elsewhere.log_in(buyer.email)
    granted = await buyer.log_in()
    assert (await elsewhere.get("/api/v1/orders")).status == 200

    left = await buyer.post("/api/v1/auth/logout-everywhere")
    waited_s = max([await seconds_until_refused(guest) for guest in (buyer, elsewhere)])

    assert left.status == 204
    assert waited_s < REVOKED_WITHIN_S
    assert (await refresh(buyer, granted.refresh_token)).status == 401
    await buyer.log_in()
    assert (await buyer.get("/api/v1/orders")).status == 200


async def test_one_session_can_be_ended_from_another(buyer: Guest, visitor: Guest) -> None:
    lost = visitor
    session = (await lost.log_in(buyer.email)).session_id

    ended = await buyer.ask("DELETE", f"/api/v1/auth/sessions/{session}")
    waited_s = await seconds_until_refused(lost)

    assert ended.status == 204
    assert waited_s < REVOKED_WITHIN_S
    assert (await buyer.get("/api/v1/orders")).status == 200
