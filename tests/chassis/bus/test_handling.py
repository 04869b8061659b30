import asyncio

import pytest

from services.chassis.bus.handling import Crew, Done, Failed, Poisoned, attempt, next_wait
from services.chassis.bus.port import Poison
from services.contracts.message import Message
from tests.chassis.bus.scene import Recorder, make_message, raising

MESSAGE = make_message("orders.order.placed")


async def test_a_handler_that_returns_is_done() -> None:
    assert await attempt(Recorder(), MESSAGE) == Done()


async def test_poison_will_never_succeed() -> None:
    assert await attempt(raising(Poison("unreadable")), MESSAGE) == Poisoned("unreadable")


async def test_any_other_failure_may_pass_and_is_told_with_its_kind() -> None:
    assert await attempt(raising(KeyError("sku")), MESSAGE) == Failed("KeyError: 'sku'")


async def test_a_handler_that_is_cut_off_has_no_outcome() -> None:
    begun = asyncio.Event()

    async def never_end(_: Message) -> None:
        begun.set()
        await asyncio.Event().wait()

    trying = asyncio.create_task(attempt(never_end, MESSAGE))
    await begun.wait()
    trying.cancel()

    with pytest.raises(asyncio.CancelledError):
        await trying


def test_waits_follow_one_another_and_then_there_is_none() -> None:
    waits = [next_wait((1, 10, 60), tries) for tries in (1, 2, 3, 4)]

    assert waits == [1, 10, 60, None]


async def test_a_crew_is_waited_for_until_its_work_is_done() -> None:
    crew = Crew(lambda: None)
    finished = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        finished.append("work")

    crew.start(work())
    await crew.drain()

    assert finished == ["work"]
    assert len(crew) == 0


async def test_a_fault_in_settling_does_not_stay_hidden() -> None:
    crew = Crew(lambda: None)

    async def stumble() -> None:
        raise TypeError("ours")

    crew.start(stumble())
    await crew.drain()

    with pytest.raises(TypeError, match="ours"):
        crew.check()
