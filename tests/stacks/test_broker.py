"""What a stack tells RabbitMQ of its users, on a real one."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from aiormq import connect
from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ProbableAuthenticationError

from services.chassis.bus.rabbit.bus import RabbitBus
from services.contracts.listeners import LISTENERS
from services.launch.roles import declare_queues
from tests.chassis.bus.scene import Recorder, consuming, make_message
from tests.servers.rabbitmq import RabbitMQ
from tests.servers.run import Run
from tests.stacks.files import declared, secrets

pytestmark = pytest.mark.servers

KIND = LISTENERS["orders"][0].kind
"""That some service announces and orders hears."""


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    entries = declared("dev").one("Secret", "rabbitmq-config").at("stringData")
    assert isinstance(entries, dict)
    with Run() as run:
        server = RabbitMQ(run, definitions=entries["definitions.json"])
        server.start()
        yield server


def url_of(broker: RabbitMQ, service: str) -> str:
    """As the service reads it in its pod, but for the host."""
    entries = declared("dev").one("Secret", f"{service}-secrets").at("stringData")
    assert isinstance(entries, dict)
    url = urlsplit(entries["bus_url"])
    return url._replace(netloc=f"{url.username}:{url.password}@127.0.0.1:{broker.port}").geturl()


@pytest.mark.parametrize("service", ["gateway", "auth", "users", "items", "orders", "sandbox"])
async def test_a_service_makes_its_queues_and_hears_what_another_announces(broker: RabbitMQ, service: str) -> None:
    bus, heard, message = RabbitBus(url_of(broker, service)), Recorder(), make_message(KIND)
    await declare_queues(bus)

    async with consuming(bus, "orders", heard):
        taken = await bus.publish([message])
        await heard.reach(1)

    assert taken == {message.event_id}
    assert message.event_id in heard.ids
    await bus.close()


async def test_a_service_can_neither_make_nor_read_what_is_not_shared(broker: RabbitMQ) -> None:
    administrator = await connect(f"amqp://souk:{secrets().rabbitmq}@127.0.0.1:{broker.port}/%2F")
    mine = await (await administrator.channel()).queue_declare("payroll")
    intruder = await connect(url_of(broker, "orders"))

    for attempt in (_declare_another, _read_payroll):
        with pytest.raises(ChannelAccessRefused):
            await attempt(await intruder.channel())

    assert mine.queue == "payroll"
    await intruder.close()
    await administrator.close()


async def test_no_user_of_the_images_own_is_left(broker: RabbitMQ) -> None:
    with pytest.raises(ProbableAuthenticationError):
        await connect(f"amqp://guest:guest@127.0.0.1:{broker.port}/%2F")


async def _declare_another(channel: AbstractChannel) -> None:
    await channel.queue_declare("salaries")


async def _read_payroll(channel: AbstractChannel) -> None:
    await channel.basic_get("payroll")
