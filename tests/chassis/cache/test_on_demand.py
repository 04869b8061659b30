from services.chassis.cache.memory import MemoryCache
from services.chassis.cache.on_demand import CacheOnDemand
from services.chassis.cache.port import Cache
from services.chassis.clock import utc_now


class Opening:
    """Counts how often it opened a cache."""

    def __init__(self) -> None:
        self.opened = 0

    def __call__(self) -> Cache:
        self.opened += 1
        return MemoryCache(clock=utc_now)


async def test_what_is_never_used_is_never_opened() -> None:
    opening = Opening()

    await CacheOnDemand(opening).close()

    assert opening.opened == 0


async def test_the_first_use_opens_it_for_all() -> None:
    opening = Opening()
    cache = CacheOnDemand(opening)

    await cache.put("a", b"1", ttl_s=60)
    value = await cache.get("a")
    await cache.close()

    assert (value, opening.opened) == (b"1", 1)
