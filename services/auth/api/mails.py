"""The captured mails of a Souk that sends none: served only where mail is captured."""

from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from services.chassis.http.access import for_anyone
from services.chassis.http.pages import Page
from services.chassis.mail import CapturedMailer


class CapturedMail(Struct, frozen=True, kw_only=True):
    """A mail as it would have been sent."""

    to: str
    subject: str
    body: str


@get("/api/v1/auth/captured-mails", opt=for_anyone())
async def list_mails(captured: NamedDependency[CapturedMailer]) -> Page[CapturedMail]:
    """The latest mails, newest first. There is no such list where mail is really sent."""
    mails = await captured.latest()
    return Page(items=[CapturedMail(to=mail.to, subject=mail.subject, body=mail.body) for mail in mails])


CAPTURED = (list_mails,)
