import json
from dataclasses import replace

from infra.alertmanager import Alertmanager
from infra.grafana import Grafana
from infra.monitors import Monitors
from infra.prometheus import Prometheus
from tests.infra.engine import Declarations, Declared, Value, declare, look
from tests.infra.every import ALERTMANAGER, EVERY, GRAFANA
from tests.infra.examples import PASSWORD

POD = "spec.template.spec"
RULE = {
    "alert": "OutboxStuck",
    "expr": "age > 60",
    "for": "5m",
    "labels": {"severity": "critical"},
    "annotations": {"summary": "Events wait", "runbook_url": "docs/runbooks/OutboxStuck.md"},
}


def test_prometheus_scrapes_the_ports_called_metrics_and_no_other() -> None:
    scraped = _file(declare(EVERY[Prometheus]).one("ConfigMap"), "prometheus.yml")

    kept = look(scraped, "scrape_configs.0.relabel_configs.0")
    assert look(kept, "action") == "keep"
    assert look(kept, "source_labels") == ["__meta_kubernetes_pod_container_port_name"]
    assert look(kept, "regex") == "metrics"
    assert look(scraped, "scrape_configs.0.kubernetes_sd_configs.0.namespaces.names") == ["souk", "souk-data"]


def test_prometheus_may_see_pods_and_nothing_else() -> None:
    made = declare(EVERY[Prometheus])

    assert {str(one.at("metadata.namespace")) for one in made.of("Role")} == {"souk", "souk-data"}
    rules = [one.at("rules") for one in made.of("Role")]
    assert rules == [[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]] * 2
    assert made.of("ClusterRole") == []


def test_prometheus_has_a_token_that_expires() -> None:
    server = declare(EVERY[Prometheus]).one("StatefulSet")

    assert server.at(f"{POD}.automountServiceAccountToken") is False
    volumes = server.at(f"{POD}.volumes")
    assert isinstance(volumes, list)
    tokens = [look(one, "projected.sources.0.serviceAccountToken.expirationSeconds") for one in volumes]
    assert 3600 in tokens


def test_an_alert_names_its_runbook() -> None:
    rules = _file(declare(EVERY[Prometheus]).one("ConfigMap"), "alerts.yml")

    assert look(rules, "groups.0.rules") == [RULE]


def test_the_operator_is_told_the_same_rules() -> None:
    made = declare(EVERY[Monitors])

    assert made.one("PrometheusRule").at("spec.groups.0.rules") == [RULE]
    assert look(made.one("PrometheusRule").at("metadata.labels"), "release") == "stack"
    assert made.one("PodMonitor").at("spec.podMetricsEndpoints.0.port") == "metrics"


def test_alerts_go_to_a_webhook_whose_address_is_a_secret() -> None:
    made = declare(EVERY[Alertmanager])

    hook = look(_file(made.one("ConfigMap"), "alertmanager.yml"), "receivers.0.webhook_configs.0")
    assert look(hook, "url_file") == "/run/secrets/alertmanager/webhook_url"
    assert made.one("Secret").at("stringData") == {"webhook_url": f"https://hooks.example/{PASSWORD}"}


def test_without_a_webhook_alerts_go_to_nobody() -> None:
    made = declare(lambda: Alertmanager("alertmanager", replace(ALERTMANAGER, webhook_url=None)))

    assert made.of("Secret") == []
    assert look(_file(made.one("ConfigMap"), "alertmanager.yml"), "receivers") == [{"name": "everybody"}]


def test_dashboards_are_files_and_everyone_logs_in() -> None:
    made = declare(EVERY[Grafana])

    assert _file(made.one("ConfigMap", "grafana-dashboards"), "shop.json") == {"title": "The shop"}
    assert made.one("Secret").at("stringData") == {"password": PASSWORD}
    assert _variable(made, "GF_SECURITY_ADMIN_PASSWORD__FILE") == "/run/secrets/grafana/password"


def test_a_changed_dashboard_rolls_grafana() -> None:
    other = replace(GRAFANA, dashboards={"shop.json": {"title": "Another"}})

    first, second = declare(EVERY[Grafana]), declare(lambda: Grafana("grafana", other))

    assert first.one("Deployment").at(POD) != second.one("Deployment").at(POD)


def _file(holder: Declared, name: str) -> Value:
    entries = holder.at("data")
    assert isinstance(entries, dict)
    read: Value = json.loads(str(entries[name]))
    return read


def _variable(made: Declarations, name: str) -> Value:
    variables = made.one("Deployment").at(f"{POD}.containers.0.env")
    assert isinstance(variables, list)
    return next(look(one, "value") for one in variables if look(one, "name") == name)
