"""What a stack keeps secret: one encrypted value, `souk:secrets`, which `stacks.minting` makes for a new stack; or
nothing at all, where a secret manager has it.
"""

from typing import Annotated, Literal

import pulumi
from msgspec import Meta, field

from stacks.configuration.words import Name, Strict, Text

Random = Annotated[str, Meta(min_length=24, max_length=255)]
Pem = Annotated[str, Meta(pattern="^-----BEGIN ")]
DockerConfiguration = Annotated[str, Meta(pattern=r'^\s*\{\s*"auths"\s*:')]
"""`{"auths": {"registry.example.com": {"auth": "…"}}}`, as `docker login` writes it."""
PemName = Annotated[str, Meta(pattern=r"^[a-z0-9-]+\.pem$")]


class Sealed(Strict, frozen=True, kw_only=True):
    """Text in the open: it goes into resources through `seal` alone."""

    postgres: dict[Name, Random]
    """The administrator's password, by server: `postgres`, or `postgres-orders` where each service has its own."""
    databases: dict[Name, Random]
    """Each service's, for its database."""
    brokers: dict[Name, Random] = field(default_factory=dict)
    """Each service's, for the broker, where that is ours or an operator's."""
    redis: Random
    rabbitmq: Random
    rabbitmq_cookie: Random
    elasticsearch: Random
    objects_access_key: str
    objects_secret_key: Random
    keys: dict[Name, dict[PemName, Pem]]
    """Each service's signing keys, by file name; names sort by age."""
    auth_data_key: Random
    staff_email: str
    staff_password: Random
    sandbox_api_key: Random
    sandbox_webhook_secret: Random
    grafana: Random
    """The password of `admin`."""
    mail_url: str | None = None
    """`smtp://user:password@host:587`."""
    stripe_api_key: str | None = None
    stripe_webhook_secret: str | None = None
    tls_certificate: Pem | None = None
    tls_key: Pem | None = None
    alerts_webhook_url: str | None = None
    registry_logins: DockerConfiguration | None = None


class Generated(Strict, frozen=True, kw_only=True, tag_field="source", tag="generated"):
    """`souk:secrets` holds them, encrypted; `make secrets` makes those that are missing."""


class SecretManager(Strict, frozen=True, kw_only=True, tag_field="source", tag="external-secrets"):
    """Vault, or a cloud's manager, which the cluster asks through External Secrets. Pulumi never sees what it holds."""

    store: Name
    """External Secrets' way to the manager; it is in the cluster already."""
    store_kind: Literal["ClusterSecretStore", "SecretStore"] = "ClusterSecretStore"
    path: Annotated[str, Meta(pattern="^[a-zA-Z0-9][a-zA-Z0-9/_-]*$")]
    """What every key begins with: `souk/prod`."""
    separator: Literal["/", "-"] = "/"
    """`-` where the manager allows neither slashes nor underscores in its keys, as Google's and Azure's do not."""
    versions: dict[Text, Text] = field(default_factory=dict)
    """Which version of an entry, in the manager's own words: `redis: "4"`. Another one rolls the pods that read it."""
    alerts_webhook: bool = False
    """Whether the manager has `alerts_webhook_url`."""


def seal(text: str) -> pulumi.Output[str]:
    """From here on it is encrypted wherever it is written."""
    return pulumi.Output.secret(text)
