"""What every process of the gateway hears at once: which answers and tokens are not good any more."""

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from services.chassis.bus.port import Handler
from services.chassis.clock import Clock
from services.contracts.auth import ApiKeyRevoked, SessionRevoked
from services.contracts.message import Message
from services.gateway.domain.routes import Purge

API_KEY_REMEMBERED_S = 120.0
"""Longer than the door believes what auth said of a key."""

Forget = Callable[[Sequence[str]], object]
Revoke = Callable[[UUID, float], None]


def on_broadcast(
    purges: Sequence[Purge], *, forget: Forget, revoke: Revoke, clock: Clock
) -> tuple[frozenset[str], Handler]:
    """The kinds to listen to, and what to do about each."""
    by_kind = {purge.event.kind: purge for purge in purges}

    async def hear(message: Message) -> None:
        if message.kind == SessionRevoked.kind:
            session = msgspec.json.decode(message.payload, type=SessionRevoked)
            revoke(session.session_id, session.until.timestamp())
        elif message.kind == ApiKeyRevoked.kind:
            key = msgspec.json.decode(message.payload, type=ApiKeyRevoked)
            revoke(key.key_id, clock().timestamp() + API_KEY_REMEMBERED_S)
        else:
            purge = by_kind[message.kind]
            fields = msgspec.json.decode(message.payload, type=dict[str, object])
            forget([tag.format(**fields) for tag in purge.tags])

    return frozenset({*by_kind, SessionRevoked.kind, ApiKeyRevoked.kind}), hear
