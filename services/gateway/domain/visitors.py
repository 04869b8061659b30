"""Who is asking, as far as the gateway has found out, and what it remembers of them."""

from uuid import UUID

from services.chassis.identity.tokens import Role
from services.gateway.domain.limits import Purse

Field = tuple[bytes, bytes]


class Visitor:
    """A user's session, an API key, a calling service, or an anonymous visitor (`sub` and `caller` are None)."""

    __slots__ = ("body", "caller", "expires", "identities", "key_id", "purse", "roles", "scopes", "sid", "sub", "used")

    def __init__(
        self,
        *,
        sub: UUID | None = None,
        sid: UUID | None = None,
        roles: frozenset[Role] = frozenset(),
        scopes: frozenset[str] | None = None,
        caller: str | None = None,
        body: str | None = None,
        key_id: UUID | None = None,
        expires: float = float("inf"),
        purse: Purse | None = None,
    ) -> None:
        self.sub = sub
        self.sid = sid
        self.roles = roles
        self.scopes = scopes
        self.caller = caller
        self.body = body
        """The hash of the one body that a calling service may send with its token."""
        self.key_id = key_id
        """Set for API keys."""
        self.expires = expires
        """Unix seconds until which this may be believed."""
        self.purse = purse
        """What limits are drawn on; None: the address's."""
        self.identities: dict[str, tuple[float, Field]] = {}
        """By audience: an identity that may be used again, and until when."""
        self.used = 0
        """Requests since usage was last written down."""
