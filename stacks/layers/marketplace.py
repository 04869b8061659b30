"""The services, each on its own database, behind the gateway."""

from collections.abc import Mapping

import pulumi

from infra.lifecycle import Shutdown
from infra.rollouts import Analysis
from infra.service import Process, Ranks, Role, Service, ServiceArgs
from services.launch.names import Runnable
from stacks.configuration.sealed import seal
from stacks.configuration.shape import Configuration
from stacks.layers.data import Data
from stacks.layers.foundation import Foundation
from stacks.places import Places, prometheus_url, running, url_of
from stacks.roster import HTTP, INTERNAL, ROSTER
from stacks.sizing import size_of

FAILURES = (
    'sum(rate(souk_http_request_seconds_count{{service="{service}",status=~"5.."}}[2m]))'
    ' / sum(rate(souk_http_request_seconds_count{{service="{service}"}}[2m]))'
)
"""The share of answers that are the service's own fault."""
FAILURES_ALLOWED = 0.01


def lay_marketplace(configuration: Configuration, places: Places, foundation: Foundation, data: Data) -> None:
    """Each service starts once its database is there and migrated."""
    for name in running(configuration):
        Service(name, _Making(configuration, places, foundation, data).args_of(name))


class _Making:
    def __init__(self, configuration: Configuration, places: Places, foundation: Foundation, data: Data) -> None:
        self._configuration = configuration
        self._places = places
        self._foundation = foundation
        self._data = data

    def args_of(self, name: Runnable) -> ServiceArgs:
        given = self._configuration.services
        processes: dict[Role, Process] = {role: self._process(name, role) for role in ROSTER[name].roles}
        return ServiceArgs(
            namespace=self._foundation.services,
            instance=self._places.instance,
            image=self._foundation.service_image,
            processes=processes,
            settings={**self._settings(name), **given.settings.get(name, {})},
            secrets=self._secrets(name),
            keys={file: seal(pem) for file, pem in self._configuration.secrets.keys[name].items()},
            shutdown=Shutdown(unlist_s=given.unlist_s, drain_s=given.drain_s),
            ranks=Ranks(services=self._foundation.ranks["services"], background=self._foundation.ranks["background"]),
            after=self._data.ready,
        )

    def _process(self, name: Runnable, role: Role) -> Process:
        size, is_gateway = size_of(self._configuration, name, role), name == "gateway"
        services: dict[str, str] = {name: "http", **({"gateway-internal": "internal"} if is_gateway else {})}
        return Process(
            scaling=size.scaling,
            resources=size.resources,
            ports=ROSTER[name].ports_of(role, inside=is_gateway),
            services=services if role == "api" else {},
            strategy=size.strategy,
            analysis=None if size.strategy == "rolling" else self._analysis(name),
        )

    def _analysis(self, name: str) -> Analysis:
        url = prometheus_url(self._configuration, self._places)
        return Analysis(prometheus_url=url, query=FAILURES.format(service=name), limit=FAILURES_ALLOWED)

    def _settings(self, name: Runnable) -> dict[str, pulumi.Input[str]]:
        configuration = self._configuration
        services, site = configuration.services, url_of(configuration, configuration.edge.host)
        everyone: dict[str, pulumi.Input[str]] = {
            "port": str(HTTP),
            "gateway_internal_url": f"http://gateway-internal:{INTERNAL}",
            "log_level": services.log_level,
            "database_pool": str(services.database_pool),
            **({"otlp_endpoint": services.otlp_endpoint} if services.otlp_endpoint else {}),
        }
        own: Mapping[str, dict[str, pulumi.Input[str]]] = {
            "gateway": {
                "internal_port": str(INTERNAL),
                "trusted_proxies": ",".join(configuration.edge.trusted_proxies),
            },
            "auth": {"site_url": site, "mail_from": configuration.mail.sender},
            "orders": _payment_settings(configuration),
            "sandbox": {"webhook_url": f"http://gateway:{HTTP}/api/v1/payments/webhooks/sandbox"},
        }
        return everyone | own.get(name, {})

    def _secrets(self, name: Runnable) -> dict[str, pulumi.Input[str]]:
        secrets, data = self._configuration.secrets, self._data
        own: Mapping[str, Mapping[str, str | None]] = {
            "auth": {
                "data_key": secrets.auth_data_key,
                "staff_email": secrets.staff_email,
                "staff_password": secrets.staff_password,
                "mail_url": secrets.mail_url or CAPTURED,
            },
            "orders": _payment_secrets(self._configuration),
            "sandbox": {"api_key": secrets.sandbox_api_key, "webhook_secret": secrets.sandbox_webhook_secret},
        }
        stores = ROSTER[name].stores
        return {
            "database_url": data.databases[name],
            "bus_url": data.broker,
            **({"redis_url": data.cache} if "redis" in stores else {}),
            **({"search_url": data.search} if "elasticsearch" in stores else {}),
            **{field: seal(text) for field, text in own.get(name, {}).items() if text is not None},
        }


CAPTURED = "sqlite:////tmp/mail.db"
"""Mail stays in the pod."""


def _payment_settings(configuration: Configuration) -> dict[str, pulumi.Input[str]]:
    payments = configuration.payments
    if payments.provider == "sandbox":
        return {"payment_provider": "sandbox", "sandbox_url": f"http://sandbox:{HTTP}"}
    return {
        "payment_provider": "stripe",
        **({"stripe_return_url": payments.return_url} if payments.return_url else {}),
    }


def _payment_secrets(configuration: Configuration) -> Mapping[str, str | None]:
    secrets = configuration.secrets
    if configuration.payments.provider == "sandbox":
        return {
            "sandbox_api_key": secrets.sandbox_api_key,
            "sandbox_webhook_secret": secrets.sandbox_webhook_secret,
        }
    return {"stripe_api_key": secrets.stripe_api_key, "stripe_webhook_secret": secrets.stripe_webhook_secret}
