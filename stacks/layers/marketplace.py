"""The services, each on its own database, behind the gateway."""

from collections.abc import Mapping

import pulumi

from infra.confidential import Confidential
from infra.lifecycle import Shutdown
from infra.rollouts import Analysis
from infra.service import Process, Ranks, Role, Service, ServiceArgs
from services.launch.names import Runnable
from stacks.configuration.shape import Configuration
from stacks.layers.data import Data
from stacks.layers.foundation import Foundation
from stacks.places import Places, prometheus_url, running, url_of
from stacks.roster import HTTP, INTERNAL, ROSTER
from stacks.safe import Single, safe_of
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
        self._safe = safe_of(configuration)

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
            keys=self._safe.keys(name),
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

    def _secrets(self, name: Runnable) -> dict[str, Confidential]:
        data, stores = self._data, ROSTER[name].stores
        kept: dict[str, Confidential] = {field: self._safe.single(single) for field, single in self._kept(name).items()}
        return {
            "database_url": data.databases[name],
            "bus_url": data.brokers[name],
            **({"redis_url": data.cache} if "redis" in stores else {}),
            **({"search_url": data.search} if "elasticsearch" in stores else {}),
            **({"mail_url": CAPTURED} if name == "auth" else {}),
            **kept,
        }

    def _kept(self, name: Runnable) -> Mapping[str, Single]:
        """What the service alone is told: from the field of its settings to the stack's secret."""
        configuration = self._configuration
        sends = configuration.mail.delivery == "smtp"
        mail: Mapping[str, Single] = {"mail_url": "mail_url"} if sends else {}
        own: Mapping[str, Mapping[str, Single]] = {
            "auth": {
                "data_key": "auth_data_key",
                "staff_email": "staff_email",
                "staff_password": "staff_password",
                **mail,
            },
            "orders": SANDBOX if configuration.payments.provider == "sandbox" else STRIPE,
            "sandbox": {"api_key": "sandbox_api_key", "webhook_secret": "sandbox_webhook_secret"},
        }
        return own.get(name, {})


SANDBOX: Mapping[str, Single] = {
    "sandbox_api_key": "sandbox_api_key",
    "sandbox_webhook_secret": "sandbox_webhook_secret",
}
STRIPE: Mapping[str, Single] = {"stripe_api_key": "stripe_api_key", "stripe_webhook_secret": "stripe_webhook_secret"}
CAPTURED_IN = "/tmp/mail.db"  # noqa: S108 - the container's own.
CAPTURED = f"sqlite:///{CAPTURED_IN}"
"""Mail stays in the pod."""


def _payment_settings(configuration: Configuration) -> dict[str, pulumi.Input[str]]:
    payments = configuration.payments
    if payments.provider == "sandbox":
        return {"payment_provider": "sandbox", "sandbox_url": f"http://sandbox:{HTTP}"}
    return {
        "payment_provider": "stripe",
        **({"stripe_return_url": payments.return_url} if payments.return_url else {}),
    }
