"""What requests are served with, and the values that many of them hold."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.items.api.finder import Finder
from services.items.domain.fields import SeenNumber
from services.items.domain.sellers import Seller, SellerSuspended, SellerUnknown, require_known
from services.items.store import sellers


@dataclass(frozen=True, kw_only=True)
class Counter:
    """The means of every request."""

    database: Database
    clock: Clock
    finder: Finder

    async def seller_of(self, user_id: UUID) -> Seller:
        """The shop of the user, suspended or not. Raises `SellerUnknown`."""
        async with self.database.reading() as connection:
            return require_known(await sellers.of_owner(connection, user_id))


NamedCounter = NamedDependency[Counter]
UserId = NamedDependency[UUID]

ItemId = Annotated[UUID, PathParameter(description="Id of an item")]
SkuInPath = Annotated[str, PathParameter(max_length=40, description="Stock keeping unit")]
CategoryInPath = Annotated[str, PathParameter(max_length=60, description="Slug of a category")]
ByCategory = Annotated[
    str | None,
    QueryParameter(name="category", max_length=60, pattern="^[a-z0-9-]+$", description="Slug; all inside it count"),
]

NOT_SELLING = (SellerUnknown, SellerSuspended)
"""Why the seller's desk is closed to a seller."""


class SeenVersion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the item that was seen, so that nobody overwrites what they have not read."""

    version: SeenNumber
