"""Sellers: how one becomes one, and ceases to be.

applied ──approve──▶ approved ──suspend──▶ suspended
   │  ▲                  ▲                    │
reject  apply again      └─────reinstate──────┘
   ▼  │
rejected                 any ──close──▶ closed
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.errors import Conflict, Invalid, Missing

SLUG_MOST = 60
RESERVED_SLUGS = frozenset(
    {"admin", "api", "help", "me", "new", "profile", "seller", "sellers", "souk", "staff", "support"}
)


class State(StrEnum):
    """Where a seller stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Move(StrEnum):
    """What can be done to a seller."""

    APPLY = "apply"
    APPROVE = "approve"
    REJECT = "reject"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    CLOSE = "close"


_MOVES: Mapping[Move, tuple[frozenset[State], State]] = {
    Move.APPLY: (frozenset({State.REJECTED}), State.APPLIED),
    Move.APPROVE: (frozenset({State.APPLIED}), State.APPROVED),
    Move.REJECT: (frozenset({State.APPLIED}), State.REJECTED),
    Move.SUSPEND: (frozenset({State.APPROVED}), State.SUSPENDED),
    Move.REINSTATE: (frozenset({State.SUSPENDED}), State.APPROVED),
    Move.CLOSE: (frozenset(State) - {State.CLOSED}, State.CLOSED),
}


class SellerMissing(Missing):
    """There is no such seller, or none that the public may see."""

    code = "seller_missing"
    title = "No such seller"

    def __init__(self) -> None:
        super().__init__("there is no such seller")


class SellerStateWrong(Conflict):
    """Its state does not allow this. Facts `state` and `move`."""

    code = "seller_state_wrong"
    title = "The seller's state does not allow this"

    def __init__(self, *, state: State, move: Move) -> None:
        super().__init__(f"a seller who is {state} cannot {move}", state=state.value, move=move.value)


class AlreadySeller(Conflict):
    """One account, one seller."""

    code = "already_seller"
    title = "Already a seller"

    def __init__(self) -> None:
        super().__init__("this account has applied already, or sells")


class SlugTaken(Conflict):
    """Another seller has this address."""

    code = "slug_taken"
    title = "Address taken"

    def __init__(self, *, slug: str) -> None:
        super().__init__(f"another seller is at {slug}", slug=slug)


class SlugInvalid(Invalid):
    """It cannot be part of a web address, or it is reserved."""

    code = "slug_invalid"
    title = "Not a usable address"

    def __init__(self, *, slug: str) -> None:
        super().__init__("choose another name or slug: at least three letters or digits, none of ours", slug=slug)


class Seller(Struct, frozen=True, kw_only=True):
    """A shop of one owner."""

    id: UUID
    owner_id: UUID
    slug: str
    name: str
    about: str
    country: str
    state: State
    applied_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None
    """Of the last rejection or suspension, for its owner and staff."""
    version: int = 1

    @property
    def sells(self) -> bool:
        """Whether the public sees it."""
        return self.state is State.APPROVED


class Application(Struct, frozen=True, kw_only=True):
    """What someone who wants to sell says."""

    name: str
    slug: str
    about: str
    country: str


def move(seller: Seller, wanted: Move, *, reason: str | None, now: datetime) -> Seller:
    """The seller after the move. Raises `SellerStateWrong`."""
    allowed, state = _MOVES[wanted]
    if seller.state not in allowed:
        raise SellerStateWrong(state=seller.state, move=wanted)
    return msgspec.structs.replace(seller, state=state, reason=reason, decided_at=now, version=seller.version + 1)


def apply_again(seller: Seller, wanted: Application, *, now: datetime) -> Seller:
    """After a rejection, with what is said now. Raises `AlreadySeller`."""
    if seller.state is not State.REJECTED:
        raise AlreadySeller
    moved = move(seller, Move.APPLY, reason=None, now=now)
    return msgspec.structs.replace(
        moved,
        name=wanted.name,
        slug=wanted.slug,
        about=wanted.about,
        country=wanted.country,
        applied_at=now,
        decided_at=None,
    )


def close(seller: Seller, *, now: datetime) -> Seller:
    """The owner has gone: what could name them goes too, and the id stays for those who bought here."""
    closed = move(seller, Move.CLOSE, reason=None, now=now)
    return msgspec.structs.replace(closed, name="", slug=f"closed-{seller.id.hex}", about="", country="")


def to_slug(name: str) -> str:
    """A name as part of a web address. Raises `SlugInvalid`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_MOST].strip("-")
    if len(slug) < 3 or slug in RESERVED_SLUGS or _is_id(slug) or slug.startswith("closed-"):  # noqa: PLR2004
        raise SlugInvalid(slug=slug)
    return slug


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
