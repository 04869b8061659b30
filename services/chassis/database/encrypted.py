"""A PostgreSQL address that asks for TLS, in libpq's words: `?sslmode=verify-full&sslrootcert=/path`.

asyncpg knows them in an address and not among its arguments, which is where SQLAlchemy would put them.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from sqlalchemy.engine import URL

WORDS = ("sslmode", "sslrootcert", "sslcert", "sslkey")


def without_tls(address: URL) -> URL:
    """For SQLAlchemy; what it lacks is in `tls_arguments`."""
    return address.difference_update_query(WORDS)


def tls_arguments(address: URL) -> Mapping[str, str]:
    """For SQLAlchemy's `connect_args`: an address of nothing but TLS, beside which asyncpg takes all else from them."""
    asked = {word: str(address.query[word]) for word in WORDS if word in address.query}
    return {"dsn": f"postgresql://?{urlencode(asked)}"} if asked else {}
