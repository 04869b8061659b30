import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from services.chassis.errors import Unavailable
from services.chassis.mail import CapturedMail, CapturedMailer, Mail
from tests.chassis.clocks import HandClock

pytestmark = pytest.mark.embedded


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "mail.db"


def _numbered(mail: Mail, number: int) -> Mail:
    return replace(mail, message_id=f"id-{number}", subject=f"Mail {number}")


async def test_captured_mail_is_listed_newest_first(path: Path, mail: Mail, clock: HandClock) -> None:
    mailer = CapturedMailer(path, clock=clock)
    sent_at = clock()
    for number in range(3):
        await mailer.send(_numbered(mail, number))
        clock.advance(60)

    latest = await mailer.latest(2)

    assert [one.subject for one in latest] == ["Mail 2", "Mail 1"]
    assert latest[1] == CapturedMail(
        message_id="id-1",
        to=mail.to,
        subject="Mail 1",
        body=mail.body,
        captured_at=sent_at + timedelta(minutes=1),
    )


async def test_without_any_mail_the_list_is_empty(path: Path, clock: HandClock) -> None:
    assert await CapturedMailer(path, clock=clock).latest() == []


async def test_mail_outlives_the_process(path: Path, mail: Mail, clock: HandClock) -> None:
    await CapturedMailer(path, clock=clock).send(mail)

    latest = await CapturedMailer(path, clock=clock).latest()

    assert [one.to for one in latest] == ["ann@example.com"]


async def test_a_mail_sent_twice_is_captured_once(path: Path, mail: Mail, clock: HandClock) -> None:
    mailer = CapturedMailer(path, clock=clock)

    await mailer.send(mail)
    await mailer.send(mail)

    assert len(await mailer.latest()) == 1


async def test_only_the_newest_are_kept(path: Path, mail: Mail, clock: HandClock) -> None:
    mailer = CapturedMailer(path, clock=clock, kept_most=5)

    for number in range(12):
        await mailer.send(_numbered(mail, number))

    assert [one.message_id for one in await mailer.latest(100)] == [f"id-{number}" for number in range(11, 6, -1)]


async def test_mails_at_once_are_all_captured(path: Path, mail: Mail, clock: HandClock) -> None:
    mailer = CapturedMailer(path, clock=clock)

    await asyncio.gather(*(mailer.send(_numbered(mail, number)) for number in range(20)))

    assert len(await mailer.latest(100)) == 20


async def test_odd_text_is_captured(path: Path, mail: Mail, clock: HandClock) -> None:
    mailer = CapturedMailer(path, clock=clock)

    await mailer.send(replace(mail, subject="🎉 \0 \ud800 '; drop table mail", body=""))

    (kept,) = await mailer.latest()
    assert kept.subject == "🎉 \0 ? '; drop table mail"


async def test_a_file_that_cannot_be_used_is_unavailable(tmp_path: Path, mail: Mail, clock: HandClock) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path / "file" / "mail.db", tmp_path):
        with pytest.raises(Unavailable):
            await CapturedMailer(path, clock=clock).send(mail)
