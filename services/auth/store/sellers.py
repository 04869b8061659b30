"""What auth keeps of sellers: whose they are, and whether they may sell."""

from uuid import UUID

from sqlalchemy import select

from services.auth.store.inserting import insert_into
from services.auth.tables import SELLERS
from services.chassis.database import Unit


async def follow(unit: Unit, seller_id: UUID, owner_id: UUID, *, approved: bool, version: int) -> bool:
    """False when something newer was known."""
    row = {"seller_id": seller_id, "owner_id": owner_id, "approved": approved, "version": version}
    new = insert_into(unit, SELLERS).values(row)
    latest = new.on_conflict_do_update(index_elements=["seller_id"], set_=row, where=SELLERS.c.version < version)
    return (await unit.connection.execute(latest)).rowcount == 1


async def sells(unit: Unit, owner_id: UUID) -> bool:
    """Whether any seller of this user is approved."""
    query = select(SELLERS.c.seller_id).where(SELLERS.c.owner_id == owner_id, SELLERS.c.approved.is_(True)).limit(1)
    return (await unit.connection.execute(query)).first() is not None
