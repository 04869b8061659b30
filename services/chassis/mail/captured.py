"""Mail that is not sent: the newest are kept in a SQLite file, for a page that shows them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from services.chassis.clock import Clock
from services.chassis.mail.port import Mail, MailNotTaken

KEPT_MOST = 1000
BUSY_TIMEOUT_S = 5.0

_CREATE = """
create table if not exists mail(
  seq integer primary key, message_id text not null unique, "to" text, subject text, body text, captured_at real
)
"""
_KEEP = """
insert into mail(message_id, "to", subject, body, captured_at) values (?, ?, ?, ?, ?) on conflict do nothing
"""
_FORGET = "delete from mail where seq <= (select max(seq) from mail) - ?"
_LATEST = 'select message_id, "to", subject, body, captured_at from mail order by seq desc limit ?'


class CapturedMail(Mail, frozen=True, kw_only=True):
    """A mail as it would have been sent, and when."""

    captured_at: datetime


class CapturedMailer:
    """`Mailer` into the file at `path`, which is opened only while it is used."""

    def __init__(self, path: Path, *, clock: Clock, kept_most: int = KEPT_MOST) -> None:
        self._path = path
        self._clock = clock
        self._kept_most = kept_most

    async def send(self, mail: Mail) -> None:
        """As `Mailer`. A mail that was sent before is kept once."""
        await asyncio.to_thread(self._keep, mail, self._clock().timestamp())

    async def latest(self, limit: int = 50) -> list[CapturedMail]:
        """Newest first."""
        return await asyncio.to_thread(self._read, limit)

    def _keep(self, mail: Mail, captured_at: float) -> None:
        values = [_plain(text) for text in (mail.message_id, mail.to, mail.subject, mail.body)]
        with self._opened() as file:
            file.execute(_KEEP, (*values, captured_at))
            file.execute(_FORGET, (self._kept_most,))

    def _read(self, limit: int) -> list[CapturedMail]:
        with self._opened() as file:
            rows = file.execute(_LATEST, (limit,)).fetchall()
        return [
            CapturedMail(
                message_id=message_id,
                to=to,
                subject=subject,
                body=body,
                captured_at=datetime.fromtimestamp(captured_at, UTC),
            )
            for message_id, to, subject, body, captured_at in rows
        ]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S)) as file, file:
                file.execute(_CREATE)
                yield file
        except (sqlite3.DatabaseError, OSError) as away:
            raise MailNotTaken(f"the file of captured mail cannot be used: {away}") from away


def _plain(text: str) -> str:
    """Without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
