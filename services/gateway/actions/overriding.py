"""Overrides by staff: written down, then put to work in this process; the others read them a moment later."""

from collections.abc import Callable, Collection

from msgspec import Struct

from services.chassis.database import Database, Unit
from services.gateway.domain.overrides import LimitOverride, LimitUnknown, Overrides, RouteOverride, RouteUnknown
from services.gateway.store import overrides as store

Apply = Callable[[Overrides], None]


class Known(Struct, frozen=True, kw_only=True):
    """What can be overridden."""

    paths: frozenset[str]
    limits: frozenset[str]


async def override_route(unit: Unit, known: Known, override: RouteOverride) -> None:
    """Raises `RouteUnknown`."""
    _check(override.path, known.paths, RouteUnknown)
    await store.put_route(unit, override)


async def override_limit(unit: Unit, known: Known, override: LimitOverride) -> None:
    """Raises `LimitUnknown`."""
    _check(override.name, known.limits, LimitUnknown)
    await store.put_limit(unit, override)


async def restore_route(unit: Unit, known: Known, path: str) -> None:
    """Raises `RouteUnknown`."""
    _check(path, known.paths, RouteUnknown)
    await store.drop_route(unit, path)


async def restore_limit(unit: Unit, known: Known, name: str) -> None:
    """Raises `LimitUnknown`."""
    _check(name, known.limits, LimitUnknown)
    await store.drop_limit(unit, name)


async def refresh(database: Database, apply: Apply) -> Overrides:
    """Put to work what is written down."""
    current = await store.load(database)
    apply(current)
    return current


def _check(name: str, known: Collection[str], unknown: Callable[[str], Exception]) -> None:
    if name not in known:
        raise unknown(name)
