"""Settling each message of a service's queue: done, to be tried again later, or dead."""

import asyncio
import logging
from collections.abc import Sequence

from aiormq.abc import DeliveredMessage

from services.chassis.bus.handling import Failed, Outcome, Poisoned, attempt, next_wait
from services.chassis.bus.port import Handler
from services.chassis.bus.rabbit.answers import Away, Backoff, answered
from services.chassis.bus.rabbit.envelope import Letter, Marks, Unreadable, forwarded, marks_of, read
from services.chassis.bus.rabbit.publishing import Outlet
from services.chassis.bus.rabbit.topology import DEAD, TO_QUEUE, retry_queue
from services.chassis.clock import Clock


class Settlement:
    """One service's rules for what comes next."""

    def __init__(
        self, service: str, handle: Handler, outlet: Outlet, *, retry_delays_s: Sequence[float], clock: Clock
    ) -> None:
        self._service = service
        self._handle = handle
        self._outlet = outlet
        self._retry_delays_s = retry_delays_s
        self._clock = clock
        self._log = logging.getLogger(__name__)

    async def settle(self, delivered: DeliveredMessage) -> None:
        """A message that goes on is acknowledged only when the next queue has it. Raises `Away`."""
        letter = await self._go_on(delivered)
        if letter is not None:
            await self._send(letter)
        await acknowledge(delivered)

    async def _go_on(self, delivered: DeliveredMessage) -> Letter | None:
        try:
            message, marks = read(delivered), marks_of(delivered)
        except Unreadable as fault:
            return self._bury(delivered, Marks(), f"unreadable: {fault}")
        outcome = await attempt(self._handle, message)
        return self._next_stop(delivered, marks, outcome)

    def _next_stop(self, delivered: DeliveredMessage, marks: Marks, outcome: Outcome) -> Letter | None:
        match outcome:
            case Poisoned(reason):
                return self._bury(delivered, marks, reason)
            case Failed(reason):
                tries = marks.tries + 1
                wait_s = next_wait(self._retry_delays_s, tries)
                if wait_s is None:
                    return self._bury(delivered, marks, reason)
                self._tell("a message will be tried again", delivered, reason)
                queue = retry_queue(self._service, wait_s)
                return _letter(TO_QUEUE, queue, delivered, Marks(tries=tries, reason=reason))
            case _:
                return None

    def _bury(self, delivered: DeliveredMessage, marks: Marks, reason: str) -> Letter:
        self._tell("a message is dead", delivered, reason)
        marks = Marks(tries=marks.tries, reason=reason, died_at=self._clock())
        return _letter(DEAD, self._service, delivered, marks)

    def _tell(self, what: str, delivered: DeliveredMessage, reason: str) -> None:
        properties = delivered.header.properties
        about = {"event_id": properties.message_id, "kind": properties.message_type, "service": self._service}
        self._log.warning(what, extra={**about, "reason": reason})

    async def _send(self, letter: Letter) -> None:
        """Until it is confirmed: given back instead, the message would return at once and use up its deliveries."""
        backoff = Backoff()
        while True:
            try:
                [confirmed] = await self._outlet.send([letter])
            except Away:
                confirmed = False
            if confirmed:
                return
            await asyncio.sleep(backoff.next_s())


def _letter(exchange: str, routing_key: str, delivered: DeliveredMessage, marks: Marks) -> Letter:
    properties = forwarded(delivered, marks)
    return Letter(exchange=exchange, routing_key=routing_key, body=delivered.body, properties=properties)


async def overhear(handle: Handler, delivered: DeliveredMessage) -> None:
    """A listener's way: one try, whatever comes of it. Raises `Away`."""
    try:
        outcome = await attempt(handle, read(delivered))
    except Unreadable as fault:
        outcome = Poisoned(f"unreadable: {fault}")
    if isinstance(outcome, Failed | Poisoned):
        logging.getLogger(__name__).warning("a listener failed", extra={"reason": outcome.reason})
    await acknowledge(delivered)


async def acknowledge(delivered: DeliveredMessage) -> None:
    """Raises `Away`."""
    assert delivered.delivery_tag is not None
    await answered(delivered.channel.basic_ack(delivered.delivery_tag, wait=False))
