"""Owing the shop a webhook for what has just happened, in the unit in which it happens."""

from datetime import timedelta

import msgspec

from services.chassis.database.unit import Unit
from services.sandbox.actions.switches import Switches
from services.sandbox.domain.charges import Charge, Refund
from services.sandbox.domain.disputes import Dispute
from services.sandbox.domain.faults import draw_delays_s
from services.sandbox.domain.webhooks import tell
from services.sandbox.store import deliveries as store
from services.sandbox.store.deliveries import Delivery


def owe(unit: Unit, switches: Switches, charge: Charge, about: Refund | Dispute | None = None) -> None:
    """One event, in as many copies and as late as the switches say."""
    news = tell(f"evt_{unit.new_id().hex}", charge, about, now=unit.now)
    body = msgspec.json.encode(news)
    delays_s = draw_delays_s(switches.faults, switches.dice)
    store.add(unit, [_copy(unit, news.id, body, delay_s) for delay_s in delays_s])


def _copy(unit: Unit, event_id: str, body: bytes, delay_s: float) -> Delivery:
    return Delivery(
        id=f"dlv_{unit.new_id().hex}",
        event_id=event_id,
        body=body,
        created_at=unit.now,
        next_at=unit.now + timedelta(seconds=delay_s),
    )
