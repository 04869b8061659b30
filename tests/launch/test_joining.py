"""How somebody becomes a user."""

import re

import pytest

from services.auth.api.mails import CapturedMailView
from services.chassis.http.pages import Page
from tests.launch.guest import PASSWORD, Guest, until

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]


async def register(guest: Guest, name: str) -> str:
    """The address, and a mail on its way to it."""
    email = f"{name.lower()}@example.org"
    account = {"email": email, "password": PASSWORD, "display_name": name}
    assert (await guest.post("/api/v1/auth/register", account)).status == 202
    return email


async def token_mailed_to(guest: Guest, email: str) -> str:
    async def arrived() -> str | None:
        mails = (await guest.get("/api/v1/auth/captured-mails")).told(Page[CapturedMailView]).items
        return next((mail.body for mail in mails if mail.to == email), None)

    found = re.search(r"[A-Za-z0-9_-]{43}", await until(arrived))
    assert found is not None
    return found.group()


async def test_a_newcomer_verifies_their_address_and_is_known_to_every_service(visitor: Guest) -> None:
    email = await register(visitor, "Nora")

    early = await visitor.post("/api/v1/auth/login", {"email": email, "password": PASSWORD})
    verified = await visitor.post("/api/v1/auth/verify", {"token": await token_mailed_to(visitor, email)})
    await visitor.log_in(email)

    assert early.refusal == (403, "email_unverified")
    assert verified.facts == {"email": email}
    assert (await visitor.get("/api/v1/auth/me")).facts["email"] == email
    assert (await visitor.get("/api/v1/users/me")).facts["display_name"] == "Nora"
    assert (await visitor.get("/api/v1/orders")).facts == {"items": [], "next": None}


async def test_a_mailed_link_works_once(visitor: Guest) -> None:
    token = await token_mailed_to(visitor, await register(visitor, "Olaf"))

    first = await visitor.post("/api/v1/auth/verify", {"token": token})
    second = await visitor.post("/api/v1/auth/verify", {"token": token})

    assert first.status == 200
    assert second.refusal == (422, "mail_token_refused")


async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(visitor: Guest, buyer: Guest) -> None:
    known = await visitor.post("/api/v1/auth/login", {"email": buyer.email, "password": "not the password"})
    unknown = await visitor.post("/api/v1/auth/login", {"email": "no@example.org", "password": "not the password"})

    assert known.refusal == unknown.refusal == (401, "credentials_refused")
    assert known.facts["detail"] == unknown.facts["detail"]
