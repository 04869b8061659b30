"""Driving a checkout to its end: ask, decide, record; from wherever it was left.

A checkout that goes well is written twice: once before anybody is asked (`place`), once when all is done (`record`).
The steps between have no commit of their own, because they need none: each asks under an id that the first commit
stored, so whoever takes over after a crash asks the same again and gets the same answer. What does get a commit before
it is acted on is every decision that might fall otherwise a second time: to turn back, to hold again under a new id, to
wait for the buyer. docs/adr/0011 has the whole argument.

A saga is several units with calls between them, so it opens them itself; nothing is asked while one is open.
"""

import asyncio
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.database import Units
from services.chassis.errors import Unavailable
from services.orders.actions.asking import Till
from services.orders.actions.fail_points import FailPoint, Fails
from services.orders.actions.recording import ReplyOf, record
from services.orders.actions.steps import Steps
from services.orders.actions.unwinding import Unwinding
from services.orders.clients import HoldRefused, Stock
from services.orders.domain.checkouts import Group
from services.orders.domain.saga import hand_over, must_be_recorded, put_off
from services.orders.payments.port import ProviderRefused
from services.orders.store import checkouts
from services.orders.store.checkouts import Overtaken

DRIVEN_AT_ONCE = 16


class Saga:
    """Drives checkouts. Any number of processes may drive the same one: one of them gets to record."""

    def __init__(
        self, *, units: Units, stock: Stock, till: Till, clock: Clock, reply_of: ReplyOf, fails: Fails
    ) -> None:
        self._units = units
        self._clock = clock
        self._reply_of = reply_of
        self._fails = fails
        self._steps = Steps(stock=stock, till=till, clock=clock, fails=fails)
        self._unwinding = Unwinding(stock=stock, till=till, clock=clock, fails=fails)

    async def drive(self, recorded: Group, *, first: bool = False) -> Group:
        """Until it has ended, is its buyer's turn, or somebody does not answer; the group as it is recorded then.

        `first`: nobody has driven it before, so nobody outside has been asked for anything.
        """
        try:
            while True:
                current = await self._go_on(recorded, first=first)
                rests = current.checkout.attempts > recorded.checkout.attempts
                recorded = await self._record(recorded, current)
                if rests or recorded.checkout.ended or recorded.checkout.waiting:
                    return recorded
        except Overtaken:
            async with self._units() as unit:
                return await checkouts.read(unit, recorded.checkout.id)

    async def drive_within(self, group: Group, timeout_s: float, *, first: bool = False) -> Group:
        """The same while a buyer waits: after `timeout_s` the checkout is left to the worker."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.drive(group, first=first)
        except TimeoutError:
            return await self._leave(group.checkout.id)

    async def drive_leased(self, checkout_id: UUID) -> Group:
        """One whose lease this process has taken."""
        async with self._units() as unit:
            group = await checkouts.read(unit, checkout_id)
        return await self.drive(group)

    async def drive_due(self) -> int:
        """Every checkout whose time has come, as many as this process takes at once; how many."""
        async with self._units() as unit:
            ids = await checkouts.lease_due(unit, most=DRIVEN_AT_ONCE)
        driven = await asyncio.gather(*(self.drive_leased(one) for one in ids), return_exceptions=True)
        failures = [failure for failure in driven if isinstance(failure, Exception)]
        if failures:
            # The others are done; these are tried again when their lease runs out.
            raise ExceptionGroup("some checkouts could not be driven", failures)
        return len(ids)

    async def _go_on(self, recorded: Group, *, first: bool) -> Group:
        """As far as it goes without acting on what only this process knows."""
        current = recorded
        try:
            if recorded.checkout.turning_to is not None:
                return await self._unwinding.undo(recorded)
            while current is recorded or not must_be_recorded(recorded.checkout, current.checkout):
                current = await self._steps.take(current, first=first)
        except Unavailable:
            return put_off(current, self._clock())
        except (ProviderRefused, HoldRefused):
            return hand_over(current, self._clock())
        return current

    async def _record(self, before: Group, after: Group) -> Group:
        async with self._units() as unit:
            recorded = await record(unit, before, after, self._reply_of)
            self._fails(FailPoint.BEFORE_RECORD)
        self._fails(FailPoint.AFTER_RECORD)
        return recorded

    async def _leave(self, checkout_id: UUID) -> Group:
        """Give the lease back, so that the worker need not wait for its end."""
        async with self._units() as unit:
            group = await checkouts.lock(unit, checkout_id)
            if group.checkout.ended or group.checkout.waiting:
                return group
            return await record(unit, group, put_off(group, unit.now), self._reply_of)
