"""Profiles and addresses."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.errors import Conflict, Missing
from services.contracts.users import Address

ADDRESSES_MOST = 50


class StaleVersion(Conflict):
    """It was changed since it was read. Fact `version` is the present one."""

    code = "stale_version"
    title = "Changed meanwhile"

    def __init__(self, *, version: int) -> None:
        super().__init__("it was changed since you read it; read it again", version=version)


class AddressMissing(Missing):
    """The user has no such address."""

    code = "address_missing"
    title = "No such address"

    def __init__(self) -> None:
        super().__init__("there is no such address")


class TooManyAddresses(Conflict):
    """Old ones have to go first."""

    code = "too_many_addresses"
    title = "Too many addresses"

    def __init__(self) -> None:
        super().__init__(f"an account keeps at most {ADDRESSES_MOST} addresses; remove one first", most=ADDRESSES_MOST)


class AccountGone(Missing):
    """The account was erased; its last access token does not bring anything back."""

    code = "account_gone"
    title = "The account was erased"

    def __init__(self) -> None:
        super().__init__("the account was erased")


class Defaults(Struct, frozen=True, kw_only=True):
    """What a profile says before its owner has chosen."""

    locale: str
    currency: str


class Profile(Struct, frozen=True, kw_only=True):
    """How a person wants to be called and served. At version 1 the owner has changed nothing yet."""

    user_id: UUID
    display_name: str
    locale: str
    currency: str
    version: int = 1
    registered_version: int = 0
    """Of the registration that the name comes from."""


class SavedAddress(Struct, frozen=True, kw_only=True):
    """An address in someone's book."""

    id: UUID
    user_id: UUID
    address: Address
    is_default: bool
    created_at: datetime


def blank(user_id: UUID, defaults: Defaults) -> Profile:
    """The profile of someone of whom nothing is known yet."""
    return Profile(user_id=user_id, display_name="", locale=defaults.locale, currency=defaults.currency)


def name_by_registration(profile: Profile, display_name: str, *, version: int) -> Profile:
    """The name given at registration, unless a later one is known or the owner has chosen another since."""
    if version <= profile.registered_version or profile.version > 1:
        return profile
    return msgspec.structs.replace(profile, display_name=display_name, registered_version=version)


def check_version(known: int, present: int) -> None:
    """Raises `StaleVersion`."""
    if known != present:
        raise StaleVersion(version=present)


def check_room(kept: int) -> None:
    """Whether one more address fits. Raises `TooManyAddresses`."""
    if kept >= ADDRESSES_MOST:
        raise TooManyAddresses
