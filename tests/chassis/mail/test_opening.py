from pathlib import Path

import pytest

from services.chassis.mail import CapturedMailer, SmtpMailer, open_mailer
from services.chassis.mail.opening import read_server
from services.chassis.mail.smtp import SmtpServer

SENDER = "no-reply@souk.example"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", SmtpServer(host="mail", port=587)),
        ("smtp://mail:25", SmtpServer(host="mail", port=25)),
        ("smtps://mail", SmtpServer(host="mail", port=465, encrypted=True)),
        ("smtp://souk:s3cret%2F%3A%40@mail", SmtpServer(host="mail", port=587, user="souk", password="s3cret/:@")),
    ],
)
def test_an_address_says_who_takes_the_mail(url: str, server: SmtpServer) -> None:
    assert read_server(url) == server
    assert isinstance(open_mailer(url, sender=SENDER), SmtpMailer)


@pytest.mark.embedded
async def test_a_file_captures(tmp_path: Path) -> None:
    mailer = open_mailer(f"sqlite:///{tmp_path}/mail.db", sender=SENDER)

    assert isinstance(mailer, CapturedMailer)
    assert await mailer.latest() == []
    assert (tmp_path / "mail.db").exists()


@pytest.mark.parametrize("url", ["", "mail", "http://mail", "smtp://", "sqlite://", "sqlite:///", "smtp://mail:99999"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"mail address|Port"):
        open_mailer(url, sender=SENDER)
