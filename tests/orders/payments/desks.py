"""The two desks: the real sandbox service in process, and a fake of Stripe on loopback."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from services.chassis.serving import bind, make_server
from services.chassis.wire.port import Call, Reply, UpstreamError
from services.orders.payments.sandbox import SandboxProvider
from services.orders.payments.stripe import StripeProvider
from services.sandbox.domain.webhooks import sign
from tests.orders.payments.desk import HANG_S, HASTY_S, Books, Methods, Mood, Webhook
from tests.orders.payments.fake_stripe import API_KEY as STRIPE_KEY
from tests.orders.payments.fake_stripe import FakeStripe
from tests.sandbox.provider import API_KEY, WEBHOOK_SECRET, SandboxLab, sandbox_lab

STRIPE_SECRET = "whsec_souk"
FAULTS: dict[Mood, dict[str, float]] = {
    "well": {},
    "hangs_before": {"timeout_before": 1, "hang_s": HANG_S},
    "hangs_after": {"timeout_after": 1, "hang_s": HANG_S},
    "fails_before": {"error_before": 1},
    "fails_after": {"error_after": 1},
}


class NoUpstream:
    """Nothing listens there."""

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 0) -> Reply:  # noqa: ARG002 - the port's.
        raise UpstreamError("connection refused", sent=False)

    async def close(self) -> None:
        return


class SandboxDesk:
    """See `Desk`."""

    methods = Methods(
        good="tok_visa",
        declined="tok_declined",
        insufficient_funds="tok_insufficient_funds",
        expired="tok_expired",
        requires_action="tok_requires_action",
        unknown="tok_nobody",
    )

    def __init__(self, lab: SandboxLab) -> None:
        self._lab = lab
        self.now = lab.clock
        self.provider = SandboxProvider(lab.upstream, api_key=API_KEY, webhook_secret=WEBHOOK_SECRET, clock=lab.clock)
        self.hasty = SandboxProvider(
            lab.upstream, api_key=API_KEY, webhook_secret="none", clock=lab.clock, timeout_s=HASTY_S
        )
        self.stranger = SandboxProvider(lab.upstream, api_key="wrong", webhook_secret="wrong", clock=lab.clock)
        self.cut_off = SandboxProvider(NoUpstream(), api_key=API_KEY, webhook_secret="wrong", clock=lab.clock)

    async def be(self, mood: Mood) -> None:
        await self._lab.ask("PUT", "/faults", FAULTS[mood])

    async def confirm(self, charge_id: str) -> None:
        await self._lab.ask("PUT", f"/charges/{charge_id}/approval", {"approved": True})

    async def dispute(self, charge_id: str, minor: int) -> str:
        return str((await self._lab.ask("POST", f"/charges/{charge_id}/disputes", {"amount_minor": minor})).body["id"])

    async def decide(self, dispute_id: str, *, kept: bool) -> None:
        await self._lab.ask("PUT", f"/disputes/{dispute_id}/decision", {"kept": kept})

    async def books(self, reference: str) -> Books:
        answer = await self._lab.ask("GET", f"/totals?reference={reference}")
        rows = msgspec.convert(answer.body["items"], list[Books])
        return rows[0] if rows else Books(charges=0, captured_minor=0, refunded_minor=0)

    async def news(self) -> Sequence[Webhook]:
        await self._lab.run("deliver")
        return [self.sign(call.body) for call in self._lab.shop.calls]

    def sign(self, body: bytes, *, age_s: int = 0, secret: str | None = None) -> Webhook:
        signed_at = self._lab.clock.now - timedelta(seconds=age_s)
        header = sign(body, secret=secret or WEBHOOK_SECRET, now=signed_at)
        return Webhook(headers={"sandbox-signature": header}, body=body)


class StripeDesk:
    """See `Desk`."""

    methods = Methods(
        good="pm_card_visa",
        declined="pm_card_visa_chargeDeclined",
        insufficient_funds="pm_card_visa_chargeDeclinedInsufficientFunds",
        expired="pm_card_chargeDeclinedExpiredCard",
        requires_action="pm_card_authenticationRequired",
        unknown="pm_card_nobody",
    )

    def __init__(self, fake: FakeStripe, *, api_base: str, closed_base: str) -> None:
        self.fake = fake
        self.provider = _stripe(STRIPE_KEY, api_base)
        self.hasty = _stripe(STRIPE_KEY, api_base, timeout_s=HASTY_S)
        self.stranger = _stripe("sk_test_wrong", api_base)
        self.cut_off = _stripe(STRIPE_KEY, closed_base)

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), tz=UTC)

    async def be(self, mood: Mood) -> None:
        self.fake.mood = mood

    async def confirm(self, charge_id: str) -> None:
        self.fake.confirm(charge_id)

    async def dispute(self, charge_id: str, minor: int) -> str:
        return self.fake.dispute(charge_id, minor)

    async def decide(self, dispute_id: str, *, kept: bool) -> None:
        self.fake.decide(dispute_id, kept=kept)

    async def books(self, reference: str) -> Books:
        intents = [each for each in self.fake.intents.values() if each.metadata["souk_reference"] == reference]
        ids = {intent.id for intent in intents}
        return Books(
            charges=len(intents),
            captured_minor=sum(intent.amount_received for intent in intents),
            refunded_minor=sum(each.amount for each in self.fake.refunds.values() if each.payment_intent in ids),
        )

    async def news(self) -> Sequence[Webhook]:
        return [self.sign(msgspec.json.encode(event)) for event in self.fake.events]

    def sign(self, body: bytes, *, age_s: int = 0, secret: str | None = None) -> Webhook:
        seconds = int(time.time()) - age_s
        signed = f"{seconds}.".encode() + body
        mac = hmac.new((secret or STRIPE_SECRET).encode(), signed, hashlib.sha256).hexdigest()
        return Webhook(headers={"stripe-signature": f"t={seconds},v1={mac}"}, body=body)


def _stripe(api_key: str, api_base: str, *, timeout_s: float = 10) -> StripeProvider:
    return StripeProvider(
        api_key=api_key,
        webhook_secret=STRIPE_SECRET,
        return_url="https://souk.example/back",
        timeout_s=timeout_s,
        api_base=api_base,
    )


@asynccontextmanager
async def sandbox_desk(folder: Path) -> AsyncIterator[SandboxDesk]:
    """On SQLite."""
    async with sandbox_lab(f"sqlite:///{folder}/sandbox.db", folder, sleep=asyncio.sleep) as lab:
        yield SandboxDesk(lab)


@asynccontextmanager
async def stripe_desk() -> AsyncIterator[StripeDesk]:
    """On a free port of this machine."""
    fake = FakeStripe()
    listener, closed = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    server = make_server(fake, drain_s=1)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells of its start by this flag only.
        await asyncio.sleep(0.001)
    desk = StripeDesk(
        fake,
        api_base=f"http://127.0.0.1:{listener.getsockname()[1]}",
        closed_base=f"http://127.0.0.1:{closed.getsockname()[1]}",
    )
    try:
        yield desk
    finally:
        for provider in (desk.provider, desk.hasty, desk.stranger, desk.cut_off):
            await provider.close()
        server.should_exit = True
        await serving
        closed.close()
