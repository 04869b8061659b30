"""All that Souk keeps of a person, collected while they wait: each service is asked for its own part."""

import asyncio
from uuid import UUID

from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.peers import PeerRefused, Peers, PeerSilent
from services.contracts.users import PERSONAL_DATA_HOLDERS, PersonalData
from services.users.actions.profiles import show
from services.users.domain.profiles import Defaults
from services.users.domain.sellers import SellerMissing
from services.users.store import addresses, sellers, wishes

FOLLOWS_MOST = 10_000


class Export(Struct, frozen=True, kw_only=True):
    """`parts` by service. A service that did not answer is in `missing`: ask again later."""

    user_id: UUID
    made_at: str
    parts: dict[str, dict[str, object]]
    missing: list[str]


async def export(database: Database, peers: Peers, user_id: UUID, defaults: Defaults, *, clock: Clock) -> Export:
    """The services are asked side by side."""
    asked = await asyncio.gather(*(_ask(peers, holder, user_id) for holder in PERSONAL_DATA_HOLDERS))
    parts = {"users": await _own(database, user_id, defaults)}
    parts |= {part.service: part.held for part in asked if part is not None}
    missing = [holder for holder in PERSONAL_DATA_HOLDERS if holder not in parts]
    return Export(user_id=user_id, made_at=clock().isoformat(), parts=parts, missing=missing)


async def _ask(peers: Peers, holder: str, user_id: UUID) -> PersonalData | None:
    try:
        return await peers.ask("GET", f"/internal/v1/personal-data/{holder}/{user_id}", None, PersonalData)
    except (PeerRefused, PeerSilent):
        return None  # Told in `missing`.


async def _own(database: Database, user_id: UUID, defaults: Defaults) -> dict[str, object]:
    lists = await wishes.owned(database, user_id)
    return {
        "profile": await show(database, user_id, defaults),
        "addresses": list(await addresses.owned(database, user_id)),
        "seller": await _shop(database, user_id),
        "follows": [one.slug for one in await sellers.followed(database, user_id, after=None, limit=FOLLOWS_MOST)],
        "wish_lists": [
            {
                "name": one.wish_list.name,
                "created_at": one.wish_list.created_at,
                "wishes": list(await wishes.wishes(database, user_id, one.wish_list.id)),
            }
            for one in lists
        ],
    }


async def _shop(database: Database, user_id: UUID) -> object:
    try:
        return await sellers.owned(database, user_id)
    except SellerMissing:
        return None
