"""Alerts, as Prometheus has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`expression` has been true `for_minutes`."""

    name: str
    """`OutboxStuck`; its runbook is the file of this name."""
    expression: str
    for_minutes: int
    severity: Literal["critical", "warning"]
    """Somebody gets up; or somebody looks in the morning."""
    summary: str
    """May name labels: `{{ $labels.service }}`."""


def rules_of(alerts: Iterable[Alert], *, group: str, runbooks: str) -> Mapping[str, object]:
    """A rules file, or the spec of a PrometheusRule: they are the same. `runbooks` is the URL of their folder."""
    rules = [
        {
            "alert": alert.name,
            "expr": alert.expression,
            "for": f"{alert.for_minutes}m",
            "labels": {"severity": alert.severity},
            "annotations": {"summary": alert.summary, "runbook_url": f"{runbooks}/{alert.name}.md"},
        }
        for alert in alerts
    ]
    return {"groups": [{"name": group, "rules": rules}]}
