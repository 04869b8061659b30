"""Whose address counts when proxies stand in front."""

from ipaddress import ip_network

import pytest

from services.gateway.domain.limits import Rule
from services.gateway.proxy.listening import Bounds, Listening
from tests.gateway.running import RunningGateway

pytestmark = pytest.mark.embedded

RULE = Rule(name="any", burst=1, per_s=60)


def listening(gateway: RunningGateway, *networks: str) -> Listening:
    return Listening(gateway.gate, Bounds(), trusted=[ip_network(network) for network in networks])


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ([b"203.0.113.7"], "203.0.113.7"),
        ([b"6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        ([b"6.6.6.6", b"203.0.113.7"], "203.0.113.7"),
        ([b"203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        ([b"2001:db8::7"], "2001:db8::7"),
        ([b"nonsense"], "10.0.0.1"),
        ([b"203.0.113.7, nonsense"], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
)
async def test_a_trusted_proxy_names_the_client(gateway: RunningGateway, forwarded: list[bytes], client: str) -> None:
    shared = listening(gateway, "10.0.0.0/8")

    peer = shared.behind(shared.peer("10.0.0.1"), [(b"x-forwarded-for", value) for value in forwarded])

    assert (peer.address, peer.field) == (client, (b"x-forwarded-for", client.encode()))


async def test_anyone_else_names_nobody(gateway: RunningGateway) -> None:
    shared = listening(gateway, "10.0.0.0/8")

    peer = shared.behind(shared.peer("192.0.2.1"), [(b"x-forwarded-for", b"203.0.113.7")])

    assert peer.address == "192.0.2.1"


async def test_addresses_of_one_household_share_a_purse(gateway: RunningGateway) -> None:
    shared = listening(gateway)

    same = {id(shared.peer(address).purse) for address in ("2001:db8::1", "2001:db8::ffff:1")}
    other = {id(shared.peer(address).purse) for address in ("2001:db8:0:1::1", "192.0.2.1", "192.0.2.2")}

    assert (len(same), len(other), same & other) == (1, 3, set())
