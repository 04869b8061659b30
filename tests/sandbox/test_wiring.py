from pathlib import Path

import pytest

from services.chassis.database.engine import open_database
from services.chassis.ids import uuid7
from services.chassis.settings import WrongSettings, read_settings
from services.sandbox.app import build
from services.sandbox.settings import Settings
from tests.sandbox.provider import HandClock, platform_on, settings_of

ENVIRONMENT = {
    "SOUK_DATABASE_URL": "sqlite:///sandbox.db",
    "SOUK_KEYS_DIR": "keys",
    "SOUK_BUS_URL": "sqlite:///bus.db",
    "SOUK_GATEWAY_INTERNAL_URL": "http://gateway:8001",
    "SOUK_WEBHOOK_URL": "http://gateway:8000/api/v1/payments/webhooks/sandbox",
    "SOUK_API_KEY": "a key of sixteen or more",
    "SOUK_WEBHOOK_SECRET": "short",
}


def test_a_secret_that_is_too_short_is_named() -> None:
    with pytest.raises(WrongSettings, match="SOUK_WEBHOOK_SECRET"):
        read_settings(Settings, ENVIRONMENT)


@pytest.mark.embedded
@pytest.mark.parametrize("webhook_url", ["https://shop/hooks", "shop:8000/hooks", "http://user@shop/hooks", ""])
async def test_a_webhook_address_that_cannot_be_reached_is_named(tmp_path: Path, webhook_url: str) -> None:
    clock = HandClock()
    url = f"sqlite:///{tmp_path}/sandbox.db"
    database = open_database(url, clock=clock, ids=uuid7)

    with pytest.raises(WrongSettings, match="SOUK_WEBHOOK_URL"):
        build(settings_of(url, tmp_path, webhook_url=webhook_url), platform_on(database, tmp_path, clock))
    await database.close()
