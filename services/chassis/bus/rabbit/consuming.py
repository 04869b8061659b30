"""Receiving from a queue over one channel, as long as that channel lives."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiormq.abc import AbstractChannel, AbstractConnection, DeliveredMessage
from pamqp.commands import Basic

from services.chassis.bus.handling import Crew
from services.chassis.bus.rabbit.answers import Away, answered
from services.chassis.bus.rabbit.line import CLOSE_S

FindQueue = Callable[[AbstractChannel], Awaitable[str]]
"""Names the queue to consume; may declare it first."""
Settle = Callable[[DeliveredMessage], Awaitable[None]]
"""Handles a message and acknowledges it; raises `Away` when that was not possible, and then it is delivered again."""


class Reception:
    """One channel's deliveries, settled side by side."""

    def __init__(self, settle: Settle) -> None:
        self._settle = settle
        self._crew = Crew(self._check)
        self._begun = asyncio.Event()
        self._ending = asyncio.Event()
        self.ended = asyncio.Event()

    def end(self) -> None:
        """Take no more; `ended` is set when what is under way is settled."""
        self._ending.set()

    async def run(self, connection: AbstractConnection, find_queue: FindQueue, prefetch: int) -> None:
        """Until the channel is lost or `end` is called. Raises `Away` when it could not even begin, and what settling
        raised beside it: that is a fault of ours, which must not leave messages lying about unsettled.
        """
        try:
            channel = await answered(connection.channel(publisher_confirms=False))
            channel.closing.add_done_callback(lambda _: self.end())
            channel.on_consumer_cancel_callbacks.add(lambda _: self.end())
            await answered(channel.basic_qos(prefetch_count=prefetch))
            begun = await answered(channel.basic_consume(await find_queue(channel), self._arrived))
            try:
                self._begun.set()
                await self._ending.wait()
            finally:
                await self._wind_up(channel, begun)
        finally:
            self.ended.set()
        self._crew.check()

    async def _arrived(self, delivered: DeliveredMessage) -> None:
        # Messages come before we are told that consuming has begun; cancelled in between, we would not know of them.
        await self._begun.wait()
        # In a task of ours: the client cancels its own with the channel, and a commit is not to be cut off by that.
        if not self._ending.is_set():
            self._crew.start(self._settle_or_leave(delivered))

    def _check(self) -> None:
        if self._crew.fault is not None:
            self.end()

    async def _settle_or_leave(self, delivered: DeliveredMessage) -> None:
        with suppress(Away):  # The channel is lost: the broker delivers the message again.
            await self._settle(delivered)

    async def _wind_up(self, channel: AbstractChannel, begun: Basic.ConsumeOk) -> None:
        self.end()
        with suppress(Away):
            if begun.consumer_tag is not None:
                await answered(channel.basic_cancel(begun.consumer_tag), within_s=CLOSE_S)
        await self._crew.drain()
        with suppress(Away):
            # All that is left unsettled goes back, on 4.3 without counting as a failed delivery.
            await answered(channel.basic_nack(0, multiple=True, requeue=True), within_s=CLOSE_S)
            await answered(channel.close(), within_s=CLOSE_S)
