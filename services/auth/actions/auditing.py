"""Walking the audit log's chain."""

from msgspec import Struct

from services.auth.clients.vault import Vault
from services.auth.domain.audit import GENESIS, Head, examine
from services.auth.store import audit
from services.chassis.database import Database

STRETCH = 1000


class Examined(Struct, frozen=True, kw_only=True):
    """How the walk ended. `fault` is None for a chain that is whole, up to `head`."""

    entries: int
    head: str
    """Digest of the last sound entry, in hexadecimal: note it elsewhere to tell later that the log was not cut."""
    fault: str | None
    fault_at: int | None


async def examine_all(database: Database, vault: Vault) -> Examined:
    """From the first entry to the one that was last when the walk began."""
    end = await audit.head(database)
    erased = await audit.erased(database)
    head = Head(seq=0, digest=GENESIS)
    while head.seq < end.seq:
        entries = await audit.stretch(database, after=head.seq, limit=min(STRETCH, end.seq - head.seq))
        if not entries:
            return _found(head, "entries are missing at the end")
        head, finding = examine(entries, start=head, key=vault.chain, erased=erased)
        if finding is not None:
            return _found(head, finding.fault)
    return _found(head, None if head == end else "the end of the chain was changed")


def _found(head: Head, fault: str | None) -> Examined:
    at = None if fault is None else head.seq + 1
    return Examined(entries=head.seq, head=head.digest.hex(), fault=fault, fault_at=at)
