"""An answer on its way into the cache: gathered whole before anyone is told, so that all who wait are told the same."""

from collections.abc import Mapping
from typing import Protocol

from services.chassis.errors import SoukError
from services.chassis.wire.port import Headers, UpstreamError
from services.gateway.domain.routes import Caching
from services.gateway.proxy.caching import ENTRY_BYTES_MOST, Entry, Key, ResponseCache, make_entry, may_keep
from services.gateway.proxy.headers import NOT_TOLD, TAGS, Field
from services.gateway.proxy.hearing import Hearer
from services.gateway.proxy.problems import HttpRefusal, ServiceSilent


class Follower(Protocol):
    """An exchange that waits for another one's answer."""

    def led(self, entry: Entry | None, refusal: SoukError | HttpRefusal | None) -> None:
        """The other one has this. Neither: its answer is not for everyone, ask for yourself."""


class Leader(Hearer, Protocol):
    """The exchange that asks for all of them."""

    def answer_entry(self, entry: Entry) -> None:
        """Tell a kept answer."""


class Reading:
    """The cache, and the answers on their way into it."""

    def __init__(self, cache: ResponseCache) -> None:
        self.cache = cache
        self.followers: dict[Key, list[Follower]] = {}


class Keeping:
    """Gathers one answer for a leader and its followers."""

    __slots__ = (
        "_caching",
        "_fields",
        "_gathers",
        "_key",
        "_leader",
        "_names",
        "_pieces",
        "_purges",
        "_reading",
        "_size",
    )

    def __init__(self, reading: Reading, key: Key, leader: Leader, caching: Caching, names: Mapping[str, str]) -> None:
        self._reading = reading
        self._key = key
        self._leader = leader
        self._caching = caching
        self._names = names
        self._purges = reading.cache.purges
        self._fields: Headers = ()
        self._pieces: list[bytes] = []
        self._size = 0
        self._gathers = False
        reading.followers[key] = []

    def followed(self) -> bool:
        """Whether others wait too."""
        return bool(self._reading.followers.get(self._key))

    def head(self, status: int, headers: Headers) -> None:
        """See `Hearer`."""
        self._gathers = may_keep(status, headers, self._caching)
        if self._gathers:
            self._fields = headers
        else:
            self._leader.head(status, headers)
            self._release(None, None)

    def piece(self, body: bytes) -> None:
        """See `Hearer`."""
        if not self._gathers:
            self._leader.piece(body)
            return
        self._pieces.append(body)
        self._size += len(body)
        if self._size > ENTRY_BYTES_MOST:
            self._let_pass()

    def pause(self) -> None:
        """See `Hearer`."""
        if not self._gathers:
            self._leader.pause()

    def end(self) -> None:
        """See `Hearer`."""
        if not self._gathers:
            self._leader.end()
            return
        entry = self._keep()
        self._leader.answer_entry(entry)
        self._release(entry, None)

    def tear(self, error: UpstreamError) -> None:
        """See `Hearer`."""
        if self._gathers:
            self.refuse(ServiceSilent())  # Nothing has been told yet, so there is still a way to say so.
        else:
            self._leader.tear(error)

    def refuse(self, refusal: SoukError | HttpRefusal) -> None:
        """See `Hearer`."""
        self._leader.refuse(refusal)
        self._release(None, refusal)

    def forget(self) -> None:
        """The leader has left, and nobody followed."""
        self._release(None, None)

    def _let_pass(self) -> None:
        self._gathers = False
        self._leader.head(200, self._fields)
        for piece in self._pieces:
            self._leader.piece(piece)
        self._pieces.clear()
        self._release(None, None)

    def _keep(self) -> Entry:
        cache = self._reading.cache
        fields: list[Field] = [field for field in self._fields if field[0] not in NOT_TOLD]
        tags = [tag.format(**self._names) for tag in self._caching.tags]
        for name, value in self._fields:
            if name == TAGS:
                tags += value.decode("latin-1").split()
        entry = make_entry(fields, b"".join(self._pieces), tags=tags, made=cache.now())
        # What was purged while the answer was on its way may be in it, as it was before.
        if self._purges == cache.purges:
            cache.put(self._key, entry, ttl_s=self._caching.ttl_s)
        return entry

    def _release(self, entry: Entry | None, refusal: SoukError | HttpRefusal | None) -> None:
        for follower in self._reading.followers.pop(self._key, ()):
            follower.led(entry, refusal)
