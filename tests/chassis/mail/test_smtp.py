import time

import pytest
from msgspec.structs import replace

from services.chassis.errors import Unavailable
from services.chassis.mail import Mail, SmtpMailer, SmtpServer
from tests.chassis.clocks import HandClock
from tests.chassis.link import linked
from tests.chassis.mail.peer import HOST, Trust, listening

pytestmark = pytest.mark.embedded

SENDER = "Souk <no-reply@souk.example>"


def _mailer(port: int, clock: HandClock, trust: Trust | None = None, **server: str | float) -> SmtpMailer:
    plain = SmtpServer(host=HOST, port=port, timeout_s=5)
    tls = None if trust is None else trust.client
    return SmtpMailer(replace(plain, **server), sender=SENDER, clock=clock, tls=tls)


async def test_a_mail_arrives_as_it_was_written(mail: Mail, clock: HandClock) -> None:
    async with listening() as peer:
        await _mailer(peer.port, clock).send(mail)

    (message,) = peer.messages()
    assert message["From"] == SENDER
    assert message["To"] == "ann@example.com"
    assert message["Subject"] == "Verify"
    assert message["Message-ID"] == "<01-abc@souk.example>"
    assert message["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == mail.body
    assert peer.envelopes[0].mail_from == "no-reply@souk.example"
    assert peer.envelopes[0].rcpt_tos == ["ann@example.com"]


async def test_letters_of_all_languages_arrive(mail: Mail, clock: HandClock) -> None:
    text = "Grüße, 東京 🎉\n.\n" + "long " * 500 + "\n"
    async with listening() as peer:
        await _mailer(peer.port, clock).send(replace(mail, subject="Grüße 🎉", body=text))

    (message,) = peer.messages()
    assert message["Subject"] == "Grüße 🎉"
    assert message.get_content().replace("\r\n", "\n") == text


async def test_text_of_a_mail_adds_no_header_and_no_recipient(mail: Mail, clock: HandClock) -> None:
    sly = "x\r\nBcc: eve@example.com\r\n\r\nbody"
    async with listening() as peer:
        await _mailer(peer.port, clock).send(replace(mail, subject=sly, message_id=sly))

    (message,) = peer.messages()
    assert message["Bcc"] is None
    assert message["Subject"] == "x Bcc: eve@example.com body"
    assert peer.envelopes[0].rcpt_tos == ["ann@example.com"]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "no-address",
        "a@b\r\nRCPT TO:<eve@example.com>",
        "<<>>",
        '"',
        "a@b, eve@c",
        "\0",
        "\ud800",
        "@",
        "a@[",
        "(",
        "a..b@c",
        "a@b.",
        "ä@b",
    ],
)
async def test_an_address_that_is_none_is_sent_to_nobody(mail: Mail, clock: HandClock, to: str) -> None:
    async with listening() as peer:
        with pytest.raises(Unavailable):
            await _mailer(peer.port, clock).send(replace(mail, to=to))

    assert peer.envelopes == []


async def test_the_line_is_encrypted_where_the_server_offers_it(mail: Mail, clock: HandClock, trust: Trust) -> None:
    async with listening(starttls=trust.server) as peer:
        await _mailer(peer.port, clock, trust).send(mail)

    assert peer.encrypted == [True]


async def test_a_server_that_speaks_tls_alone_is_understood(mail: Mail, clock: HandClock, trust: Trust) -> None:
    async with listening(tls=trust.server) as peer:
        await _mailer(peer.port, clock, trust, encrypted=True).send(mail)

    assert len(peer.envelopes) == 1


async def test_a_password_opens_the_door(mail: Mail, clock: HandClock, trust: Trust) -> None:
    async with listening(starttls=trust.server, login=True) as peer:
        await _mailer(peer.port, clock, trust, user="souk", password="s3cret/:@").send(mail)
        with pytest.raises(Unavailable):
            await _mailer(peer.port, clock, trust, user="souk", password="wrong").send(mail)
        with pytest.raises(Unavailable):
            await _mailer(peer.port, clock, trust).send(mail)

    assert len(peer.envelopes) == 1


async def test_a_password_never_goes_over_an_open_line(mail: Mail, clock: HandClock) -> None:
    async with listening() as peer:
        with pytest.raises(Unavailable):
            await _mailer(peer.port, clock, user="souk", password="s3cret/:@").send(mail)

    assert peer.envelopes == []


async def test_a_certificate_nobody_vouches_for_is_not_trusted(mail: Mail, clock: HandClock, trust: Trust) -> None:
    async with listening(tls=trust.server) as peer:
        with pytest.raises(Unavailable):
            await _mailer(peer.port, clock, encrypted=True).send(mail)

    assert peer.envelopes == []


@pytest.mark.parametrize("answer", ["451 try later", "552 full", "554 no thanks"])
async def test_a_mail_that_is_refused_is_not_taken(mail: Mail, clock: HandClock, answer: str) -> None:
    async with listening() as peer:
        peer.answer = answer

        with pytest.raises(Unavailable) as refused:
            await _mailer(peer.port, clock).send(mail)

    assert answer[4:] in refused.value.detail


async def test_a_server_that_is_away_is_unavailable_and_then_found_again(mail: Mail, clock: HandClock) -> None:
    async with listening() as peer, linked(f"smtp://{HOST}:{peer.port}") as link:
        mailer = _mailer(link.port, clock)
        await link.cut()
        with pytest.raises(Unavailable):
            await mailer.send(mail)
        await link.restore()

        await mailer.send(mail)

    assert len(peer.envelopes) == 1


async def test_a_server_that_says_nothing_is_given_up_in_time(mail: Mail, clock: HandClock) -> None:
    async with listening() as peer, linked(f"smtp://{HOST}:{peer.port}") as link:
        link.silent = True

        began = time.perf_counter()
        with pytest.raises(Unavailable):
            await _mailer(link.port, clock, timeout_s=0.2).send(mail)

    assert time.perf_counter() - began < 2
