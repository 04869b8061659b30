"""The settings of an embedded Souk: the variables that a cluster would set, for one process on one machine."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from services.launch.secrets import Secrets
from services.launch.seed.people import PASSWORD, STAFF_EMAIL


class Ports(Struct, frozen=True, kw_only=True):
    """Where this process listens."""

    public: int
    sandbox: int


def environment_of(name: str, data: Path, secrets: Secrets, ports: Ports, *, draft: bool = False) -> Mapping[str, str]:
    """What service `name` reads. The data of a draft need not outlive a power failure."""
    site = f"http://127.0.0.1:{ports.public}"
    everyone = {
        "SOUK_DATABASE_URL": f"sqlite:///{data}/{name}.db{'?synchronous=off' if draft else ''}",
        "SOUK_KEYS_DIR": str(data / "keys" / name),
        "SOUK_BUS_URL": f"sqlite:///{data}/bus.db",
        "SOUK_GATEWAY_INTERNAL_URL": "http://in-process",
    }
    own: Mapping[str, Mapping[str, str]] = {
        "auth": {
            "SOUK_DATA_KEY": secrets.auth_data_key,
            "SOUK_MAIL_URL": f"sqlite:///{data}/mail.db",
            "SOUK_SITE_URL": site,
            "SOUK_STAFF_EMAIL": STAFF_EMAIL,
            "SOUK_STAFF_PASSWORD": PASSWORD,
        },
        "items": {"SOUK_SEARCH_URL": f"sqlite:///{data}/search.db"},
        "orders": {
            "SOUK_SANDBOX_URL": f"http://127.0.0.1:{ports.sandbox}",
            "SOUK_SANDBOX_API_KEY": secrets.sandbox_api_key,
            "SOUK_SANDBOX_WEBHOOK_SECRET": secrets.sandbox_webhook_secret,
        },
        "sandbox": {
            "SOUK_API_KEY": secrets.sandbox_api_key,
            "SOUK_WEBHOOK_SECRET": secrets.sandbox_webhook_secret,
            "SOUK_WEBHOOK_URL": f"{site}/api/v1/payments/webhooks/sandbox",
        },
    }
    return everyone | dict(own.get(name, {}))
