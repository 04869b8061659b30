"""What a stack may be told beyond what those of the repository are told."""

from collections.abc import Mapping
from functools import cache

import msgspec

from stacks.composing import compose
from stacks.configuration.reading import read
from tests.infra.engine import Declarations, declare
from tests.stacks.files import changed, secrets

ELSEWHERE = {"engine": "external", "host": "store.example", "user": "souk", "cidr": "192.0.2.0/28"}
PEM = "-----BEGIN CERTIFICATE-----"
HOOK = "https://hooks.example/a-secret-path"

VARIANTS: dict[str, dict[str, Mapping[str, object] | None]] = {
    "every store elsewhere": {
        "postgres": ELSEWHERE,
        "redis": ELSEWHERE,
        "rabbitmq": ELSEWHERE,
        "elasticsearch": ELSEWHERE,
    },
    "memory that follows use": {"services": {"every": {"replicas": 1, "vertical_memory": True}, "database_pool": 4}},
    "every store elsewhere, by TLS": {
        "postgres": {**ELSEWHERE, "sslmode": "verify-full"},
        "redis": {**ELSEWHERE, "scheme": "rediss"},
        "rabbitmq": {**ELSEWHERE, "scheme": "amqps"},
        "elasticsearch": ELSEWHERE,
    },
    "a search server that asks for a password": {"elasticsearch": {"engine": "statefulset", "password": True}},
    "as little as possible": {
        "objects": None,
        "backups": None,
        "monitoring": {"engine": "none"},
        "upstream": {"pull": "IfNotPresent", "instead": {"postgres": "docker.io/local/postgres:1.0"}},
    },
    "every store an operator's": {
        "postgres": {"engine": "operator", "per_service": True},
        "redis": {"engine": "operator"},
        "rabbitmq": {"engine": "operator"},
        "elasticsearch": {"engine": "operator"},
        "monitoring": {"engine": "operator"},
    },
    "a gateway with a given certificate": {
        "edge": {"host": "souk.example", "kind": "gateway", "class_name": "istio", "tls": {"from": "secrets"}},
        "monitoring": {"engine": "plain", "dashboards_host": "dashboards.souk.example"},
        "secrets": {
            **msgspec.to_builtins(secrets()),
            "tls_certificate": PEM,
            "tls_key": PEM,
            "alerts_webhook_url": HOOK,
        },
    },
    "registries that want a login": {
        "upstream": {"login": True},
        "postgres": {"engine": "operator"},
        "redis": {"engine": "operator"},
        "rabbitmq": {"engine": "operator"},
        "elasticsearch": {"engine": "operator"},
    },
    "in a mesh": {"mesh": {}},
    "snapshots": {"snapshots": {"class_name": "csi", "keep": 3}},
    "blue and green": {"services": {"database_pool": 1, "every": {"strategy": "bluegreen", "most": 4}}},
}


@cache
def variant(name: str) -> Declarations:
    configuration = read(changed("dev", **VARIANTS[name]))
    return declare(lambda: compose("dev", configuration))
