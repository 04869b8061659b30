"""Alerts that lead somewhere."""

from collections.abc import Mapping

from policies.lens import Lens, Metadata
from policies.rules import Findings, Level, on_kinds

SEVERITIES = frozenset({"critical", "warning", "info"})


class AlertRule(Lens, frozen=True):
    """Of a PrometheusRule: an alert, or a recording rule, which has no `alert`."""

    alert: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}


class RuleGroup(Lens, frozen=True):
    """Of a PrometheusRule."""

    rules: tuple[AlertRule, ...] = ()


class PrometheusRuleSpec(Lens, frozen=True):
    """Of a PrometheusRule."""

    groups: tuple[RuleGroup, ...] = ()


class PrometheusRule(Lens, frozen=True):
    """PrometheusRule of monitoring.coreos.com/v1."""

    metadata: Metadata = Metadata()
    spec: PrometheusRuleSpec = PrometheusRuleSpec()

    @property
    def alerts(self) -> tuple[AlertRule, ...]:
        """Of all groups."""
        return tuple(rule for group in self.spec.groups for rule in group.rules if rule.alert)


@on_kinds({"PrometheusRule": PrometheusRule}, why="At three in the morning nobody knows what to do by heart.")
def alert_has_a_runbook(rules: PrometheusRule) -> Findings:
    """Alerts have a summary and the address of a runbook."""
    for alert in rules.alerts:
        for name in ("summary", "runbook_url"):
            if not alert.annotations.get(name):
                yield f"{alert.alert} has no {name}"


@on_kinds(
    {"PrometheusRule": PrometheusRule},
    why="Alerts are sent on by severity: one without goes nowhere.",
    level=Level.ADVISORY,
)
def alert_has_a_severity(rules: PrometheusRule) -> Findings:
    """Alerts are critical, warning or info."""
    for alert in rules.alerts:
        if alert.labels.get("severity") not in SEVERITIES:
            yield f"{alert.alert} is {alert.labels.get('severity', 'of no severity')}"


POLICIES = (alert_has_a_runbook, alert_has_a_severity)
