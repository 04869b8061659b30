"""The payment tokens the provider knows, and what happens to whoever pays with one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from services.chassis.errors import Invalid

DeclineReason = Literal["declined", "insufficient_funds", "expired_method", "authentication_failed"]


class Mishap(StrEnum):
    """What befalls one request. Before: nothing was done. After: it was done, and the answer does not tell."""

    NONE = "none"
    SLOW = "slow"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"


class Scenario(Struct, frozen=True, kw_only=True):
    """How a token behaves."""

    decline: DeclineReason | None = None
    requires_action: bool = False
    """The buyer's confirmation comes later, by itself or by `PUT …/approval`."""
    abandoned: bool = False
    """It does not come by itself: the buyer has gone away."""
    mishap: Mishap = Mishap.NONE
    """Of each try to authorise with it."""
    refund: Literal["succeeded", "pending", "failed"] = "succeeded"
    """`succeeded` at once; `pending` and then succeeded; or pending and then `failed`."""


SCENARIOS: Mapping[str, Scenario] = {
    "tok_visa": Scenario(),
    "tok_declined": Scenario(decline="declined"),
    "tok_insufficient_funds": Scenario(decline="insufficient_funds"),
    "tok_expired": Scenario(decline="expired_method"),
    "tok_requires_action": Scenario(requires_action=True),
    "tok_abandoned": Scenario(requires_action=True, abandoned=True),
    "tok_timeout": Scenario(mishap=Mishap.TIMEOUT_BEFORE),
    "tok_timeout_after": Scenario(mishap=Mishap.TIMEOUT_AFTER),
    "tok_error": Scenario(mishap=Mishap.ERROR_BEFORE),
    "tok_error_after": Scenario(mishap=Mishap.ERROR_AFTER),
    "tok_slow": Scenario(mishap=Mishap.SLOW),
    "tok_refund_pending": Scenario(refund="pending"),
    "tok_refund_fails": Scenario(refund="failed"),
}


class TokenUnknown(Invalid):
    """The token stands for no payment method."""

    code = "token_unknown"
    title = "Unknown payment token"


def scenario_of(token: str) -> Scenario:
    """Raises `TokenUnknown`."""
    scenario = SCENARIOS.get(token)
    if scenario is None:
        raise TokenUnknown("there is no payment method under this token", known=sorted(SCENARIOS))
    return scenario
