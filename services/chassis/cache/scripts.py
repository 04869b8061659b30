"""What Redis has to do in one step: Lua, run by its digest.

Lua counts in doubles, which are exact for Unix microseconds until the year 2255.
"""

import hashlib
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

Argument = str | int | bytes


class Script:
    """One script."""

    def __init__(self, lua: str) -> None:
        self._lua = lua
        self._digest = hashlib.sha1(lua.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Redis, keys: Sequence[str], *arguments: Argument) -> object:
        """Its answer. A Redis that has restarted does not know the digest and is told the script again."""
        try:
            answer: object = await client.evalsha(self._digest, len(keys), *keys, *arguments)
        except NoScriptError:
            answer = await client.eval(self._lua, len(keys), *keys, *arguments)
        return answer

    @staticmethod
    def integer(answer: object) -> int:
        """The answer of a script that returns a number."""
        if not isinstance(answer, int):
            raise TypeError(f"the script answered {answer!r}")
        return answer


SPEND = Script("""
-- ARGV: cost and burst, in microseconds. Answers the debt before this try.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full_at = tonumber(redis.call('GET', KEYS[1]) or 0)
local debt = math.max(0, full_at - now)
local after = debt + tonumber(ARGV[1])
if after <= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.max(1, math.ceil(after / 1000)))
end
return debt
""")

REPLACE = Script("""
-- ARGV: the stamp that was seen, the new entry, its life in milliseconds. A key that has changed since stays as it is.
-- Nothing seen is an empty stamp: the range is the whole value then, and equal only if there still is none.
if redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
""")

MARK_DROPPED = Script("""
-- ARGV: the mark, its life in seconds.
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
end
""")
