"""As much of Stripe's HTTP API as the adapter uses, on loopback, with Stripe's words for what goes wrong."""

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from litestar.enums import ScopeType
from litestar.types import HTTPScope, Receive, Scope, Send
from msgspec import Struct

from tests.orders.payments.desk import HANG_S, Mood

API_KEY = "sk_test_souk"
BROKEN = (500, b'{"error": {"type": "api_error", "message": "broken"}}')

DECLINES: Mapping[str, tuple[str, str | None]] = {
    "pm_card_visa_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
}
KNOWN = frozenset({"pm_card_visa", "pm_card_authenticationRequired", *DECLINES})


class Intent(Struct, kw_only=True):
    """Stripe's PaymentIntent, the fields that matter."""

    id: str
    amount: int
    currency: str
    status: str
    created: int
    metadata: dict[str, str]
    amount_received: int = 0
    last_payment_error: dict[str, str | None] | None = None
    next_action: dict[str, object] | None = None
    object: str = "payment_intent"


class Refund(Struct, kw_only=True):
    """Stripe's Refund, the fields that matter."""

    id: str
    amount: int
    currency: str
    payment_intent: str
    metadata: dict[str, str]
    created: int
    status: str = "succeeded"
    object: str = "refund"


class Dispute(Struct, kw_only=True):
    """Stripe's Dispute, the fields that matter."""

    id: str
    amount: int
    currency: str
    payment_intent: str
    reason: str = "fraudulent"
    status: str = "needs_response"
    object: str = "dispute"


class Event(Struct, frozen=True, kw_only=True):
    """Stripe's Event."""

    id: str
    type: str
    created: int
    data: dict[str, object]
    object: str = "event"


class StripeSaysNo(Exception):
    """An error object and its status."""

    def __init__(self, status: int, kind: str, code: str, **more: object) -> None:
        super().__init__(code)
        self.status = status
        self.body = msgspec.json.encode({"error": {"type": kind, "code": code, "message": code, **more}})


