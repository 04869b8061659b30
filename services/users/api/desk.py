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

Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
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
