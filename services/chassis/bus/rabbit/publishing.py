"""Publishing with confirms: what is not confirmed counts as not sent."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from aiormq.abc import AbstractChannel, ConfirmationFrameType
from aiormq.exceptions import PublishError
from pamqp.commands import Basic

from services.chassis.bus.rabbit.answers import Away, answered
from services.chassis.bus.rabbit.envelope import Letter
from services.chassis.bus.rabbit.line import CLOSE_S, Line

CONFIRM_S = 5.0

_Confirming = asyncio.Task[ConfirmationFrameType | None]


class Outlet:
    """A channel of its own on a line. Two letters of one message never share an outlet at the same time: the client
    tells a returned one by its message id alone.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()
        self._under_way: set[_Confirming] = set()
        self._log = logging.getLogger(__name__)

    async def send(self, letters: Sequence[Letter]) -> list[bool]:
        """For each, in order, whether the broker has it safe. Raises `Away` when none was sent."""
        channel = await self.open()
        sending = [asyncio.create_task(_publish(channel, letter)) for letter in letters]
        self._under_way.update(sending)
        try:
            await asyncio.wait(sending, timeout=CONFIRM_S)
        finally:
            self._under_way.difference_update(sending)
            late = [task for task in sending if not task.done()]
            for task in late:
                task.cancel()
        if late:
            # Its later confirms would be about letters that nobody waits for any more.
            await self._start_over(lost=len(late) == len(sending))
        return [self._confirmed(letter, task) for letter, task in zip(letters, sending, strict=True)]

    async def open(self) -> AbstractChannel:
        """The channel, usable now. Raises `Away`."""
        async with self._opening:
            connection = await self._line.connection()
            channel = self._channel
            if channel is None or channel.is_closed or channel.connection is not connection:
                channel = self._channel = await answered(connection.channel())
            return channel

    async def close(self) -> None:
        """Wait for confirms under way, then give the channel back."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=CONFIRM_S)
        await self._start_over(lost=False)

    async def _start_over(self, *, lost: bool) -> None:
        channel, self._channel = self._channel, None
        if lost:
            await self._line.drop()
        elif channel is not None:
            with suppress(Away):  # It may be lost already, which is what is wanted.
                await answered(channel.close(), within_s=CLOSE_S)

    def _confirmed(self, letter: Letter, task: _Confirming) -> bool:
        if not task.done() or task.cancelled():
            return False
        failure = task.exception()
        if isinstance(failure, PublishError):
            self._log.error("no queue is bound to an event", extra={"kind": letter.routing_key})
        return failure is None and isinstance(task.result(), Basic.Ack)


async def _publish(channel: AbstractChannel, letter: Letter) -> ConfirmationFrameType | None:
    # Not mandatory, a letter that no queue takes is confirmed and gone: right only for what no service wants.
    return await channel.basic_publish(
        letter.body,
        exchange=letter.exchange,
        routing_key=letter.routing_key,
        properties=letter.properties,
        mandatory=letter.wanted,
        timeout=CONFIRM_S,
    )
