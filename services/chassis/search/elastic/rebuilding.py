"""A new index beside the one that is searched, and the switch from one to the other."""

import re
from collections.abc import Awaitable, Sequence

from services.chassis.search.elastic.client import BULK_TIMEOUT_S, MISSING, Engine, EngineRefused, unless_away
from services.chassis.search.elastic.mapping import SETTINGS, Json, mapping
from services.chassis.search.elastic.replies import read_aliases
from services.chassis.search.elastic.writing import Aliases
from services.chassis.search.errors import RebuildOvertaken, SearchAway
from services.chassis.search.port import IndexShape

TOMBSTONES_KEPT_S = 7 * 86_400
"""As long as an outbox may replay an event."""
COPY_TIMEOUT_S = 600.0
_TAKEN = frozenset({"resource_already_exists_exception", "illegal_state_exception"})
"""What Elasticsearch calls an index or the place of a written one that is taken."""


class Workshop:
    """Makes, switches and clears away the indices behind a pair of aliases."""

    def __init__(self, engine: Engine, aliases: Aliases, shape: IndexShape) -> None:
        self._engine = engine
        self._aliases = aliases
        self._shape = shape

    async def make_first(self) -> None:
        """The index, unless there is one, which is told of new fields then."""
        if await self._behind(self._aliases.searched):
            await self._add_fields()
        else:
            await self._create(f"{self._aliases.searched}-0", self._aliases.searched)

    async def begin(self, *, tombstones_since: float) -> str:
        """A new index that writes go to as well, told of all that was removed; unfinished ones go."""
        ours = await self._ours()
        if not any(self._aliases.searched in aliases for aliases in ours.values()):
            raise SearchAway("the search index has not been prepared")
        # Counted before anything is deleted, so that a rebuild that is overtaken here never shares its name.
        fresh = f"{self._aliases.searched}-{max((_number(index) for index in ours), default=0) + 1}"
        await self._delete([index for index, aliases in ours.items() if self._aliases.searched not in aliases])
        if not await self._create(fresh, self._aliases.built):
            raise RebuildOvertaken("another rebuild has begun at the same moment")
        await unless_away(self._refresh(self._aliases.searched))
        removed = {"range": {"gone_at": {"gte": int(tombstones_since)}}}
        source = {"index": self._aliases.searched, "query": removed}
        target = {"index": self._aliases.built, "version_type": "external"}
        wanted: Json = {"source": source, "dest": target, "conflicts": "proceed"}
        copy = self._engine.ask("POST", "/_reindex?require_alias=true", wanted, timeout_s=COPY_TIMEOUT_S)
        await unless_away(_unless_overtaken(copy))
        return fresh

    async def switch(self, fresh: str) -> Sequence[str]:
        """Search `fresh` from now on; the indices that were searched before. Raises `RebuildOvertaken`."""
        await unless_away(_unless_overtaken(self._refresh(fresh)))
        before = [index for index in await self._behind(self._aliases.searched) if index != fresh]
        actions: list[Json] = [{"remove": {"index": fresh, "alias": self._aliases.built, "must_exist": True}}]
        actions += [{"remove": {"index": index, "alias": self._aliases.searched}} for index in before]
        actions += [{"add": {"index": fresh, "alias": self._aliases.searched}}]
        await unless_away(_unless_overtaken(self._engine.ask("POST", "/_aliases", {"actions": actions})))
        return before

    async def clear_away(self, indices: Sequence[str]) -> None:
        """Delete them, if they are there."""
        await self._delete(indices)

    async def _add_fields(self) -> None:
        call = self._engine.ask("PUT", f"/{self._aliases.searched}/_mapping", mapping(self._shape))
        try:
            await unless_away(call)
        except EngineRefused as refused:
            if refused.kind != "illegal_argument_exception":
                raise
            # A field that has changed its part cannot change in place: it stays as it is until the next rebuild.

    async def _create(self, index: str, alias: str) -> bool:
        """False when another process was faster. Of two indices that may be written to, an alias takes one only."""
        wanted: Json = {
            "aliases": {alias: {"is_write_index": True}},
            "settings": SETTINGS,
            "mappings": mapping(self._shape),
        }
        try:
            await unless_away(self._engine.ask("PUT", f"/{index}", wanted, timeout_s=BULK_TIMEOUT_S))
        except EngineRefused as refused:
            if refused.kind not in _TAKEN:
                raise
            return False
        return True

    async def _behind(self, alias: str) -> list[str]:
        """Sorted out of all of them, since asking for an alias that is not there is an error."""
        return [index for index, aliases in (await self._ours()).items() if alias in aliases]

    async def _ours(self) -> dict[str, set[str]]:
        call = self._engine.ask("GET", f"/{self._aliases.searched}-*/_alias")
        indices = read_aliases(await unless_away(call))
        name = re.compile(re.escape(self._aliases.searched) + r"-\d+")
        return {index: aliases for index, aliases in indices.items() if name.fullmatch(index)}

    async def _delete(self, indices: Sequence[str]) -> None:
        if indices:
            target = f"/{','.join(indices)}?ignore_unavailable=true"
            await unless_away(self._engine.ask("DELETE", target, timeout_s=BULK_TIMEOUT_S))

    async def _refresh(self, index: str) -> bytes:
        return await self._engine.ask("POST", f"/{index}/_refresh", timeout_s=BULK_TIMEOUT_S)


async def _unless_overtaken(answer: Awaitable[bytes]) -> bytes:
    try:
        return await answer
    except EngineRefused as refused:
        if refused.status != MISSING:
            raise
        raise RebuildOvertaken("a later rebuild has begun") from refused


def _number(index: str) -> int:
    return int(index.rpartition("-")[2])
