"""Writes in bulk, each with its version: Elasticsearch refuses what is not newer than what it has."""

from collections.abc import Sequence

from msgspec import Struct

from services.chassis.search.elastic.client import Engine, unless_away
from services.chassis.search.elastic.mapping import Json
from services.chassis.search.elastic.replies import read_missing
from services.chassis.search.errors import RebuildOvertaken, SearchAway

BATCH = 500


class Write(Struct, frozen=True, kw_only=True):
    """One document or tombstone."""

    id: str
    version: int
    entry: Json


class Aliases(Struct, frozen=True):
    """The names of an index; what lies behind them is called `<name>-<number>`."""

    searched: str

    @property
    def built(self) -> str:
        """Behind it is the index of a rebuild, as long as there is one."""
        return f"{self.searched}.built"


async def write_everywhere(engine: Engine, aliases: Aliases, writes: Sequence[Write]) -> None:
    """To the index that is searched and to the one that is being built.

    Both names are in one call, so that no switch comes between; the second is usually missing, which is no error.
    """
    missing = await _write(engine, [aliases.searched, aliases.built], writes)
    if aliases.searched in missing:
        raise SearchAway("the search index has not been prepared")


async def write_built(engine: Engine, aliases: Aliases, writes: Sequence[Write]) -> None:
    """To the index that is being built. Raises `RebuildOvertaken` if there is none any more."""
    if await _write(engine, [aliases.built], writes):
        raise RebuildOvertaken("a later rebuild has ended")


async def _write(engine: Engine, names: Sequence[str], writes: Sequence[Write]) -> frozenset[str]:
    """Which of the names nothing lies behind."""
    missing: frozenset[str] = frozenset()
    for start in range(0, len(writes), BATCH):
        operations: list[Json] = []
        for write in writes[start : start + BATCH]:
            for name in names:
                operations += [{"index": _target(name, write)}, write.entry]
        missing |= read_missing(await unless_away(engine.write(operations)))
    return missing


def _target(name: str, write: Write) -> Json:
    # An index that has just been deleted must not come back by being written to: only aliases are.
    return {
        "_index": name,
        "_id": write.id,
        "version": write.version,
        "version_type": "external",
        "require_alias": True,
    }
