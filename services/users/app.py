"""Wiring."""

from services.chassis.service import Platform, Service
from services.users.api import HANDLERS, Desk
from services.users.domain.profiles import Defaults
from services.users.events import subscriptions
from services.users.settings import Settings

NAME = "users"


def build(settings: Settings, platform: Platform) -> Service:
    """No timers: nothing here waits for time to pass."""
    defaults = Defaults(locale=settings.default_locale, currency=settings.default_currency)
    desk = Desk(database=platform.database, peers=platform.peers, defaults=defaults, clock=platform.clock)
    return Service(
        name=NAME,
        handlers=HANDLERS,
        dependencies={"desk": lambda: desk},
        subscriptions=subscriptions(defaults),
    )
