"""One's own profile, and all that Souk keeps of one."""

from uuid import UUID

from litestar import get, patch
from litestar.params import JSONBody
from msgspec import Struct

from services.chassis.http.access import for_users
from services.contracts.money import Currency
from services.users.actions import exporting, profiles
from services.users.actions.exporting import Export
from services.users.actions.profiles import ProfileChange
from services.users.api.desk import Locale, Name, NamedDesk, NamedUser, Version
from services.users.domain.profiles import AccountGone, Profile, StaleVersion


class ProfileView(Struct, frozen=True, kw_only=True):
    """How one is called and served."""

    user_id: UUID
    display_name: str
    locale: str
    currency: str
    version: int


class ChangeProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    version: Version
    display_name: Name | None = None
    locale: Locale | None = None
    currency: Currency | None = None


def _view(profile: Profile) -> ProfileView:
    return ProfileView(
        user_id=profile.user_id,
        display_name=profile.display_name,
        locale=profile.locale,
        currency=profile.currency,
        version=profile.version,
    )


@get("/api/v1/users/me", opt=for_users("account:read"))
async def show(desk: NamedDesk, user_id: NamedUser) -> ProfileView:
    """One's own profile."""
    return _view(await profiles.show(desk.database, user_id, desk.defaults))


@patch("/api/v1/users/me", opt=for_users("account:write", refuses=(StaleVersion, AccountGone)))
async def change(data: JSONBody[ChangeProfile], desk: NamedDesk, user_id: NamedUser) -> ProfileView:
    """Change one's own profile."""
    wanted = ProfileChange(
        display_name=None if data.display_name is None else data.display_name.strip(),
        locale=data.locale,
        currency=data.currency,
        version=data.version,
    )
    async with desk.database.unit() as unit:
        changed = await profiles.change(unit, user_id, wanted, desk.defaults)
    return _view(changed)


@get("/api/v1/users/me/export", opt=for_users())
async def export(desk: NamedDesk, user_id: NamedUser) -> Export:
    """All that Souk keeps of one, from every service. What did not answer in time is named in `missing`."""
    return await exporting.export(desk.database, desk.peers, user_id, desk.defaults, clock=desk.clock)


PROFILES = (show, change, export)
