from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from services.chassis.ids import uuid7
from services.contracts.auth import ApiKeyRevoked, SessionRevoked
from services.contracts.items import ItemWithdrawn, StockRanOut
from services.contracts.message import Event, Message
from services.gateway.edges import PURGES
from services.gateway.events import on_broadcast
from tests.chassis.clocks import HandClock


class Noted:
    """What was to be forgotten, and whom not to believe."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.tags: list[str] = []
        self.revoked: dict[UUID, float] = {}
        self.kinds, self.hear = on_broadcast(PURGES, forget=self._forget, revoke=self._revoke, clock=self.clock)

    async def tell(self, event: Event) -> None:
        message = Message(
            event_id=uuid7(),
            kind=event.kind,
            schema_version=1,
            aggregate_id="1",
            aggregate_version=1,
            occurred_at=self.clock(),
            payload=msgspec.json.encode(event),
            headers={},
        )
        await self.hear(message)

    def _forget(self, tags: Sequence[str]) -> None:
        self.tags += tags

    def _revoke(self, revoked: UUID, until: float) -> None:
        self.revoked[revoked] = until


async def test_a_change_of_an_item_forgets_it_and_every_list() -> None:
    noted, item = Noted(), uuid7()

    await noted.tell(StockRanOut(item_id=item, sku="MUG-BLUE"))
    await noted.tell(ItemWithdrawn(item_id=item, seller_id=uuid7()))

    assert noted.tags == [f"item:{item}", "items"] * 2


async def test_an_ended_session_is_not_believed_until_its_last_token_has_expired() -> None:
    noted, session = Noted(), uuid7()
    until = noted.clock() + timedelta(minutes=10)

    await noted.tell(SessionRevoked(session_id=session, user_id=uuid7(), until=until))

    assert noted.revoked == {session: until.timestamp()}


async def test_a_deleted_key_is_not_believed_for_longer_than_it_is_remembered() -> None:
    noted, key = Noted(), uuid7()

    await noted.tell(ApiKeyRevoked(key_id=key, user_id=uuid7()))

    assert noted.revoked[key] > noted.clock().timestamp() + 60


def test_it_hears_of_items_sessions_and_keys() -> None:
    purging = {purge.event.kind for purge in PURGES}

    assert Noted().kinds == purging | {"auth.session.revoked", "auth.api_key.revoked"}
