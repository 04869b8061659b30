"""How a clean stack is spoilt: the kind and name of an object, a path in it, and a value."""

from typing import NamedTuple

TEMPLATE = "spec.template.spec"
MAIN = "spec.template.spec.containers.0"


class Spoilt(NamedTuple):
    """One field that is wrong."""

    kind: str
    name: str
    path: str
    value: object


def orders(path: str, value: object) -> Spoilt:
    return Spoilt("Deployment", "orders", path, value)


def postgres(path: str, value: object) -> Spoilt:
    return Spoilt("StatefulSet", "postgres", path, value)


def backup(path: str, value: object) -> Spoilt:
    return Spoilt("CronJob", "postgres-backup", path, value)


SECRET_URL = "postgresql://souk:hunter2@db/orders"
EVERYWHERE = {"ipBlock": {"cidr": "0.0.0.0/0"}}
COMPONENT = r"app\.kubernetes\.io/component"
VERSION = r"app\.kubernetes\.io/version"
