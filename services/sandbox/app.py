"""Wiring."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

from services.chassis.service import Platform, Service
from services.chassis.settings import WrongSettings
from services.chassis.wire.origin import read_origin
from services.chassis.wire.port import Upstream
from services.chassis.wire.upstream import TcpUpstream
from services.chassis.worker import Timer
from services.sandbox import timers
from services.sandbox.actions.switches import Switches
from services.sandbox.api import HANDLERS, Till, opened_by
from services.sandbox.clients import Shop
from services.sandbox.settings import Settings

DELIVER_EVERY_S = 0.2
SETTLE_EVERY_S = 0.5
FOLLOW_EVERY_S = 1.0


def build(
    settings: Settings,
    platform: Platform,
    *,
    shop: Upstream | None = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Service:
    """`shop` is another way to the origin of `settings.webhook_url`. One API process only, any number of workers.

    Raises `WrongSettings`.
    """
    database = platform.database
    switches = Switches()
    upstream = shop or _reach(settings.webhook_url)
    target = urlsplit(settings.webhook_url).path
    hook = Shop(upstream, target=target, secret=settings.webhook_secret, clock=platform.clock)
    follow = partial(timers.follow_switches, database, switches)
    return Service(
        name="sandbox",
        handlers=HANDLERS,
        dependencies={"till": opened_by(settings.api_key, Till(database=database, switches=switches, sleep=sleep))},
        timers=(
            Timer(name="deliver", every_s=DELIVER_EVERY_S, run=partial(timers.deliver, database, hook, platform.clock)),
            Timer(
                name="settle", every_s=SETTLE_EVERY_S, run=partial(timers.settle, database, switches, platform.clock)
            ),
            Timer(name="follow_switches", every_s=FOLLOW_EVERY_S, run=follow),
        ),
        start=follow,
        stop=upstream.close,
    )


def _reach(webhook_url: str) -> Upstream:
    address = urlsplit(webhook_url)
    try:
        return TcpUpstream(read_origin(f"{address.scheme}://{address.netloc}"))
    except ValueError as unusable:
        raise WrongSettings(f"SOUK_WEBHOOK_URL: {unusable}") from unusable
