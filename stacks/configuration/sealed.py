"""What a stack keeps secret: one encrypted value, `souk:secrets`, which `stacks.minting` makes for a new stack."""

from typing import Annotated

import pulumi
from msgspec import Meta

from stacks.configuration.words import Name, Strict

Random = Annotated[str, Meta(min_length=24, max_length=255)]
Pem = Annotated[str, Meta(pattern="^-----BEGIN ")]
PemName = Annotated[str, Meta(pattern=r"^[a-z0-9-]+\.pem$")]


class Sealed(Strict, frozen=True, kw_only=True):
    """Text in the open: it goes into resources through `seal` alone."""

    postgres: dict[Name, Random]
    """The administrator's password, by server: `postgres`, or `postgres-orders` where each service has its own."""
    databases: dict[Name, Random]
    """Each service's, for its database."""
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


def seal(text: str) -> pulumi.Output[str]:
    """From here on it is encrypted wherever it is written."""
    return pulumi.Output.secret(text)
