"""The copy of what users announces of sellers."""

from uuid import UUID

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.chassis.database.unit import Unit
from services.items.domain.sellers import Seller
from services.items.store.dialect import insert_into
from services.items.tables import SELLERS

_SELLER = select(*(SELLERS.c[name] for name in Seller.__struct_fields__))


async def _one(connection: AsyncConnection, query: Select[*tuple[object, ...]]) -> Seller | None:
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else Seller(**row)


async def of_owner(connection: AsyncConnection, owner_id: UUID) -> Seller | None:
    """The shop of a user."""
    return await _one(connection, _SELLER.where(SELLERS.c.owner_id == owner_id).order_by(SELLERS.c.seller_id).limit(1))


async def shared(unit: Unit, owner_id: UUID) -> Seller | None:
    """The shop of a user, who is neither suspended nor renamed until the unit ends."""
    query = _SELLER.where(SELLERS.c.owner_id == owner_id).order_by(SELLERS.c.seller_id).limit(1)
    return await _one(unit.connection, query.with_for_update(read=True))


async def shared_by_id(unit: Unit, seller_id: UUID) -> Seller | None:
    """The same, by the seller's own id."""
    return await _one(unit.connection, _SELLER.where(SELLERS.c.seller_id == seller_id).with_for_update(read=True))


async def save(unit: Unit, seller: Seller) -> bool:
    """New or changed. False: something at least as new is known."""
    row = msgspec.structs.asdict(seller)
    saved = insert_into(unit, SELLERS).values(row)
    changed = {name: value for name, value in row.items() if name != "seller_id"}
    newer = SELLERS.c.version < saved.excluded.version
    saved = saved.on_conflict_do_update(index_elements=["seller_id"], set_=changed, where=newer)
    return (await unit.connection.execute(saved)).rowcount == 1


async def forget(unit: Unit, owner_id: UUID) -> list[UUID]:
    """Close the shops of a user and drop what could name them; whose they were."""
    gone = {"approved": False, "name": "", "slug": ""}
    closed = update(SELLERS).where(SELLERS.c.owner_id == owner_id).values(gone).returning(SELLERS.c.seller_id)
    return list((await unit.connection.execute(closed)).scalars())
