"""Authorise, capture, void and refund, each once for its idempotency key."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from services.chassis.database.unit import Unit
from services.chassis.outbox.idempotency import KeyInFlight, KeyReused
from services.sandbox.actions.news import owe
from services.sandbox.actions.switches import Switches
from services.sandbox.domain import charges as domain
from services.sandbox.domain.charges import Charge, Operation, Purchase, Refund
from services.sandbox.domain.faults import draw_scenario
from services.sandbox.domain.tokens import scenario_of
from services.sandbox.store import books, requests
from services.sandbox.store.requests import Answered

Told = TypeVar("Told", Charge, Refund)


class Asked(Struct, frozen=True, kw_only=True):
    """One request: its key, and what the key stands for from now on."""

    key: str
    operation: Operation
    fingerprint: bytes


def asked(key: str, operation: Operation, *facts: object) -> Asked:
    """`facts` are all that the request says."""
    return Asked(
        key=key, operation=operation, fingerprint=hashlib.sha256(msgspec.json.encode((operation, facts))).digest()
    )


async def repeat(unit: Unit, wanted: Asked, told: type[Told]) -> Told:
    """What was answered the first time. Raises `KeyReused`, `KeyInFlight`."""
    reply = await _earlier(unit, wanted)
    if reply is None:
        raise KeyInFlight("another request with this Idempotency-Key is just being served")
    return msgspec.json.decode(reply, type=told)


def authorize(unit: Unit, switches: Switches, wanted: Asked, purchase: Purchase) -> Charge:
    """Raises `TokenUnknown`; the unit may fail `KeyKnown`."""
    scenario = draw_scenario(switches.faults, scenario_of(purchase.token), switches.dice)
    charge = domain.authorize(purchase, scenario, charge_id=f"ch_{unit.new_id().hex}", key=wanted.key, now=unit.now)
    requests.keep(unit, _answer(wanted, charge))
    books.add_charge(unit, charge)
    owe(unit, switches, charge)
    return charge


async def capture(unit: Unit, switches: Switches, wanted: Asked, charge_id: str, amount_minor: int) -> Charge:
    """Raises `ChargeMissing`, `WrongState`, `AmountTooLarge`, `KeyReused`; the unit may fail `KeyKnown`."""
    return await _change(unit, switches, wanted, charge_id, lambda charge: domain.capture(charge, amount_minor))


async def void(unit: Unit, switches: Switches, wanted: Asked, charge_id: str) -> Charge:
    """Raises `ChargeMissing`, `WrongState`, `KeyReused`; the unit may fail `KeyKnown`."""
    return await _change(unit, switches, wanted, charge_id, domain.void)


async def refund(unit: Unit, switches: Switches, wanted: Asked, charge_id: str, amount_minor: int) -> Refund:
    """Raises `ChargeMissing`, `WrongState`, `AmountTooLarge`, `KeyReused`; the unit may fail `KeyKnown`."""
    before = await books.lock_charge(unit.connection, charge_id)
    earlier = await _earlier(unit, wanted)
    if earlier is not None:
        return msgspec.json.decode(earlier, type=Refund)
    new = _new_refund(unit, before, wanted.key, amount_minor)
    after, made = domain.refund(before, scenario_of(before.token), wanted=new)
    requests.keep(unit, _answer(wanted, after, made))
    books.save_charge(unit, after)
    books.add_refund(unit, made)
    owe(unit, switches, after, made)
    return made


async def _change(
    unit: Unit, switches: Switches, wanted: Asked, charge_id: str, decide: Callable[[Charge], Charge]
) -> Charge:
    before = await books.lock_charge(unit.connection, charge_id)
    earlier = await _earlier(unit, wanted)
    if earlier is not None:
        return msgspec.json.decode(earlier, type=Charge)
    after = decide(before)
    requests.keep(unit, _answer(wanted, after))
    books.save_charge(unit, after)
    owe(unit, switches, after)
    return after


def _new_refund(unit: Unit, charge: Charge, key: str, amount_minor: int) -> Refund:
    return Refund(
        id=f"re_{unit.new_id().hex}",
        key=key,
        charge_id=charge.id,
        amount_minor=amount_minor,
        currency=charge.currency,
        state="succeeded",
        created_at=unit.now,
    )


async def _earlier(unit: Unit, wanted: Asked) -> bytes | None:
    found = await requests.answered(unit.connection, wanted.key)
    if found is None:
        return None
    if found.fingerprint != wanted.fingerprint:
        raise KeyReused("this Idempotency-Key was used for another request")
    return found.reply


def _answer(wanted: Asked, charge: Charge, made: Refund | None = None) -> Answered:
    return Answered(
        key=wanted.key,
        operation=wanted.operation,
        fingerprint=wanted.fingerprint,
        charge_id=charge.id,
        refund_id=None if made is None else made.id,
        reply=msgspec.json.encode(charge if made is None else made),
    )