class FakeStripe:
    """An ASGI application."""

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        self.refunds: dict[str, Refund] = {}
        self.disputes: dict[str, Dispute] = {}
        self.events: list[Event] = []
        self.mood: Mood = "well"
        self.requests = 0
        self._answers: dict[str, tuple[bytes, int, bytes]] = {}
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            raise TypeError("only HTTP is spoken here")
        status, body = await self._serve(scope, await _read(receive))
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _serve(self, scope: HTTPScope, body: bytes) -> tuple[int, bytes]:
        self.requests += 1
        headers = dict(scope["headers"])
        if headers.get(b"authorization") != f"Bearer {API_KEY}".encode():
            return 401, StripeSaysNo(401, "invalid_request_error", "api_key_invalid").body
        if scope["method"] == "GET":
            return self._answer(scope, dict(parse_qsl(scope["query_string"].decode())))
        if await self._goes_wrong("before"):
            return BROKEN
        answer = self._once(scope, headers[b"idempotency-key"].decode(), body)
        return BROKEN if await self._goes_wrong("after") else answer

    async def _goes_wrong(self, when: str) -> bool:
        if self.mood == f"hangs_{when}":
            await asyncio.sleep(HANG_S)
        return self.mood == f"fails_{when}"

    def _once(self, scope: HTTPScope, key: str, body: bytes) -> tuple[int, bytes]:
        fingerprint = scope["path"].encode() + b"?" + body
        earlier = self._answers.get(key)
        if earlier is None:
            status, answer = self._answer(scope, dict(parse_qsl(body.decode())))
            # Like Stripe, keep what was executed, declines among it, and let a refused request be corrected.
            if status in {200, 402}:
                self._answers[key] = (fingerprint, status, answer)
            return status, answer
        if earlier[0] != fingerprint:
            return 400, StripeSaysNo(400, "idempotency_error", "idempotency_error").body
        return earlier[1:]

    def _answer(self, scope: HTTPScope, fields: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            return 200, msgspec.json.encode(self._route(scope["method"], scope["path"].split("/")[2:], fields))
        except StripeSaysNo as no:
            return no.status, no.body

    def _route(self, method: str, path: list[str], fields: Mapping[str, str]) -> object:
        return self._read(path, fields) if method == "GET" else self._change(path, fields)

    def _change(self, path: list[str], fields: Mapping[str, str]) -> object:
        match path:
            case ["payment_intents"]:
                return self._create(fields)
            case ["payment_intents", charge_id, "capture"]:
                return self._capture(self._intent(charge_id), int(fields["amount_to_capture"]))
            case ["payment_intents", charge_id, "cancel"]:
                return self._cancel(self._intent(charge_id))
            case ["refunds"]:
                return self._refund(self._intent(fields["payment_intent"]), fields)
            case _:
                raise StripeSaysNo(404, "invalid_request_error", "unknown_route")

    def _read(self, path: list[str], fields: Mapping[str, str]) -> object:
        match path:
            case ["payment_intents"]:
                since = int(fields["created[gte]"])
                return _page(
                    "payment_intents", [each for each in self.intents.values() if each.created >= since], fields
                )
            case ["payment_intents", charge_id]:
                return self._intent(charge_id)
            case ["refunds"]:
                of = fields["payment_intent"]
                return _page("refunds", [each for each in self.refunds.values() if each.payment_intent == of], fields)
            case _:
                raise StripeSaysNo(404, "invalid_request_error", "unknown_route")

    def _intent(self, charge_id: str) -> Intent:
        if charge_id not in self.intents:
            raise StripeSaysNo(404, "invalid_request_error", "resource_missing", param="intent")
        return self.intents[charge_id]

    def _create(self, fields: Mapping[str, str]) -> Intent:
        method = fields["payment_method"]
        if method not in KNOWN:
            raise StripeSaysNo(400, "invalid_request_error", "resource_missing", param="payment_method")
        intent = Intent(
            id=f"pi_{next(self._numbers):06}",
            amount=int(fields["amount"]),
            currency=fields["currency"],
            status="requires_capture" if fields["capture_method"] == "manual" else "succeeded",
            created=int(time.time()),
            metadata=_metadata(fields),
        )
        self.intents[intent.id] = intent
        if method in DECLINES:
            self._decline(intent, *DECLINES[method])
        if method == "pm_card_authenticationRequired":
            intent.status = "requires_action"
            redirect = {"url": f"https://bank.example/{intent.id}", "return_url": fields.get("return_url")}
            intent.next_action = {"type": "redirect_to_url", "redirect_to_url": redirect}
            self._tell("payment_intent.requires_action", intent)
        else:
            self._tell("payment_intent.amount_capturable_updated", intent)
        return intent

    def _decline(self, intent: Intent, code: str, decline_code: str | None) -> None:
        intent.status = "requires_payment_method"
        intent.last_payment_error = {"code": code, "decline_code": decline_code, "type": "card_error"}
        self._tell("payment_intent.payment_failed", intent)
        told = msgspec.to_builtins(intent)
        raise StripeSaysNo(402, "card_error", code, decline_code=decline_code, param="", payment_intent=told)

    def confirm(self, charge_id: str) -> None:
        """The buyer comes back from the bank."""
        intent = self.intents[charge_id]
        intent.status, intent.next_action = "requires_capture", None
        self._tell("payment_intent.amount_capturable_updated", intent)

    def _capture(self, intent: Intent, amount: int) -> Intent:
        self._require(intent, "requires_capture")
        if amount > intent.amount:
            raise StripeSaysNo(400, "invalid_request_error", "amount_too_large", param="amount_to_capture")
        intent.status, intent.amount_received = "succeeded", amount
        self._tell("payment_intent.succeeded", intent)
        return intent

    def _cancel(self, intent: Intent) -> Intent:
        self._require(intent, "requires_capture", "requires_action", "requires_payment_method")
        intent.status = "canceled"
        self._tell("payment_intent.canceled", intent)
        return intent

    def _refund(self, intent: Intent, fields: Mapping[str, str]) -> Refund:
        self._require(intent, "succeeded")
        amount = int(fields["amount"])
        before = sum(refund.amount for refund in self.refunds.values() if refund.payment_intent == intent.id)
        if amount > intent.amount_received - before:
            raise StripeSaysNo(400, "invalid_request_error", "charge_already_refunded", param="amount")
        refund = Refund(
            id=f"re_{next(self._numbers):06}",
            amount=amount,
            currency=intent.currency,
            payment_intent=intent.id,
            metadata=_metadata(fields),
            created=int(time.time()),
        )
        self.refunds[refund.id] = refund
        self._tell("refund.created", refund)
        return refund

    def dispute(self, charge_id: str, amount: int) -> str:
        """The buyer's bank asks for money back; the dispute's id."""
        name = f"dp_{next(self._numbers):06}"
        currency = self.intents[charge_id].currency
        self.disputes[name] = Dispute(id=name, amount=amount, currency=currency, payment_intent=charge_id)
        self._tell("charge.dispute.created", self.disputes[name])
        return name

    def decide(self, dispute_id: str, *, kept: bool) -> None:
        """The bank says who keeps it."""
        self.disputes[dispute_id].status = "won" if kept else "lost"
        self._tell("charge.dispute.closed", self.disputes[dispute_id])

    def _require(self, intent: Intent, *states: str) -> None:
        if intent.status not in states:
            raise StripeSaysNo(400, "invalid_request_error", "payment_intent_unexpected_state")

    def _tell(self, kind: str, subject: Intent | Refund | Dispute) -> None:
        number = next(self._numbers)
        data = {"object": msgspec.to_builtins(subject)}
        self.events.append(Event(id=f"evt_{number:06}", type=kind, created=int(time.time()), data=data))


def _metadata(fields: Mapping[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in fields.items() if name.startswith("metadata[")}


def _page(of: str, found: Sequence[Intent | Refund], fields: Mapping[str, str]) -> dict[str, object]:
    newest_first = list(reversed(found))
    ids = [each.id for each in newest_first]
    start = ids.index(fields["starting_after"]) + 1 if "starting_after" in fields else 0
    end = start + int(fields.get("limit", "10"))
    more = end < len(newest_first)
    return {"object": "list", "data": newest_first[start:end], "has_more": more, "url": f"/v1/{of}"}


async def _read(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        pieces.append(message["body"])
        if not message["more_body"]:
            return b"".join(pieces)
