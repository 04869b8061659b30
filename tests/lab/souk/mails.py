"""Mail that Souk would have sent: in the cluster it stays in the pod that would have sent it."""

import re

from tests.lab.terminal import Kubectl

_SENDER = "deployment/auth-worker"
# Run in the pod, whose image has Python and nothing else that could read the file.
_NEWEST = """
import sqlite3, sys
found = sqlite3.connect("/tmp/mail.db").execute(
    'select body from mail where "to" = ? order by seq desc limit 1', sys.argv[1:]
)
print(*(body for body, in found))
"""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def token_mailed_to(email: str, kubectl: Kubectl) -> str | None:
    """Of the newest mail to this address; None while there is none."""
    found = _TOKEN.search(kubectl("exec", _SENDER, "--", "python3", "-c", _NEWEST, email))
    return found.group() if found else None
