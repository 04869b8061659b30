"""What whoever tries the provider out does: turn faults on, play the buyer, and read the books."""

from typing import Annotated

from litestar import get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Struct

from services.chassis.http.pages import Cursor, CursorMalformed, Limit, Page, from_cursor, paginate
from services.contracts.money import Currency
from services.sandbox.actions import disputing
from services.sandbox.actions.settling import approve
from services.sandbox.actions.switches import set_faults
from services.sandbox.api.charging import NamedTill, ProviderId
from services.sandbox.api.till import for_key_holders
from services.sandbox.domain.charges import (
    AmountMinor,
    AmountTooLarge,
    Charge,
    ChargeMissing,
    Reference,
    Refund,
    WrongState,
)
from services.sandbox.domain.disputes import Dispute, DisputeDecided, DisputeMissing, DisputeReason
from services.sandbox.domain.faults import Faults, RatesTooHigh
from services.sandbox.domain.tokens import Mishap
from services.sandbox.store import books, deliveries, disputes
from services.sandbox.store.books import Totals
from services.sandbox.store.deliveries import Backlog

LIMIT_DEFAULT = 20
ByReference = Annotated[str | None, QueryParameter(name="reference", pattern="^[!-~]{1,64}$")]


class AfterCharge(Struct, frozen=True, array_like=True):
    """A cursor of the list of charges."""

    id: Reference


class AfterTotals(Struct, frozen=True, array_like=True):
    """A cursor of the totals."""

    reference: Reference
    currency: Currency


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the buyer confirmed with their bank."""

    approved: bool


class Complaint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the buyer told their bank."""

    amount_minor: AmountMinor
    reason: DisputeReason = "fraudulent"


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the shop keeps the money."""

    kept: bool


class Statement(Struct, frozen=True, kw_only=True):
    """A charge with every refund and dispute of it."""

    charge: Charge
    refunds: list[Refund]
    disputes: list[Dispute]


@get("/sandbox/v1/faults", opt=for_key_holders(), sync_to_thread=False)
def faults(till: NamedTill) -> Faults:
    """What goes wrong on purpose at the moment."""
    return till.switches.faults


@put("/sandbox/v1/faults", opt=for_key_holders(RatesTooHigh))
async def turn_faults(data: JSONBody[Faults], till: NamedTill) -> Faults:
    """Replace all of them; `{}` turns every fault off. Kept over restarts."""
    await till.serve(Mishap.NONE, lambda unit: set_faults(unit, data))
    till.switches.turn(data)
    return data


@put("/sandbox/v1/charges/{charge_id:str}/approval", opt=for_key_holders(ChargeMissing, WrongState))
async def decide(charge_id: ProviderId, data: JSONBody[Approval], till: NamedTill) -> Charge:
    """Be the buyer whose bank asks for confirmation."""
    approved = data.approved
    return await till.serve(Mishap.NONE, lambda unit: approve(unit, till.switches, charge_id, approved=approved))


@post("/sandbox/v1/charges/{charge_id:str}/disputes", opt=for_key_holders(ChargeMissing, WrongState, AmountTooLarge))
async def complain(charge_id: ProviderId, data: JSONBody[Complaint], till: NamedTill) -> Dispute:
    """Be the buyer who asks their bank for the money back."""
    amount_minor, reason = data.amount_minor, data.reason
    return await till.serve(
        Mishap.NONE, lambda unit: disputing.dispute(unit, till.switches, charge_id, amount_minor, reason)
    )


@put("/sandbox/v1/disputes/{dispute_id:str}/decision", opt=for_key_holders(DisputeMissing, DisputeDecided))
async def judge(dispute_id: ProviderId, data: JSONBody[Decision], till: NamedTill) -> Dispute:
    """Be the bank."""
    kept = data.kept
    return await till.serve(Mishap.NONE, lambda unit: disputing.decide(unit, till.switches, dispute_id, kept=kept))


@get("/sandbox/v1/charges", opt=for_key_holders(CursorMalformed))
async def charges(
    till: NamedTill, reference: ByReference = None, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Page[Charge]:
    """Oldest first."""
    after = None if cursor is None else from_cursor(cursor, AfterCharge).id
    async with till.database.reading() as connection:
        rows = await books.charges(connection, reference=reference, after=after, limit=limit)
    return paginate(rows, limit=limit, key=lambda charge: AfterCharge(charge.id))


@get("/sandbox/v1/charges/{charge_id:str}", opt=for_key_holders(ChargeMissing))
async def charge(charge_id: ProviderId, till: NamedTill) -> Statement:
    """One charge, its refunds and its disputes."""
    async with till.database.reading() as connection:
        found = await books.charge(connection, charge_id)
        refunds = await books.refunds_of(connection, charge_id)
        complaints = await disputes.of_charge(connection, charge_id)
    return Statement(charge=found, refunds=list(refunds), disputes=list(complaints))


@get("/sandbox/v1/totals", opt=for_key_holders(CursorMalformed))
async def totals(
    till: NamedTill, reference: ByReference = None, limit: Limit = LIMIT_DEFAULT, cursor: Cursor = None
) -> Page[Totals]:
    """The books by reference and currency, to be compared with the shop's own."""
    after = None if cursor is None else from_cursor(cursor, AfterTotals)
    async with till.database.reading() as connection:
        start = None if after is None else (after.reference, after.currency)
        rows = await books.totals(connection, reference=reference, after=start, limit=limit)
    return paginate(rows, limit=limit, key=lambda row: AfterTotals(row.reference, row.currency))


@get("/sandbox/v1/webhooks", opt=for_key_holders())
async def webhooks(till: NamedTill) -> Backlog:
    """How many webhooks are owed: none, once everything has drained."""
    async with till.database.reading() as connection:
        return await deliveries.backlog(connection)


TRYING = (faults, turn_faults, decide, complain, judge, charges, charge, totals, webhooks)
