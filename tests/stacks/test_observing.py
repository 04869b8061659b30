import re

import pytest
from prometheus_client import CollectorRegistry

from infra.alerting import Alert
from services.chassis.telemetry.metrics import Metrics
from services.gateway.proxy.metering import Meter
from stacks.observing.alerts import ALERTS
from stacks.observing.dashboards import dashboards
from tests.infra.engine import look
from tests.stacks.files import REPOSITORY

RUNBOOKS = REPOSITORY / "docs" / "runbooks"
SUFFIXES = ("", "_total", "_bucket", "_count", "_sum")


@pytest.fixture(scope="module")
def known() -> set[str]:
    """What Souk's processes show."""
    registry = CollectorRegistry()
    Metrics(registry)
    meter = Meter("public", registry)
    meter.gauge("circuit_open", "1 while a service is left alone", list)
    names = {metric.name for metric in registry.collect()}
    return {f"{name}{suffix}" for name in names for suffix in SUFFIXES}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_an_alert_has_a_runbook(alert: Alert) -> None:
    text = (RUNBOOKS / f"{alert.name}.md").read_text()

    assert text.startswith(f"# {alert.name}\n")


def test_a_runbook_has_an_alert() -> None:
    files = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}

    assert files == {alert.name for alert in ALERTS}


def test_runbooks_lead_to_runbooks_that_exist() -> None:
    links = {link for path in RUNBOOKS.glob("*.md") for link in re.findall(r"\]\(([^)]+)\)", path.read_text())}

    assert [link for link in links if not (RUNBOOKS / link).exists()] == []


def test_alerts_ask_for_metrics_that_souk_has(known: set[str]) -> None:
    asked = {name for alert in ALERTS for name in re.findall(r"souk_\w+", alert.expression)}

    assert asked - known == set()


def test_dashboards_ask_for_metrics_that_souk_has(known: set[str]) -> None:
    asked = set(re.findall(r"souk_\w+", str(dashboards())))

    assert asked - known == set()


def test_no_panel_covers_another() -> None:
    for dashboard in dashboards().values():
        panels = dashboard["panels"]
        assert isinstance(panels, list)
        places = [(look(panel, "gridPos.x"), look(panel, "gridPos.y")) for panel in panels]
        assert len(places) == len(set(places))
