"""Someone at a browser. The gateway in between is played by the test: it checks access tokens and mints identities."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pyotp

from services.chassis.identity.keys import JwkSet, from_jwk
from services.chassis.identity.tokens import ACCESS_TTL_S, GATEWAY_AUDIENCE, AccessClaims, verify
from tests.chassis.asker import Answer
from tests.stage import Stage

PASSWORD = "a walk in the old town"
ADDRESS = "203.0.113.7"
_TOKEN = re.compile(r"token=([A-Za-z0-9_-]{43})")


def field(answer: Answer, name: str) -> str:
    """A member that must be a string."""
    value = answer.json()[name]
    assert isinstance(value, str)
    return value


class Visitor:
    """One browser."""

    def __init__(self, stage: Stage, *, address: str = ADDRESS, agent: str = "Test Browser") -> None:
        self.stage = stage
        self._headers = {"x-forwarded-for": address, "user-agent": agent}
        self.access_token: str | None = None
        self.refresh_token = ""
        self.device_token: str | None = None
        self.session_id = ""
        self._expires_at = stage.clock()

    @property
    def now(self) -> datetime:
        return self.stage.clock()

    async def claims(self) -> AccessClaims:
        """What the gateway reads in this browser's access token, by the keys that auth publishes."""
        assert self.access_token is not None
        jwks = msgspec.json.decode((await self.stage.asker.ask("GET", "/.well-known/jwks.json")).body, type=JwkSet)
        keys = {jwk.kid: from_jwk(jwk) for jwk in jwks.keys}
        return verify(
            self.access_token, AccessClaims, issuer="souk-auth", audience=GATEWAY_AUDIENCE, keys=keys, now=self.now
        )

    async def call(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> Answer:
        raw = b"" if body is None else msgspec.json.encode(body)
        if self.access_token is None or self.now >= self._expires_at:
            identity = self.stage.asker.identity(body=raw)
        else:
            claims = await self.claims()
            identity = self.stage.asker.identity(user=claims.sub, session=claims.sid, roles=claims.roles, body=raw)
        told = {**self._headers, **(headers or {})}
        return await self.stage.asker.ask(method, f"/api/v1/auth{path}", raw, token=identity, headers=told)

    async def get(self, path: str) -> Answer:
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None, *, headers: dict[str, str] | None = None) -> Answer:
        return await self.call("POST", path, body, headers=headers)

    async def register(self, email: str = "ana@example.org", password: str = PASSWORD) -> Answer:
        return await self.post("/register", {"email": email, "password": password, "display_name": "Ana"})

    async def join(self, email: str = "ana@example.org", password: str = PASSWORD) -> None:
        """Register, verify and log in."""
        assert (await self.register(email, password)).status == 202
        assert (await self.post("/verify", {"token": await self.mailed_token(email)})).status == 200
        assert (await self.log_in(email, password)).status == 200

    async def log_in(
        self, email: str = "ana@example.org", password: str = PASSWORD, *, code: str | None = None
    ) -> Answer:
        body: dict[str, object] = {"email": email, "password": password}
        body |= {} if code is None else {"code": code}
        body |= {} if self.device_token is None else {"device_token": self.device_token}
        answer = await self.post("/login", body)
        if answer.status == 200:
            self.keep(answer)
        return answer

    def keep(self, answer: Answer) -> None:
        """The tokens of a log-in or refresh."""
        self.access_token, self.refresh_token = field(answer, "access_token"), field(answer, "refresh_token")
        self.session_id = field(answer, "session_id")
        self._expires_at = self.now + timedelta(seconds=ACCESS_TTL_S)
        given = answer.json()["device_token"]
        self.device_token = given if isinstance(given, str) else self.device_token

    async def refresh(self, token: str | None = None, *, key: str | None = None) -> Answer:
        headers = {} if key is None else {"idempotency-key": key}
        return await self.post("/refresh", {"refresh_token": token or self.refresh_token}, headers=headers)

    async def mails(self, email: str = "ana@example.org") -> list[str]:
        """What was written to that address so far, newest first."""
        await self.stage.run_timer("deliver")
        page = (await self.stage.asker.ask("GET", "/api/v1/auth/captured-mails", token=self._nobody())).json()
        items = msgspec.convert(page["items"], list[dict[str, str]])
        return [f"{mail['subject']}\n{mail['body']}" for mail in items if mail["to"] == email]

    async def mailed_token(self, email: str = "ana@example.org") -> str:
        found = _TOKEN.search((await self.mails(email))[0])
        assert found is not None
        return found[1]

    async def user_id(self) -> UUID:
        return (await self.claims()).sub

    async def turn_on_codes(self, password: str = PASSWORD) -> tuple[pyotp.TOTP, list[str]]:
        """The authenticator and the recovery codes."""
        totp = pyotp.TOTP(field(await self.post("/totp", {"password": password}), "secret"))
        confirmed = await self.post("/totp/confirm", {"code": totp.at(self.now)})
        return totp, msgspec.convert(confirmed.json()["recovery_codes"], list[str])

    def _nobody(self) -> str:
        return self.stage.asker.identity()
