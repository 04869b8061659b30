"""The sandbox provider over HTTP. It is a foreign company: what it says is read in `sandbox_told`."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote, urlencode

import msgspec

from services.chassis.clock import Clock
from services.chassis.wire.port import Call, Headers, Reply, Upstream, UpstreamError
from services.orders.payments.port import (
    Ask,
    Authorize,
    AuthorizeOutcome,
    Capture,
    Captured,
    Declined,
    Outcome,
    ProviderEvent,
    ProviderFailed,
    ProviderRefused,
    ProviderTimeout,
    Refund,
    RefundOutcome,
    Void,
    Voided,
)
from services.orders.payments.sandbox_told import (
    ChargeTold,
    FoundTold,
    RefundTold,
    Told,
    read,
    read_event,
    to_authorize_outcome,
    to_captured,
    to_found,
    to_refund_outcome,
)
from services.orders.payments.signature import require_signature

CHARGES = "/sandbox/v1/charges"
REQUESTS = "/sandbox/v1/requests"
ANSWER_BYTES_MOST = 256 * 1024
SIGNATURE_HEADER = "sandbox-signature"


class SandboxProvider:
    """A `PaymentProvider`."""

    name = "sandbox"

    def __init__(
        self, upstream: Upstream, *, api_key: str, webhook_secret: str, clock: Clock, timeout_s: float = 10.0
    ) -> None:
        self._upstream = upstream
        self._authorization = f"Bearer {api_key}".encode()
        self._webhook_secret = webhook_secret
        self._clock = clock
        self._timeout_s = timeout_s

    async def authorize(self, ask: Authorize) -> AuthorizeOutcome:
        """See `PaymentProvider`."""
        body = {
            "amount_minor": ask.amount.minor,
            "currency": ask.amount.currency,
            "token": ask.method,
            "reference": ask.reference,
        }
        try:
            charge = await self._post(CHARGES, body, ask.key, ChargeTold)
        except ProviderRefused as refused:
            if refused.reason == "token_unknown":
                return Declined(charge_id=None, reason="unknown_method")
            raise
        return to_authorize_outcome(charge)

    async def capture(self, ask: Capture) -> Captured:
        """See `PaymentProvider`."""
        target = f"{CHARGES}/{quote(ask.charge_id, safe='')}/capture"
        return to_captured(await self._post(target, {"amount_minor": ask.amount.minor}, ask.key, ChargeTold))

    async def void(self, ask: Void) -> Voided:
        """See `PaymentProvider`."""
        charge = await self._post(f"{CHARGES}/{quote(ask.charge_id, safe='')}/void", None, ask.key, ChargeTold)
        return Voided(charge_id=charge.id)

    async def refund(self, ask: Refund) -> RefundOutcome:
        """See `PaymentProvider`."""
        target = f"{CHARGES}/{quote(ask.charge_id, safe='')}/refunds"
        return to_refund_outcome(await self._post(target, {"amount_minor": ask.amount.minor}, ask.key, RefundTold))

    async def find(self, ask: Ask) -> Outcome | None:
        """See `PaymentProvider`."""
        reply = await self._call("GET", f"{REQUESTS}?{urlencode({'key': ask.key})}", b"", ())
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        found = read(reply, FoundTold)
        match ask:
            case Authorize():
                return to_found(found.charge)
            case Capture():
                return to_captured(found.charge)
            case Void():
                return Voided(charge_id=found.charge.id)
            case Refund():
                return None if found.refund is None else to_refund_outcome(found.refund)

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """See `PaymentProvider`."""
        require_signature(headers.get(SIGNATURE_HEADER, ""), body, secret=self._webhook_secret, now=self._clock())
        return read_event(body)

    async def close(self) -> None:
        """See `PaymentProvider`."""
        await self._upstream.close()

    async def _post(self, target: str, body: object, key: str, told: type[Told]) -> Told:
        encoded = b"" if body is None else msgspec.json.encode(body)
        headers = ((b"idempotency-key", key.encode()), (b"content-type", b"application/json"))
        return read(await self._call("POST", target, encoded, headers), told)

    async def _call(self, method: str, target: str, body: bytes, headers: Headers) -> Reply:
        signed = ((b"authorization", self._authorization), (b"accept", b"application/json"), *headers)
        call = Call(method=method, target=target, headers=signed, body=body)
        try:
            return await self._upstream.call(call, timeout_s=self._timeout_s, max_bytes=ANSWER_BYTES_MOST)
        except UpstreamError as failed:
            kind = ProviderTimeout if failed.timed_out else ProviderFailed
            raise kind(f"the sandbox provider gave no answer: {failed}", maybe_applied=failed.sent) from failed
