"""What users announces, what orders asks of it, and what it asks of whoever keeps personal data."""

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta, Struct

from services.contracts.message import Event

CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2", examples=["DE"])]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, Meta(min_length=1, max_length=120, pattern=_PRINTABLE)]


class Address(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something is to be sent."""

    recipient: Line
    street: Line
    city: Line
    postal_code: Annotated[str, Meta(min_length=2, max_length=16, pattern=_PRINTABLE)]
    country: CountryCode
    region: Annotated[str, Meta(max_length=80, pattern=_PRINTABLE)] = ""
    street_2: Annotated[str, Meta(max_length=120, pattern=_PRINTABLE)] = ""


class SellerApproved(Event, frozen=True, kw_only=True):
    """A seller may sell; also told again when name or slug change."""

    kind: ClassVar[str] = "users.seller.approved"
    seller_id: UUID
    owner_id: UUID
    name: str
    slug: str


class SellerSuspended(Event, frozen=True, kw_only=True):
    """A seller may not sell; their items vanish until they are approved again."""

    kind: ClassVar[str] = "users.seller.suspended"
    seller_id: UUID
    owner_id: UUID
    reason: str


class KnownAddress(Struct, frozen=True, kw_only=True):
    """`GET /internal/v1/users/{user_id}/addresses/{address_id}`, by orders. Refused with `address_missing`."""

    address_id: UUID
    address: Address


Anything = Annotated[object, Meta(extra_json_schema={"description": "Any JSON"})]


class PersonalData(Struct, frozen=True, kw_only=True):
    """`GET /internal/v1/personal-data/{service}/{person_id}`, by users, for the export of one's data.

    Each service of `PERSONAL_DATA_HOLDERS` answers for itself. `held` is for the person to read, by subject; its form
    is the service's own.
    """

    service: str
    held: dict[str, Anything]


PERSONAL_DATA_HOLDERS: tuple[str, ...] = ("auth", "orders")
"""Who is asked, besides users itself. A service that begins to keep personal data adds its name, route and edge."""
