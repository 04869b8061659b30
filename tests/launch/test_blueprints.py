"""Services put together from what the environment says."""

import pytest

from services.chassis.settings import WrongSettings
from services.launch.blueprints import configure
from services.launch.names import NAMES, Name


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_that_is_missing_is_named(name: Name) -> None:
    with pytest.raises(WrongSettings) as wrong:
        configure(name, {})

    assert {"SOUK_DATABASE_URL", "SOUK_KEYS_DIR", "SOUK_BUS_URL", "SOUK_GATEWAY_INTERNAL_URL"} <= {
        line.split()[0] for line in str(wrong.value).splitlines()
    }
