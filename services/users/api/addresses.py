"""One's own addresses."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from services.chassis.http.access import for_users
from services.chassis.http.pages import Page
from services.contracts.users import Address
from services.users.actions import addresses
from services.users.api.desk import NamedDesk, NamedUser
from services.users.domain.profiles import AccountGone, AddressMissing, SavedAddress, TooManyAddresses
from services.users.store import addresses as store


class AddressView(Struct, frozen=True, kw_only=True):
    """An address in the book."""

    id: UUID
    address: Address
    is_default: bool


class AddAddress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new address; the first one is the default in any case."""

    address: Address
    is_default: bool = False


class ChangeAddress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole address as it is to be."""

    address: Address


def _view(saved: SavedAddress) -> AddressView:
    return AddressView(id=saved.id, address=saved.address, is_default=saved.is_default)


@get("/api/v1/users/me/addresses", opt=for_users("account:read"))
async def list_addresses(desk: NamedDesk, user_id: NamedUser) -> Page[AddressView]:
    """The whole book on one page, the default first."""
    return Page(items=[_view(saved) for saved in await store.owned(desk.database, user_id)])


@get("/api/v1/users/me/addresses/{address_id:uuid}", opt=for_users("account:read", refuses=(AddressMissing,)))
async def get_address(address_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> AddressView:
    """One address."""
    return _view(await store.get(desk.database, user_id, address_id))


@post("/api/v1/users/me/addresses", opt=for_users("account:write", refuses=(TooManyAddresses, AccountGone)))
async def add(data: JSONBody[AddAddress], desk: NamedDesk, user_id: NamedUser) -> AddressView:
    """Keep an address. There is room for 50."""
    async with desk.database.unit() as unit:
        saved = await addresses.add(unit, user_id, data.address, desk.defaults, is_default=data.is_default)
    return _view(saved)


@put(
    "/api/v1/users/me/addresses/{address_id:uuid}",
    opt=for_users("account:write", refuses=(AddressMissing, AccountGone)),
)
async def change(
    address_id: FromPath[UUID], data: JSONBody[ChangeAddress], desk: NamedDesk, user_id: NamedUser
) -> AddressView:
    """Replace an address. Orders that were placed with it keep what they were placed with."""
    async with desk.database.unit() as unit:
        saved = await addresses.change(unit, user_id, address_id, data.address, desk.defaults)
    return _view(saved)


@put(
    "/api/v1/users/me/addresses/{address_id:uuid}/default",
    opt=for_users("account:write", refuses=(AddressMissing, AccountGone)),
)
async def choose(address_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> AddressView:
    """Make this the address that is offered first."""
    async with desk.database.unit() as unit:
        saved = await addresses.choose(unit, user_id, address_id, desk.defaults)
    return _view(saved)


@delete(
    "/api/v1/users/me/addresses/{address_id:uuid}",
    opt=for_users("account:write", refuses=(AddressMissing, AccountGone)),
)
async def remove(address_id: FromPath[UUID], desk: NamedDesk, user_id: NamedUser) -> None:
    """Forget an address; if it was the default, the newest of the others is."""
    async with desk.database.unit() as unit:
        await addresses.remove(unit, user_id, address_id, desk.defaults)


ADDRESSES = (list_addresses, get_address, add, change, choose, remove)
