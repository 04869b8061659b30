"""The captured mails of a Souk that sends none: served only where mail is captured."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from services.chassis.http.access import for_anyone
from services.chassis.http.pages import Page
from services.chassis.mail import CapturedMail, CapturedMailer


class CapturedMailView(Struct, frozen=True, kw_only=True):
    """A mail as it would have been sent."""

    to: str
    subject: str
    body: str
    captured_at: datetime


def _view(mail: CapturedMail) -> CapturedMailView:
    return CapturedMailView(to=mail.to, subject=mail.subject, body=mail.body, captured_at=mail.captured_at)


@get("/api/v1/auth/captured-mails", opt=for_anyone())
async def list_mails(captured: NamedDependency[CapturedMailer]) -> Page[CapturedMailView]:
    """The latest mails, newest first. There is no such list where mail is really sent."""
    mails = await captured.latest()
    return Page(items=[_view(mail) for mail in mails])


CAPTURED = (list_mails,)
