from pathlib import Path

import pytest

from services.chassis.mail import Mail
from tests.chassis.clocks import HandClock
from tests.chassis.mail.peer import Trust, make_trust


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return make_trust(tmp_path)


@pytest.fixture
def mail() -> Mail:
    return Mail(message_id="01-abc", to="ann@example.com", subject="Verify", body="Follow this link.\n")
