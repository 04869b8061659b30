"""HTTP in, by subject. Which handlers there are is told here, and nothing else."""

from services.auth.api.accounts import ACCOUNTS
from services.auth.api.desk import Desk, provide_client
from services.auth.api.internal import INTERNAL
from services.auth.api.keys import API_KEYS
from services.auth.api.log import LOG
from services.auth.api.mails import CAPTURED
from services.auth.api.passwords import PASSWORDS
from services.auth.api.registering import REGISTERING
from services.auth.api.sessions import SESSIONS
from services.auth.api.staff import STAFF
from services.auth.api.totp import TOTP

HANDLERS = (*REGISTERING, *SESSIONS, *PASSWORDS, *TOTP, *API_KEYS, *ACCOUNTS, *LOG, *STAFF, *INTERNAL)

__all__ = ["CAPTURED", "HANDLERS", "Desk", "provide_client"]
