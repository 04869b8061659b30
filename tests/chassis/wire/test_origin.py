from collections.abc import Sequence

import pytest

from services.chassis.wire.origin import RESOLVE_AGAIN_S, Address, Addresses, Origin, read_origin

ITEMS = Origin(host="items", port=8000)


class Names:
    """A name server that a test changes."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts
        self.asked = 0

    async def __call__(self, origin: Origin) -> Sequence[Address]:
        self.asked += 1
        if not self.hosts:
            raise OSError("no answer")
        return [(host, origin.port) for host in self.hosts]


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_all_addresses_of_a_name_take_turns() -> None:
    addresses = Addresses(ITEMS, look_up=Names("10.0.0.1", "10.0.0.2"), now=Time())

    turns = [await addresses.next() for _ in range(4)]

    assert sorted(turns) == sorted([("10.0.0.1", 8000), ("10.0.0.2", 8000)] * 2)


async def test_a_rollout_is_followed() -> None:
    names, time = Names("10.0.0.1"), Time()
    addresses = Addresses(ITEMS, look_up=names, now=time)
    await addresses.next()

    names.hosts = ("10.0.0.9",)
    time.now += RESOLVE_AGAIN_S

    assert await addresses.next() == ("10.0.0.9", 8000)
    assert not addresses.current(("10.0.0.1", 8000))


async def test_a_name_is_not_asked_for_again_and_again() -> None:
    names = Names("10.0.0.1")
    addresses = Addresses(ITEMS, look_up=names, now=Time())

    for _ in range(10):
        await addresses.next()

    assert names.asked == 1


async def test_what_is_known_is_kept_when_the_resolver_fails() -> None:
    names, time = Names("10.0.0.1"), Time()
    addresses = Addresses(ITEMS, look_up=names, now=time)
    await addresses.next()

    names.hosts = ()
    time.now += RESOLVE_AGAIN_S

    assert await addresses.next() == ("10.0.0.1", 8000)


async def test_a_name_that_was_never_known_is_an_error() -> None:
    addresses = Addresses(ITEMS, look_up=Names(), now=Time())

    with pytest.raises(OSError, match="no answer"):
        await addresses.next()


def test_an_origin_is_read_from_its_url() -> None:
    assert read_origin("http://items:8000") == ITEMS
    assert read_origin("http://[::1]:81/").authority == b"[::1]:81"


@pytest.mark.parametrize("url", ["https://items", "items:8000", "http://items/path", "http://u@items", "http://i?q=1"])
def test_an_origin_is_nothing_but_host_and_port(url: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        read_origin(url)
