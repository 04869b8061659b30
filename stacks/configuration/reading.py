"""From the text that Pulumi hands over to `Configuration`, with everything that is wrong named by its path."""

import re
from collections.abc import Mapping

import msgspec

from services.launch.names import RUNNABLE
from stacks.configuration.sealed import Sealed
from stacks.configuration.shape import Configuration, InSecrets

PROJECT = "souk"


class WrongConfiguration(Exception):
    """One line for each fault: `souk:postgres.size: …`."""


def read(values: Mapping[str, str]) -> Configuration:
    """`values` is JSON by key. Raises `WrongConfiguration`; nothing has been created by then."""
    given = {key.partition(":")[2]: text for key, text in values.items() if key.startswith(f"{PROJECT}:")}
    fields = {field.name: field for field in msgspec.structs.fields(Configuration)}
    faults = [f"{PROJECT}:{name}: there is no such key" for name in given if name not in fields]
    for name, field in fields.items():
        if name in given:
            try:
                msgspec.json.decode(given[name], type=field.type)
            except msgspec.MsgspecError as wrong:
                faults.append(_tell(name, wrong))
        elif field.required:
            faults.append(f"{PROJECT}:{name}: is missing{_HINTS.get(name, '')}")
    if faults:
        raise WrongConfiguration("\n".join(sorted(faults)))
    whole = ",".join(f'"{name}":{text}' for name, text in given.items())
    configuration = msgspec.json.decode(f"{{{whole}}}", type=Configuration)
    contradictions = _contradictions(configuration)
    if contradictions:
        raise WrongConfiguration("\n".join(sorted(contradictions)))
    return configuration


_HINTS = {"secrets": "; `make secrets STACK=…` makes those of a new stack"}


def _tell(name: str, wrong: msgspec.MsgspecError) -> str:
    reason, _, where = str(wrong).partition(" - at ")
    inside = "".join(re.findall(r"\$([^`]*)`", where)).replace("[...]", "")
    if name == "secrets":
        reason = re.sub("Invalid value .*", "Invalid value", reason)  # It may hold what it complains about.
    return f"{PROJECT}:{name}{inside}: {reason}"


def _contradictions(read: Configuration) -> list[str]:
    secrets, faults = read.secrets, []
    if read.backups and read.objects is None:
        faults.append(f"{PROJECT}:backups: need {PROJECT}:objects, or null to have none")
    if read.payments.provider == "stripe":
        faults += _missing(secrets, "stripe_api_key", "stripe_webhook_secret", why="payments.provider is stripe")
    if read.mail.delivery == "smtp":
        faults += _missing(secrets, "mail_url", why="mail.delivery is smtp")
    if isinstance(read.edge.tls, InSecrets):
        faults += _missing(secrets, "tls_certificate", "tls_key", why="edge.tls is from secrets")
    running = RUNNABLE if read.payments.provider == "sandbox" else [name for name in RUNNABLE if name != "sandbox"]
    faults += [f"{PROJECT}:secrets.databases.{name}: is missing" for name in running if name not in secrets.databases]
    faults += [f"{PROJECT}:secrets.keys.{name}: is missing" for name in running if not secrets.keys.get(name)]
    faults += [
        f"{PROJECT}:services.settings.{name}: there is no such service"
        for name in read.services.settings
        if name not in RUNNABLE
    ]
    return faults


def _missing(secrets: Sealed, *names: str, why: str) -> list[str]:
    absent = [name for name in names if not getattr(secrets, name)]
    return [f"{PROJECT}:secrets.{name}: is missing, and {PROJECT}:{why}" for name in absent]
