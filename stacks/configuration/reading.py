"""From the text that Pulumi hands over to `Configuration`, with everything that is wrong named by its path."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

import msgspec

from stacks.configuration.sealed import Sealed, SecretManager
from stacks.configuration.shape import Configuration, InSecrets
from stacks.configuration.stores import OPERATORS, Elasticsearch, RabbitmqElsewhere
from stacks.places import database_server, running
from stacks.roster import ROSTER
from stacks.safe import entries_of
from stacks.sizing import overbooked

PROJECT = "souk"

Shape = TypeVar("Shape", bound=msgspec.Struct)


class WrongConfiguration(Exception):
    """One line for each fault: `souk:postgres.size: …`."""


def read(values: Mapping[str, str]) -> Configuration:
    """Of a stack. Raises `WrongConfiguration`; nothing has been created by then."""
    configuration = decode(Configuration, PROJECT, values)
    contradictions = _contradictions(configuration)
    if contradictions:
        raise WrongConfiguration("\n".join(sorted(contradictions)))
    return configuration


def refuse_plain_secrets(values: Mapping[str, str], encrypted: Collection[str]) -> None:
    """`encrypted` are the keys that Pulumi has decrypted. Raises `WrongConfiguration`."""
    key = f"{PROJECT}:secrets"
    if key in values and key not in encrypted:
        raise WrongConfiguration(
            f"{key}: is in the stack's file in plain text: change those secrets, and let `make secrets` encrypt them"
        )


def decode(shape: type[Shape], project: str, values: Mapping[str, str]) -> Shape:
    """`values` is JSON by key, as Pulumi hands it over; keys of other projects are skipped. Raises
    `WrongConfiguration`.
    """
    # Of a key that is null in the stack's file, Pulumi says nothing.
    given = {key.partition(":")[2]: text or "null" for key, text in values.items() if key.startswith(f"{project}:")}
    fields = {field.name: field for field in msgspec.structs.fields(shape)}
    faults = [f"{project}:{name}: there is no such key" for name in given if name not in fields]
    for name, field in fields.items():
        if name in given:
            faults += _faults(f"{project}:{name}", given[name], field)
        elif field.required:
            faults.append(f"{project}:{name}: is missing")
    if faults:
        raise WrongConfiguration("\n".join(sorted(faults)))
    whole = ",".join(f'"{name}":{text}' for name, text in given.items())
    return msgspec.json.decode(f"{{{whole}}}", type=shape)


def _faults(key: str, text: str, field: msgspec.structs.FieldInfo) -> list[str]:
    try:
        msgspec.json.decode(text, type=field.type)
    except msgspec.MsgspecError as wrong:
        reason, _, where = str(wrong).partition(" - at ")
        inside = "".join(re.findall(r"\$([^`]*)`", where)).replace("[...]", "")
        if field.name == "secrets":
            reason = re.sub("Invalid value .*", "Invalid value", reason)  # It may hold what it complains about.
        return [f"{key}{inside}: {reason}"]
    return []


def _contradictions(read: Configuration) -> list[str]:
    faults = [*_secret_faults(read), *_unknown_settings(read), *overbooked(read)]
    if read.backups and read.objects is None:
        faults.append(f"{PROJECT}:backups: need {PROJECT}:objects, or null to have none")
    search = read.elasticsearch
    if isinstance(search, Elasticsearch) and search.password and (isinstance(search, OPERATORS) or search.replicas > 1):
        faults.append(f"{PROJECT}:elasticsearch.password: is for one server of ours; an operator's always ask for one")
    if read.mesh and read.mesh.stores:
        faults += [
            f"{PROJECT}:mesh.stores: {PROJECT}:{name} is an operator's, whose pods stay outside the mesh"
            for name in ("postgres", "redis", "rabbitmq", "elasticsearch")
            if isinstance(getattr(read, name), OPERATORS)
        ]
    return faults


def _secret_faults(read: Configuration) -> Iterator[str]:
    source = read.secrets_from
    if isinstance(source, SecretManager):
        if read.secrets is not None:
            yield f"{PROJECT}:secrets: is given, though {PROJECT}:secrets_from says that a secret manager has them"
        for name in source.versions.keys() - set(entries_of(read)):
            yield f"{PROJECT}:secrets_from.versions.{name}: the stack needs no such entry"
    elif read.secrets is None:
        yield f"{PROJECT}:secrets: is missing; `make secrets STACK=…` makes those of a new stack"
    else:
        yield from _lacking(read, read.secrets)


def _lacking(read: Configuration, secrets: Sealed) -> Iterator[str]:
    if read.payments.provider == "stripe":
        yield from _missing(secrets, "stripe_api_key", "stripe_webhook_secret", why="payments.provider is stripe")
    if read.mail.delivery == "smtp":
        yield from _missing(secrets, "mail_url", why="mail.delivery is smtp")
    if isinstance(read.edge.tls, InSecrets):
        yield from _missing(secrets, "tls_certificate", "tls_key", why="edge.tls is from secrets")
    if read.upstream.login:
        yield from _missing(secrets, "registry_logins", why="upstream.login is true")
    services, servers = running(read), {database_server(read, name) for name in running(read)}
    clients = () if isinstance(read.rabbitmq, RabbitmqElsewhere) else services
    for kept, held, wanted in (
        ("brokers", secrets.brokers, clients),
        ("databases", secrets.databases, services),
        ("keys", secrets.keys, services),
        ("postgres", secrets.postgres, servers),
    ):
        yield from (f"{PROJECT}:secrets.{kept}.{name}: is missing" for name in wanted if not held.get(name))


def _unknown_settings(read: Configuration) -> Iterator[str]:
    """A process would not notice: it reads the variables it knows."""
    for name, given in read.services.settings.items():
        entry = next((entry for service, entry in ROSTER.items() if service == name), None)
        if entry is None:
            yield f"{PROJECT}:services.settings.{name}: there is no such service"
            continue
        known = {field.name for field in msgspec.structs.fields(entry.settings)}
        for setting in given.keys() - known:
            yield f"{PROJECT}:services.settings.{name}.{setting}: there is no such setting"


def _missing(secrets: Sealed, *names: str, why: str) -> list[str]:
    absent = [name for name in names if not getattr(secrets, name)]
    return [f"{PROJECT}:secrets.{name}: is missing, and {PROJECT}:{why}" for name in absent]
