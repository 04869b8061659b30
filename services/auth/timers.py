"""Time in: mails that are owed are sent, and what has expired is forgotten. Every unit of that work is opened here."""

import asyncio
import logging
from datetime import timedelta

from services.auth.actions.erasing import remove
from services.auth.actions.writing import compose
from services.auth.clients.vault import Vault
from services.auth.domain.letters import Letter, next_try
from services.auth.store import audit, devices, letters, sessions, users
from services.chassis.clock import Clock
from services.chassis.database import Database
from services.chassis.errors import Unavailable
from services.chassis.mail import Mailer

UNVERIFIED_KEPT_FOR = timedelta(days=7)
DEVICES_KEPT_FOR = timedelta(days=180)
FORGOTTEN_AT_ONCE = 100


class Post:
    """Sends what is owed. Any number may run at once."""

    def __init__(self, database: Database, vault: Vault, mailer: Mailer, *, site_url: str, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._mailer = mailer
        self._site_url = site_url
        self._clock = clock

    async def deliver(self) -> None:
        """Everything that is due now. No transaction is open while a mail is sent."""
        while await letters.any_due(self._database, self._clock()):
            async with self._database.unit() as unit:
                batch = await letters.claim(unit)
            await asyncio.gather(*map(self._send, batch))

    async def _send(self, letter: Letter) -> None:
        async with self._database.unit() as unit:
            mail = await compose(unit, self._vault, letter, site_url=self._site_url)
        try:
            if mail is not None:
                await self._mailer.send(mail)
        except Unavailable:
            await self._put_off(letter)
            return
        async with self._database.unit() as unit:
            await letters.remove(unit, letter.id)

    async def _put_off(self, letter: Letter) -> None:
        async with self._database.unit() as unit:
            again_at = next_try(letter.attempts, now=unit.now)
            if again_at is None:
                await letters.remove(unit, letter.id)
            else:
                await letters.put_off(unit, letter.id, again_at)


async def forget(database: Database, vault: Vault) -> None:
    """Expired sessions, tokens and devices, and accounts whose address nobody has verified for a week."""
    async with database.unit() as unit:
        await sessions.forget_ended(unit)
        await letters.forget_expired(unit)
        await devices.forget_unseen(unit, since=unit.now - DEVICES_KEPT_FOR)
    async with database.unit() as unit:
        since = unit.now - UNVERIFIED_KEPT_FOR
        for user in await users.unverified_since(unit, since, limit=FORGOTTEN_AT_ONCE):
            await remove(unit, vault, user)


async def anchor(database: Database) -> None:
    """Write the end of the audit chain to the log of the process: a log that was cut short shows against it."""
    head = await audit.head(database)
    logging.getLogger(__name__).info("audit chain", extra={"seq": head.seq, "digest": head.digest.hex()})
