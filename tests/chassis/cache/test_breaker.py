from services.chassis.cache.breaker import Breaker
from tests.chassis.cache.loads import until


class Server:
    def __init__(self) -> None:
        self.up = False
        self.probes = 0

    async def answers(self) -> bool:
        self.probes += 1
        return self.up


async def test_it_opens_only_after_failures_in_a_row() -> None:
    breaker = Breaker(Server().answers, failures_to_open=3, pause_s=60)

    for _ in range(5):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    before = breaker.is_open
    for _ in range(3):
        breaker.failed()

    assert not before
    assert breaker.is_open
    await breaker.close()


async def test_it_stays_open_until_a_probe_is_answered() -> None:
    server = Server()
    breaker = Breaker(server.answers, pause_s=0.001)
    breaker.trip()

    await until(lambda: server.probes >= 3)
    still_open = breaker.is_open
    server.up = True
    await until(lambda: not breaker.is_open)

    assert still_open


async def test_it_probes_one_at_a_time_however_many_fail() -> None:
    server = Server()
    breaker = Breaker(server.answers, failures_to_open=1, pause_s=0.5)

    for _ in range(100):
        breaker.failed()
    await until(lambda: server.probes > 0)

    assert server.probes == 1
    await breaker.close()
