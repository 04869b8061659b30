import shlex
import subprocess
import sys
from pathlib import Path

from services.chassis.clock import utc_now
from services.chassis.mail.captured import CapturedMailer
from services.chassis.mail.port import Mail
from stacks.layers.marketplace import CAPTURED_IN
from tests.stacks.files import outputs_of


async def test_captured_mail_is_read_in_the_pod_that_has_it(tmp_path: Path) -> None:
    file = tmp_path / "mail.db"
    mailer = CapturedMailer(file, clock=utc_now)
    await mailer.send(Mail(message_id="1", to="ada@example.com", subject="Welcome", body="Here is your token"))
    told = outputs_of("dev").captured_mail
    assert told is not None

    before, _, script = told.replace(CAPTURED_IN, str(file)).partition(" -- python3 ")
    shown = _run(script)

    assert before == "kubectl exec -n souk deployment/auth-worker"
    assert "ada@example.com" in shown
    assert "Here is your token" in shown


def test_where_mail_is_sent_there_is_none_to_read() -> None:
    assert outputs_of("prod").captured_mail is None


def _run(script: str) -> str:
    command = [sys.executable, *shlex.split(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
