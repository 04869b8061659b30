"""What happens by itself when its time has come."""

from datetime import timedelta
from functools import partial

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.outbox.idempotency import forget_old
from services.chassis.worker import Timer
from services.orders.actions import fulfilment
from services.orders.actions.refunds import Refunding
from services.orders.actions.saga import Saga
from services.orders.store import carts, checkouts, people, refunds

DRIVE_EVERY_S = 1.0
TIDY_EVERY_S = 600.0
CARTS_KEPT_FOR = timedelta(days=30)


async def drive_checkouts(database: Database, saga: Saga, clock: Clock) -> None:
    """Those that were left by whoever drove them, or whose hold runs out."""
    if await checkouts.any_due(database, clock()):
        await saga.drive_due()


async def drive_refunds(database: Database, refunding: Refunding, clock: Clock) -> None:
    """Those that have not ended."""
    if await refunds.any_due(database, clock()):
        await refunding.drive_due()


async def tidy(database: Database, clock: Clock) -> None:
    """Complete what nobody complained about, forget carts, keys and addresses that are not needed any more."""
    async with database.unit() as unit:
        await fulfilment.complete_old(unit)
        await carts.remove_old(unit, clock() - CARTS_KEPT_FOR)
        await people.erase_addresses(unit)
        await forget_old(unit, now=clock())


def timers(database: Database, saga: Saga, refunding: Refunding, clock: Clock) -> tuple[Timer, ...]:
    """All of them."""
    return (
        Timer(name="checkouts", every_s=DRIVE_EVERY_S, run=partial(drive_checkouts, database, saga, clock)),
        Timer(name="refunds", every_s=DRIVE_EVERY_S, run=partial(drive_refunds, database, refunding, clock)),
        Timer(name="tidy", every_s=TIDY_EVERY_S, run=partial(tidy, database, clock)),
    )
