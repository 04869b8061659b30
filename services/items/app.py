"""Wiring."""

from functools import partial

from services.chassis.search.port import SearchIndex
from services.chassis.service import Platform, Service
from services.chassis.worker import Timer
from services.items import timers
from services.items.api import HANDLERS, Counter, Finder
from services.items.events import subscriptions
from services.items.search import open_index
from services.items.settings import Settings

NAME = "items"
EXPIRE_EVERY_S = 1.0
FORGET_EVERY_S = 3600.0
IMPORT_EVERY_S = 0.5
INDEX_EVERY_S = 0.5
REBUILD_EVERY_S = 2.0


def build(settings: Settings, platform: Platform, *, index: SearchIndex | None = None) -> Service:
    """`index` is another search engine than that of `settings.search_url`."""
    database, clock = platform.database, platform.clock
    filters = settings.search_filters.split(",")
    engine = index or open_index(settings.search_url, filters, clock=clock)
    finder = Finder(database, engine, platform.cache, filters=filters, cache_s=settings.search_cache_s)
    counter = Counter(database=database, clock=clock, finder=finder)
    upkeep = timers.IndexUpkeep(database, engine, filters=filters, clock=clock, metrics=platform.metrics)
    return Service(
        name=NAME,
        handlers=HANDLERS,
        dependencies={"counter": lambda: counter},
        subscriptions=subscriptions(),
        timers=(
            Timer(name="expire_holds", every_s=EXPIRE_EVERY_S, run=partial(timers.expire_holds, database, clock)),
            Timer(name="forget_holds", every_s=FORGET_EVERY_S, run=partial(timers.forget_settled_holds, database)),
            Timer(name="read_imports", every_s=IMPORT_EVERY_S, run=partial(timers.read_imports, database)),
            Timer(name="follow_catalogue", every_s=INDEX_EVERY_S, run=upkeep.follow),
            Timer(name="rebuild_index", every_s=REBUILD_EVERY_S, run=upkeep.rebuild_if_asked),
        ),
        start=upkeep.prepare,
        stop=engine.close,
    )
