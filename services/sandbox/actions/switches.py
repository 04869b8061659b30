"""The fault rates that hold in this process, and the dice they are played with."""

import random

from services.chassis.database.unit import Unit
from services.sandbox.domain.faults import Dice, Faults, check
from services.sandbox.store import requests as store


class Switches:
    """Read on every request, so kept in memory: the provider's API runs as one process."""

    def __init__(self) -> None:
        self.turn(Faults())

    def turn(self, faults: Faults) -> None:
        """From now on, with the dice afresh from the seed."""
        self.faults = faults
        self.dice: Dice = random.Random(faults.seed).random  # noqa: S311 - faults are to be repeatable, not secret.


async def set_faults(unit: Unit, wanted: Faults) -> None:
    """Kept over restarts; `Switches.turn` follows when the unit has committed. Raises `RatesTooHigh`."""
    check(wanted)
    await store.save_faults(unit.connection, wanted)
