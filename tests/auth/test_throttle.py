from collections.abc import AsyncIterator

import pytest

from services.auth.actions.throttle import Rates, Throttle, TooManyTries
from services.auth.domain.sessions import Client
from services.chassis.cache.port import Cache
from services.chassis.clock import utc_now
from services.chassis.ids import uuid7
from services.chassis.opening import open_cache

RATES = Rates(logins_per_account=3, logins_per_address=20, mails_per_account=2, mails_per_address=5)
CLIENT = Client(address="192.0.2.66", agent="Test")


@pytest.fixture(
    params=[pytest.param("memory", marks=pytest.mark.embedded), pytest.param("redis", marks=pytest.mark.servers)]
)
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    url = None if request.param == "memory" else str(request.getfixturevalue("redis_url"))
    cache = open_cache(f"auth-{uuid7().hex}", url, clock=utc_now)
    yield cache
    await cache.close()


@pytest.fixture
def throttle(cache: Cache) -> Throttle:
    return Throttle(cache, RATES)


async def _tries(throttle: Throttle, email_key: str, *, most: int) -> int:
    for number in range(most):
        try:
            await throttle.admit_login(CLIENT, email_key, None)
        except TooManyTries:
            return number
    return most


async def test_guesses_at_one_account_end_before_those_of_one_address(throttle: Throttle) -> None:
    accounts = [await _tries(throttle, f"v{number}@example.org", most=10) for number in range(9)]

    assert accounts[:5] == [3] * 5
    assert sum(accounts) <= 20


async def test_what_was_no_guess_is_given_back(throttle: Throttle) -> None:
    for _ in range(30):
        await throttle.admit_login(CLIENT, "ana@example.org", None)
        await throttle.forgive_login(CLIENT, "ana@example.org", None)

    assert await _tries(throttle, "ana@example.org", most=10) == 3


async def test_a_known_device_draws_on_no_limit_of_its_address(throttle: Throttle) -> None:
    await _tries(throttle, "ana@example.org", most=10)

    await throttle.admit_login(CLIENT, "ana@example.org", uuid7())


async def test_the_wait_is_told(throttle: Throttle) -> None:
    await throttle.admit_mail(CLIENT, "ana@example.org")
    await throttle.admit_mail(CLIENT, "ana@example.org")

    with pytest.raises(TooManyTries) as refused:
        await throttle.admit_mail(CLIENT, "ana@example.org")

    wait_s = refused.value.facts["retry_after_s"]
    assert isinstance(wait_s, int)
    assert 1700 <= wait_s <= 1800
