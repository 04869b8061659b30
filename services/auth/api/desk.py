"""What a request is served with, where it comes from, and the values that many requests hold."""

from dataclasses import dataclass
from typing import Annotated

from litestar.di import NamedDependency
from msgspec import Meta

from services.auth.actions.throttle import Throttle
from services.auth.clients.vault import Vault
from services.auth.domain.sessions import AGENT_MOST, Client
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.http.access import AnyRequest

EmailText = Annotated[str, Meta(min_length=3, max_length=254, examples=["ana@example.org"])]
PasswordText = Annotated[str, Meta(min_length=1, max_length=256)]
NewPasswordText = Annotated[
    str, Meta(min_length=10, max_length=256, description="Not the mail address, and none of the most common ones")
]
OpaqueToken = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{43}$")]
CodeText = Annotated[str, Meta(min_length=6, max_length=24, description="From the authenticator, or a recovery code")]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
"""Something to be seen, and no control characters: PostgreSQL keeps no NUL."""
DisplayName = Annotated[str, Meta(min_length=1, max_length=80, pattern=_PRINTABLE)]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=_PRINTABLE)]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The means of every request."""

    database: Database
    vault: Vault
    throttle: Throttle
    clock: Clock


NamedDesk = NamedDependency[Desk]
NamedClient = NamedDependency[Client]


def provide_client(request: AnyRequest) -> Client:
    """Dependency `client`. The gateway alone writes `X-Forwarded-For`: what visitors send is dropped."""
    address = request.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    agent = "".join(filter(str.isprintable, request.headers.get("user-agent", "")))
    return Client(address=address[:64] or "unknown", agent=agent[:AGENT_MOST])
