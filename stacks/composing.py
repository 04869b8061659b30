"""Layer on layer, and what a stack tells of itself in the end."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.address import SecretReference
from stacks.configuration.shape import Configuration
from stacks.layers.data import lay_data
from stacks.layers.foundation import lay_foundation
from stacks.layers.front import lay_front
from stacks.layers.marketplace import CAPTURED_IN, lay_marketplace
from stacks.layers.monitoring import lay_monitoring
from stacks.places import Places, places_of, url_of


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Of the stack; none of it is secret."""

    url: str
    api: str
    documentation: str
    dashboards: str | None
    captured_mail: str | None
    """The command that prints the newest, where mail is captured; it is in the pod that would have sent it."""
    images: Mapping[str, pulumi.Input[str]]
    administrator_passwords: Mapping[str, pulumi.Output[str]]
    """The command that prints each."""


def compose(stack: str, configuration: Configuration) -> Outputs:
    """Declares everything."""
    places = places_of(stack, configuration)
    foundation = lay_foundation(configuration, places)
    data = lay_data(configuration, places, foundation)
    lay_marketplace(configuration, places, foundation, data)
    lay_front(configuration, places, foundation)
    watching = lay_monitoring(configuration, places, foundation)
    site = url_of(configuration, configuration.edge.host)
    kept = {server: address.secret for server, address in data.administrators.items()}
    return Outputs(
        url=site,
        api=f"{site}/api/v1",
        documentation=f"{site}/api/v1/docs",
        dashboards=watching.dashboards,
        captured_mail=_how_to_read(places) if configuration.mail.delivery == "captured" else None,
        images={"service": foundation.service_image.reference, "postgres-client": foundation.client_image.reference},
        administrator_passwords={
            name: _how_to_see(secret) for name, secret in {**kept, "grafana": watching.password}.items() if secret
        },
    )


def _how_to_read(places: Places) -> str:
    newest = "select * from mail order by seq desc limit 10"
    script = f"import sqlite3; print(*sqlite3.connect('{CAPTURED_IN}').execute('{newest}'), sep=chr(10))"
    return f'kubectl exec -n {places.services} deployment/auth-worker -- python3 -c "{script}"'


def _how_to_see(kept: SecretReference) -> pulumi.Output[str]:
    path = f"-o jsonpath='{{.data.{kept.key}}}' | base64 -d"
    return pulumi.Output.concat("kubectl get secret -n ", kept.namespace, " ", kept.name, " ", path)
