"""What a request is served with, and the values that many requests hold."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from msgspec import Meta

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.peers import Peers
from services.users.domain.profiles import Defaults

_ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Control characters are refused: PostgreSQL keeps no NUL."""
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=_ONE_LINE)]
About = Annotated[str, Meta(max_length=2000, pattern=_LINES)]
Reason = Annotated[str, Meta(min_length=1, max_length=500, pattern=_ONE_LINE, description="Told to the owner")]
Version = Annotated[int, Meta(ge=1, le=2_147_483_647, description="As it was read")]
Locale = Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$", description="BCP 47", examples=["en", "de-AT"])]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The means of every request."""

    database: Database
    peers: Peers
    defaults: Defaults
    clock: Clock


NamedDesk = NamedDependency[Desk]
NamedUser = NamedDependency[UUID]
