"""Writing the mails that are owed. The token in a mail is made when it is written, so that none is kept in clear."""

from services.auth.actions.granting import new_secret
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import User
from services.auth.domain.letters import TTL, Kind, Letter, purpose_of, write
from services.auth.domain.one_time import fingerprint
from services.auth.store import letters, users
from services.chassis.database import Unit
from services.chassis.mail import Mail


async def compose(unit: Unit, vault: Vault, letter: Letter, *, site_url: str) -> Mail | None:
    """The mail; None when there is nobody to get it. Tokens of earlier tries stay good: one may have arrived."""
    user = await users.find_by_email(unit, letter.email_key)
    if user is None or not _is_for(letter.kind, user):
        return None
    purpose = purpose_of(letter.kind)
    token = None
    if purpose is not None:
        token = new_secret(vault)
        await letters.add_token(unit, user.id, purpose, fingerprint(token), unit.now + TTL[purpose])
    text = write(letter.kind, site_url=site_url, token=token)
    return Mail(message_id=str(letter.id), to=letter.email, subject=text.subject, body=text.body)


def _is_for(kind: Kind, user: User) -> bool:
    if kind is Kind.VERIFY:
        return user.verified_at is None
    return user.suspended_at is None
