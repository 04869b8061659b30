import asyncio

import pytest

from services.auth.clients.hashing import DECOY, Hasher, HashingBusy


async def test_a_password_matches_its_hash_however_its_letters_are_composed() -> None:
    hasher = Hasher()

    hashed = await hasher.hash("cafe\u0301 au lait")

    assert await hasher.matches("caf\u00e9 au lait", hashed)
    assert not await hasher.matches("cafe au lait", hashed)
    hasher.close()


async def test_nothing_matches_where_there_is_no_account() -> None:
    hasher = Hasher()

    assert not await hasher.matches("souk", None)

    hasher.close()


def test_the_decoy_costs_what_a_hash_costs() -> None:
    hasher = Hasher()

    assert not hasher.outdated(DECOY)

    hasher.close()


async def test_whoever_finds_the_queue_full_is_told_to_come_back() -> None:
    hasher = Hasher(at_once=1, waiting_most=2)

    outcomes = await asyncio.gather(*(hasher.hash("a password") for _ in range(10)), return_exceptions=True)

    busy = [outcome for outcome in outcomes if isinstance(outcome, HashingBusy)]
    assert len(busy) == 7
    assert busy[0].facts == {"retry_after_s": 1}
    assert await hasher.matches("a password", await hasher.hash("a password"))
    hasher.close()


async def test_the_loop_goes_on_while_passwords_are_hashed() -> None:
    hasher, turns = Hasher(), 0

    async def spin() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    spinning = asyncio.create_task(spin())
    await hasher.hash("a password")
    spinning.cancel()

    with pytest.raises(asyncio.CancelledError):
        await spinning
    assert turns > 20
    hasher.close()
