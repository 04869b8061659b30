import os
from datetime import timedelta

import pytest

from services.auth.actions.registration import owe
from services.auth.clients.hashing import Hasher
from services.auth.clients.vault import open_vault
from services.auth.domain.emails import normalise
from services.auth.domain.letters import Kind
from services.auth.store import letters
from services.auth.timers import Post
from services.chassis.errors import Unavailable
from services.chassis.mail import Mail
from tests.auth.conftest import STAFF_EMAIL
from tests.stage import Stage

pytestmark = pytest.mark.embedded


class Courier:
    """Takes mail unless it is away."""

    def __init__(self) -> None:
        self.away = False
        self.taken: list[Mail] = []
        self.tried = 0

    async def send(self, mail: Mail) -> None:
        self.tried += 1
        if self.away:
            raise Unavailable("the mail server does not answer")
        self.taken.append(mail)


@pytest.fixture
def courier() -> Courier:
    return Courier()


@pytest.fixture
def post(stage: Stage, courier: Courier) -> Post:
    vault = open_vault("x" * 32, stage.platform.keys, hasher=Hasher(), chance=os.urandom)
    return Post(stage.database, vault, courier, site_url="https://souk.example/", clock=stage.clock)


async def _owe(stage: Stage, kind: Kind = Kind.RESET, email: str = STAFF_EMAIL) -> None:
    async with stage.database.unit() as unit:
        await owe(unit, kind, normalise(email))


async def test_a_mail_is_sent_once(stage: Stage, post: Post, courier: Courier) -> None:
    await _owe(stage)

    await post.deliver()
    await post.deliver()

    assert [mail.to for mail in courier.taken] == [STAFF_EMAIL]
    assert "https://souk.example/reset?token=" in courier.taken[0].body


async def test_a_mail_server_that_is_away_gets_the_same_mail_later(stage: Stage, post: Post, courier: Courier) -> None:
    await _owe(stage)
    courier.away = True
    await post.deliver()
    await post.deliver()
    courier.away = False

    stage.clock.move(seconds=6)
    await post.deliver()

    assert courier.tried == 2
    assert len(courier.taken) == 1


async def test_a_mail_nobody_takes_is_given_up_after_days(stage: Stage, post: Post, courier: Courier) -> None:
    await _owe(stage)
    courier.away = True

    for _ in range(20):
        await post.deliver()
        stage.clock.now += timedelta(days=2)

    assert courier.tried == 8


async def test_a_letter_whose_writer_died_is_written_by_another(stage: Stage, post: Post, courier: Courier) -> None:
    await _owe(stage)
    async with stage.database.unit() as unit:
        await letters.claim(unit)

    await post.deliver()
    early = len(courier.taken)
    stage.clock.move(seconds=61)
    await post.deliver()

    assert (early, len(courier.taken)) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "email"), [(Kind.VERIFY, STAFF_EMAIL), (Kind.VERIFY, "x@example.org"), (Kind.RESET, "x@example.org")]
)
async def test_nobody_gets_a_mail_that_is_not_for_them(
    stage: Stage, post: Post, courier: Courier, kind: Kind, email: str
) -> None:
    await _owe(stage, kind, email)

    await post.deliver()

    assert courier.taken == []
