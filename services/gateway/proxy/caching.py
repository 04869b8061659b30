"""Answers to public reads, kept in this process: looked up by target, forgotten by age or by tag.

Only what a service would tell anyone gets here: it is asked without an identity of a user, and an answer that sets
cookies, calls itself private or depends on headers that the route does not name is not kept.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from services.gateway.domain.routes import Caching
from services.gateway.proxy.headers import CONTENT_LENGTH, Field

ENTRY_BYTES_MOST = 256 * 1024
CACHE_BYTES_MOST = 2 * 1024 * 1024
OK = 200
NOT_MODIFIED = 304

Key = tuple[bytes, ...]


class Entry:
    """One kept answer."""

    __slots__ = ("body", "etag", "expires", "fields", "made", "size", "tags")

    def __init__(self, fields: list[Field], body: bytes, etag: bytes, tags: frozenset[str], *, made: float) -> None:
        self.fields = fields
        self.body = body
        self.etag = etag
        self.tags = tags
        self.made = made
        self.expires = made
        self.size = len(body) + sum(len(name) + len(value) for name, value in fields) + 512

    def matches(self, condition: bytes) -> bool:
        """Whether the client already has it (If-None-Match, weak comparison)."""
        if condition == self.etag or condition.strip() == b"*":
            return True
        mine = self.etag.removeprefix(b"W/")
        return any(tag.strip().removeprefix(b"W/") == mine for tag in condition.split(b","))


class ResponseCache:
    """Bounded by bytes; what was least recently used goes first."""

    def __init__(self, *, bytes_most: int = CACHE_BYTES_MOST, now: Callable[[], float] = time.monotonic) -> None:
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._by_tag: dict[str, set[Key]] = {}
        self._bytes = 0
        self._bytes_most = bytes_most
        self._now = now
        self.purges = 0
        """Rises with every purge, so that an answer that was on its way meanwhile is not kept."""

    def get(self, key: Key) -> Entry | None:
        """What is kept and still fresh."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._now():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry

    def put(self, key: Key, entry: Entry, *, ttl_s: float) -> None:
        """Keep for `ttl_s`."""
        self._forget(key)
        entry.expires = entry.made + ttl_s
        self._entries[key] = entry
        self._bytes += entry.size
        for tag in entry.tags:
            self._by_tag.setdefault(tag, set()).add(key)
        while self._bytes > self._bytes_most:
            self._forget(next(iter(self._entries)))

    def purge(self, tags: Iterable[str]) -> int:
        """Forget every answer made of one of these; how many there were."""
        self.purges += 1
        keys = {key for tag in tags for key in self._by_tag.get(tag, ())}
        for key in keys:
            self._forget(key)
        return len(keys)

    def clear(self) -> None:
        """Forget everything."""
        self.purges += 1
        self._entries.clear()
        self._by_tag.clear()
        self._bytes = 0

    def now(self) -> float:
        """The clock that ages are told by."""
        return self._now()

    def _forget(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= entry.size
        for tag in entry.tags:
            keys = self._by_tag[tag]
            keys.discard(key)
            if not keys:
                del self._by_tag[tag]


def key_of(target: bytes, caching: Caching, fields: Sequence[Field]) -> Key:
    """What tells answers of one route apart."""
    if not caching.vary:
        return (target,)
    wanted = [name.encode() for name in caching.vary]
    return (target, *(b"\n".join(value for name, value in fields if name == one) for one in wanted))


def may_keep(status: int, fields: Sequence[Field], caching: Caching) -> bool:
    """Whether the answer is for everyone."""
    if status != OK:
        return False
    for name, value in fields:
        if name == b"set-cookie":
            return False
        if name == b"cache-control" and any(word in value.lower() for word in (b"no-store", b"private")):
            return False
        if name == b"vary" and not _covered(value, caching.vary):
            return False
        if name == b"content-length" and int(value) > ENTRY_BYTES_MOST:
            return False
    return True


def _covered(vary: bytes, known: tuple[str, ...]) -> bool:
    named = {name.strip().lower() for name in vary.decode("latin-1").split(",")}
    # No service is told the encodings or the origin that the client accepts, so nothing can depend on them.
    return named <= {*known, "accept-encoding", "origin"}


def make_entry(fields: Sequence[Field], body: bytes, *, tags: Iterable[str], made: float) -> Entry:
    """The answer as it will be told again, with an ETag of ours if it has none."""
    etag = next((value for name, value in fields if name == b"etag"), b"")
    if not etag:
        etag = b'"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
    kept = [field for field in fields if field[0] not in {b"etag", b"content-length", b"cache-control", b"age"}]
    # Clients must ask again each time, since purges do not reach them; mostly the answer is a short 304.
    kept += [(b"etag", etag), (b"cache-control", b"public, no-cache")]
    return Entry(kept, body, etag, frozenset(tags), made=made)


def retell(entry: Entry, asked: Sequence[Field], now: float) -> tuple[int, list[Field], bytes]:
    """Status, fields and body of a kept answer, for a request with these fields."""
    fields: list[Field] = [*entry.fields, (b"age", b"%d" % max(0, int(now - entry.made)))]
    for name, value in asked:
        if name == b"if-none-match" and entry.matches(value):
            return NOT_MODIFIED, fields, b""
    fields.append((CONTENT_LENGTH, b"%d" % len(entry.body)))
    return OK, fields, entry.body
