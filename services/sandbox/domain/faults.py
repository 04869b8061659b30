"""What goes wrong on purpose, and how often. Chance is an argument: the same dice give the same faults."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.chassis.errors import Invalid
from services.sandbox.domain.charges import Operation
from services.sandbox.domain.tokens import Mishap, Scenario

Dice = Callable[[], float]
"""Uniform in [0, 1)."""

Rate = Annotated[float, Meta(ge=0, le=1, description="Share of requests or events, 0 to 1")]
Seconds = Annotated[float, Meta(ge=0, le=120)]

ALL_OPERATIONS: frozenset[Operation] = frozenset({"authorize", "capture", "void", "refund"})


class Faults(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All off unless set; setting them starts the dice afresh from `seed`."""

    seed: int = 0
    operations: frozenset[Operation] = ALL_OPERATIONS
    """Which requests the next five befall."""
    timeout_before: Rate = 0.0
    timeout_after: Rate = 0.0
    error_before: Rate = 0.0
    error_after: Rate = 0.0
    decline: Rate = 0.0
    duplicate_webhook: Rate = 0.0
    late_webhook: Rate = 0.0
    disordered_webhook: Rate = 0.0
    """Events held back for a random time up to `disorder_s`, so that later ones overtake them."""
    hang_s: Seconds = 20.0
    """How long a request that times out is kept waiting before it is answered 504."""
    slow_s: Seconds = 2.0
    late_s: Seconds = 5.0
    disorder_s: Seconds = 1.0


class RatesTooHigh(Invalid):
    """The shares of requests that time out or fail add up to more than all of them."""

    code = "rates_too_high"
    title = "Rates add up to more than 1"


def _mishap_rates(faults: Faults) -> tuple[tuple[Mishap, float], ...]:
    return (
        (Mishap.TIMEOUT_BEFORE, faults.timeout_before),
        (Mishap.TIMEOUT_AFTER, faults.timeout_after),
        (Mishap.ERROR_BEFORE, faults.error_before),
        (Mishap.ERROR_AFTER, faults.error_after),
    )


def check(faults: Faults) -> None:
    """Raises `RatesTooHigh`."""
    if sum(rate for _, rate in _mishap_rates(faults)) > 1:
        raise RatesTooHigh("timeouts and errors add up to more than every request")


def draw_mishap(faults: Faults, operation: Operation, dice: Dice) -> Mishap:
    """What befalls the next request."""
    if operation not in faults.operations:
        return Mishap.NONE
    rolled = dice()
    for mishap, rate in _mishap_rates(faults):
        if rolled < rate:
            return mishap
        rolled -= rate
    return Mishap.NONE


def draw_scenario(faults: Faults, scenario: Scenario, dice: Dice) -> Scenario:
    """The token's own scenario, or a decline that it did not ask for."""
    if "authorize" in faults.operations and dice() < faults.decline:
        return replace(scenario, decline="declined")
    return scenario


def draw_delays_s(faults: Faults, dice: Dice) -> list[float]:
    """When each copy of one event is sent, counted from now: one copy, or two."""
    copies = 2 if dice() < faults.duplicate_webhook else 1
    return [_delay_s(faults, dice) for _ in range(copies)]


def _delay_s(faults: Faults, dice: Dice) -> float:
    delay_s = faults.late_s if dice() < faults.late_webhook else 0.0
    if dice() < faults.disordered_webhook:
        delay_s += dice() * faults.disorder_s
    return delay_s
