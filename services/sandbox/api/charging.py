"""What a shop does: authorise, capture, void, refund, and look up what became of a key."""

from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Struct

from services.chassis.database import Unit
from services.chassis.errors import Missing
from services.chassis.http.idempotency import IdempotencyKey, KeyMissing
from services.sandbox.actions import charging
from services.sandbox.actions.charging import Asked, Told
from services.sandbox.api.till import Act, Till, for_key_holders
from services.sandbox.domain.charges import (
    AmountMinor,
    AmountTooLarge,
    Charge,
    ChargeMissing,
    Operation,
    Purchase,
    Refund,
    WrongState,
)
from services.sandbox.domain.faults import draw_mishap
from services.sandbox.domain.tokens import Mishap, TokenUnknown, scenario_of
from services.sandbox.store import books, requests

NamedTill = NamedDependency[Till]
MOVING = (ChargeMissing, WrongState, KeyMissing)
ProviderId = Annotated[str, PathParameter(pattern="^[!-~]{1,64}$")]


class Amount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the charge, in its currency."""

    amount_minor: AmountMinor


class Found(Struct, frozen=True, kw_only=True):
    """What a key did, and how that stands by now."""

    operation: Operation
    charge: Charge
    refund: Refund | None


class KeyUnknown(Missing):
    """No request with this key has taken effect so far."""

    code = "idempotency_key_unknown"
    title = "Unknown idempotency key"


@post("/sandbox/v1/charges", opt=for_key_holders(TokenUnknown, KeyMissing))
async def authorize(data: JSONBody[Purchase], till: NamedTill, key: IdempotencyKey = None) -> Charge:
    """Reserve an amount; a charge that comes back `declined` or `requires_action` reserves nothing."""
    wanted = charging.asked(_required(key), "authorize", data)
    mishap = scenario_of(data.token).mishap
    if mishap is Mishap.NONE:
        mishap = _draw(till, "authorize")

    async def act(unit: Unit) -> Charge:
        return charging.authorize(unit, till.switches, wanted, data)

    return await till.serve(mishap, act, repeat=_again(wanted, Charge))


@post("/sandbox/v1/charges/{charge_id:str}/capture", opt=for_key_holders(*MOVING, AmountTooLarge), status_code=200)
async def capture(charge_id: ProviderId, data: JSONBody[Amount], till: NamedTill, key: IdempotencyKey = None) -> Charge:
    """Take what was authorised, or less."""
    wanted = charging.asked(_required(key), "capture", charge_id, data.amount_minor)

    async def act(unit: Unit) -> Charge:
        return await charging.capture(unit, till.switches, wanted, charge_id, data.amount_minor)

    return await till.serve(_draw(till, "capture"), act, repeat=_again(wanted, Charge))


@post("/sandbox/v1/charges/{charge_id:str}/void", opt=for_key_holders(*MOVING), status_code=200)
async def void(charge_id: ProviderId, till: NamedTill, key: IdempotencyKey = None) -> Charge:
    """Release what was authorised."""
    wanted = charging.asked(_required(key), "void", charge_id)

    async def act(unit: Unit) -> Charge:
        return await charging.void(unit, till.switches, wanted, charge_id)

    return await till.serve(_draw(till, "void"), act, repeat=_again(wanted, Charge))


@post("/sandbox/v1/charges/{charge_id:str}/refunds", opt=for_key_holders(*MOVING, AmountTooLarge))
async def refund(charge_id: ProviderId, data: JSONBody[Amount], till: NamedTill, key: IdempotencyKey = None) -> Refund:
    """Give back some of what was captured."""
    wanted = charging.asked(_required(key), "refund", charge_id, data.amount_minor)

    async def act(unit: Unit) -> Refund:
        return await charging.refund(unit, till.switches, wanted, charge_id, data.amount_minor)

    return await till.serve(_draw(till, "refund"), act, repeat=_again(wanted, Refund))


@get("/sandbox/v1/requests", opt=for_key_holders(KeyUnknown))
async def find(till: NamedTill, key: Annotated[str, QueryParameter(name="key", pattern="^[!-~]{1,255}$")]) -> Found:
    """What became of the request with this `Idempotency-Key`."""
    async with till.database.reading() as connection:
        answered = await requests.answered(connection, key)
        if answered is None:
            raise KeyUnknown("no request with this key has taken effect")
        charge = await books.charge(connection, answered.charge_id)
        made = None if answered.refund_id is None else await books.refund(connection, answered.refund_id)
    return Found(operation=answered.operation, charge=charge, refund=made)


def _again(wanted: Asked, told: type[Told]) -> Act[Told]:
    async def again(unit: Unit) -> Told:
        return await charging.repeat(unit, wanted, told)

    return again


def _draw(till: Till, operation: Operation) -> Mishap:
    return draw_mishap(till.switches.faults, operation, till.switches.dice)


def _required(key: str | None) -> str:
    if not key:
        raise KeyMissing("send an Idempotency-Key header with a new unique value")
    return key


CHARGING = (authorize, capture, void, refund, find)
