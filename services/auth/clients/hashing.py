"""Argon2id in threads of its own: off the loop, two at once, and no longer a queue than can be served in time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.auth.domain.passwords import fold
from services.chassis.errors import Limited

TIME_COST = 2
MEMORY_KIB = 19 * 1024
PARALLELISM = 1
AT_ONCE = 2
WAITING_MOST = 64
"""At 20 ms each and two at once, the last in the queue waits two thirds of a second."""

DECOY = "$argon2id$v=19$m=19456,t=2,p=1$mKEqp6Qs7lTJw3hzD26i1w$Ve+T1IoPRH1zSeafKlf9hd0uZHr2Z5UcjEQiFdkrArU"
"""Hashed with the same costs, matched by nothing we know: who has no account is refused after the same work."""

Done = TypeVar("Done")


class HashingBusy(Limited):
    """More passwords are waiting to be checked than can be checked soon."""

    code = "hashing_busy"
    title = "Too many log-ins at once"


class Hasher:
    """Hashes and checks passwords."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting_most: int = WAITING_MOST) -> None:
        self._argon2 = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._admitted_most = at_once + waiting_most
        self._admitted = 0

    async def hash(self, password: str) -> str:
        """The hash with its salt and costs. Raises `HashingBusy`."""
        return await self._run(lambda: self._argon2.hash(fold(password)))

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Takes as long for None, where there is no account. Raises `HashingBusy`."""
        found = await self._run(lambda: self._verify(hashed or DECOY, fold(password)))
        return found and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether it was made with other costs than today's."""
        return self._argon2.check_needs_rehash(hashed)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except VerifyMismatchError:
            return False

    async def _run(self, work: Callable[[], Done]) -> Done:
        if self._admitted >= self._admitted_most:
            raise HashingBusy("too many log-ins are waiting; try again in a second", retry_after_s=1)
        self._admitted += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._admitted -= 1
