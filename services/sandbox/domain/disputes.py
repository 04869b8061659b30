"""Disputes: the buyer's bank asks for captured money back, and decides who keeps it."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Missing
from services.sandbox.domain.charges import Charge, take_from

DisputeState = Literal["open", "won", "lost"]
DisputeReason = Annotated[str, Meta(pattern="^[ -~]{1,64}$")]


class Dispute(Struct, frozen=True, kw_only=True):
    """`won`: the shop keeps the money."""

    id: str
    charge_id: str
    amount_minor: int
    currency: str
    reason: str
    state: DisputeState
    created_at: datetime


class DisputeMissing(Missing):
    """There is no such dispute."""

    code = "dispute_missing"
    title = "No such dispute"


class DisputeDecided(Conflict):
    """The bank has spoken."""

    code = "dispute_decided"
    title = "The dispute is decided"


def hold(charge: Charge, opened: Dispute) -> Charge:
    """The charge while the dispute is open. Raises `WrongState`, `AmountTooLarge`."""
    take_from(charge, opened.amount_minor)
    disputed_minor = charge.disputed_minor + opened.amount_minor
    return replace(charge, disputed_minor=disputed_minor, version=charge.version + 1)


def decide(charge: Charge, dispute: Dispute, *, kept: bool) -> tuple[Charge, Dispute]:
    """What is kept can be refunded again; what is lost is gone. Raises `DisputeDecided`."""
    if dispute.state != "open":
        raise DisputeDecided(f"the dispute is {dispute.state}", state=dispute.state)
    disputed_minor = charge.disputed_minor - dispute.amount_minor if kept else charge.disputed_minor
    after = replace(charge, disputed_minor=disputed_minor, version=charge.version + 1)
    return after, replace(dispute, state="won" if kept else "lost")
