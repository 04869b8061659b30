from pathlib import Path

import pytest

from services.chassis.settings import ServiceSettings, WrongSettings, read_settings

WHOLE = {
    "SOUK_DATABASE_URL": "sqlite:///x.db",
    "SOUK_KEYS_DIR": "keys",
    "SOUK_BUS_URL": "sqlite:///bus.db",
    "SOUK_GATEWAY_INTERNAL_URL": "http://gateway:8001",
}


def test_values_are_converted_and_defaults_filled_in() -> None:
    settings = read_settings(ServiceSettings, {**WHOLE, "SOUK_PORT": "8080", "SOUK_DRAIN_S": "2.5"})

    assert (settings.port, settings.drain_s, settings.metrics_port) == (8080, 2.5, 9000)
    assert settings.keys_dir == Path("keys")


def test_everything_missing_or_wrong_is_named_at_once() -> None:
    with pytest.raises(WrongSettings) as wrong:
        read_settings(ServiceSettings, {"SOUK_PORT": "99999", "SOUK_LOG_LEVEL": "loud", "SOUK_BUS_URL": "x"})

    told = str(wrong.value)
    assert "SOUK_DATABASE_URL is not set" in told
    assert "SOUK_KEYS_DIR is not set" in told
    assert "SOUK_PORT" in told
    assert "SOUK_LOG_LEVEL" in told
    assert "SOUK_BUS_URL" not in told


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:p@db/items\n", encoding="utf-8")

    settings = read_settings(ServiceSettings, {**WHOLE, "SOUK_DATABASE_URL_FILE": str(secret)})

    assert settings.database_url == "postgresql://u:p@db/items"


def test_a_secret_file_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongSettings, match="SOUK_DATABASE_URL"):
        read_settings(ServiceSettings, {**WHOLE, "SOUK_DATABASE_URL_FILE": "/nowhere/at/all"})
