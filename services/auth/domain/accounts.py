"""Accounts: what one is, which roles it has, and whether its owner may come in."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Conflict, Denied, Missing, Unproven
from services.contracts.auth import Role


class CredentialsRefused(Unproven):
    """Wrong mail address or wrong password; which of the two is not told."""

    code = "credentials_refused"
    title = "Wrong mail address or password"

    def __init__(self) -> None:
        super().__init__("the mail address or the password is wrong")


class PasswordRefused(Denied):
    """Who is logged in has to show the password once more, and it was wrong."""

    code = "password_refused"
    title = "Wrong password"

    def __init__(self) -> None:
        super().__init__("the password is wrong")


class EmailUnverified(Denied):
    """The password is right, but nobody has shown that the mail address is theirs."""

    code = "email_unverified"
    title = "Mail address not verified"

    def __init__(self) -> None:
        super().__init__("open the link in the mail that was sent to this address first")


class AccountSuspended(Denied):
    """Staff has closed the account for now."""

    code = "account_suspended"
    title = "Account suspended"

    def __init__(self) -> None:
        super().__init__("this account is suspended; ask support")


class UserMissing(Missing):
    """There is no such user, or not any more."""

    code = "user_missing"
    title = "No such user"

    def __init__(self) -> None:
        super().__init__("there is no such user")


class EmailTaken(Conflict):
    """Told to staff only: whoever registers learns it by mail."""

    code = "email_taken"
    title = "Mail address taken"

    def __init__(self) -> None:
        super().__init__("there is an account with this mail address")


class StaleVersion(Conflict):
    """It was changed since it was read. Fact `version` is the present one."""

    code = "stale_version"
    title = "Changed meanwhile"

    def __init__(self, *, version: int) -> None:
        super().__init__("it was changed since you read it; read it again", version=version)


class OwnAccount(Denied):
    """Staff cannot lock themselves out."""

    code = "own_account"
    title = "Not on your own account"

    def __init__(self) -> None:
        super().__init__("ask another member of staff to do this to your account")


class User(Struct, frozen=True, kw_only=True):
    """One account. Everyone is a buyer."""

    id: UUID
    email: str
    email_key: str
    password_hash: str
    created_at: datetime
    version: int = 1
    is_seller: bool = False
    is_staff: bool = False
    verified_at: datetime | None = None
    suspended_at: datetime | None = None
    suspended_reason: str | None = None
    totp_sealed: bytes | None = None
    """The shared secret, sealed."""
    totp_confirmed_at: datetime | None = None
    """None while enrolment is not finished: log-in does not ask for codes yet."""
    totp_step: int = 0
    """The time step of the last code that was accepted."""

    @property
    def roles(self) -> frozenset[Role]:
        """What the account may act as."""
        roles: set[Role] = {"buyer"}
        if self.is_seller:
            roles.add("seller")
        if self.is_staff:
            roles.add("staff")
        return frozenset(roles)

    @property
    def uses_totp(self) -> bool:
        """Whether log-in asks for a code."""
        return self.totp_confirmed_at is not None


def admit(user: User) -> None:
    """Whether someone with the right password may come in. Raises `EmailUnverified`, `AccountSuspended`."""
    if user.suspended_at is not None:
        raise AccountSuspended
    if user.verified_at is None:
        raise EmailUnverified
