"""Usage of API keys: counted in memory as requests come, written down now and then."""

from collections.abc import Callable, Sequence

from services.chassis.clock import Clock
from services.chassis.database import Database
from services.gateway.domain.usage import KeyUsage
from services.gateway.domain.visitors import Visitor
from services.gateway.store import usage as store

Visitors = Callable[[], Sequence[Visitor]]


async def write_down(database: Database, visitors: Visitors, clock: Clock) -> int:
    """What was counted since the last time; how many keys there were. What cannot be written is counted on."""
    counted = [(visitor, visitor.used) for visitor in visitors() if visitor.key_id is not None and visitor.used]
    if not counted:
        return 0
    today = clock().date()
    usages = [
        KeyUsage(key_id=visitor.key_id, user_id=visitor.sub, day=today, requests=used)
        for visitor, used in counted
        if visitor.key_id is not None and visitor.sub is not None
    ]
    async with database.unit() as unit:
        await store.add(unit, usages)
    for visitor, used in counted:
        visitor.used -= used
    return len(usages)
