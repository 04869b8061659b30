"""Entries of the audit log, in the unit of what they tell of.

Always the last thing in it: entries queue for their place.
"""

from services.auth.clients.vault import Vault
from services.auth.domain.audit import Note, head_of, link
from services.auth.domain.sessions import Client
from services.auth.store import audit
from services.chassis.database import Unit

SALT_BYTES = 16


async def note(unit: Unit, vault: Vault, *notes: Note) -> None:
    """Append to the chain."""
    head = await audit.lock_head(unit)
    for each in notes:
        entry = link(head, each, key=vault.chain, salt=vault.chance(SALT_BYTES), at=unit.now)
        await audit.append(unit, entry)
        head = head_of(entry)


def seen_from(client: Client) -> dict[str, str]:
    """What the log keeps of where a request came from."""
    return {"network": client.network, "agent": client.agent}
