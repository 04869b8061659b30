"""Webhook signatures: `t=<Unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, with several v1 while a secret rotates."""

import hashlib
import hmac
from datetime import datetime

from services.orders.payments.port import WebhookRefused

TOLERANCE_S = 300


def require_signature(header: str, body: bytes, *, secret: str, now: datetime) -> None:
    """Raises `WebhookRefused` for one that is missing, wrong, or further than `TOLERANCE_S` from `now`."""
    fields = [field.strip().partition("=") for field in header.split(",")]
    times = [value for name, _, value in fields if name == "t"]
    given = [value for name, _, value in fields if name == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or not given:
        raise WebhookRefused("the webhook has no signature that can be read")
    signed = times[0].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(expected, value.encode()) for value in given):
        raise WebhookRefused("the webhook's signature is wrong")
    if abs(now.timestamp() - int(times[0])) > TOLERANCE_S:
        raise WebhookRefused("the webhook was signed too long ago, or in the future")
