from services.contracts.listeners import LISTENERS
from services.items.events import subscriptions


def test_items_handles_every_event_that_its_queue_is_bound_to() -> None:
    assert {subscription.kind for subscription in subscriptions()} == {event.kind for event in LISTENERS["items"]}
