"""Configurations of Prometheus and Alertmanager, and every alert, as their own tools judge them."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from infra.prometheus import CONFIG_DIR
from stacks.observing.alerts import ALERTS
from tests.graders.alerting import STORIES, Series, Story
from tests.graders.manifests import of_kind
from tests.graders.programs import program
from tests.infra.engine import look

pytestmark = pytest.mark.graders

RULES = "alerts.yml"
HOUR = 60
SEVERITIES = {alert.name: alert.severity for alert in ALERTS}


def _files(name: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What the ConfigMaps of this name hold, by stack or variant."""
    for source, manifest in of_kind("ConfigMap"):
        if str(look(manifest, "metadata.name")).startswith(name):
            yield source, msgspec.convert(manifest["data"], dict[str, str])


def _laid_out(files: Mapping[str, str], folder: Path) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text.replace(CONFIG_DIR, str(folder)), encoding="utf-8")
    return folder


def _said_by(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_prometheus_takes_its_configuration_and_rules_without_a_word_of_lint(tmp_path: Path) -> None:
    judged = {}
    for source, files in _files("prometheus-config"):
        folder = _laid_out(files, tmp_path)
        # Outside a pod there is no token to be found; everything else is looked for.
        checked = ("check", "config", "--lint=all", "--lint-fatal", "--syntax-only", folder / "prometheus.yml")
        judged[source] = [
            _said_by(program("promtool"), *checked),
            _said_by(program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", folder / RULES),
        ]

    assert set(judged) >= {"dev", "staging", "prod"}
    assert [(source, said) for source, results in judged.items() for code, said in results if code] == []


def test_the_operator_takes_the_same_rules() -> None:
    ((_, files), *_) = _files("prometheus-config")
    ((_, manifest), *_) = of_kind("PrometheusRule")

    assert manifest["spec"] == msgspec.json.decode(files[RULES])


def test_alertmanager_takes_its_configuration(tmp_path: Path) -> None:
    judged = {}
    for source, files in _files("alertmanager-config"):
        folder = _laid_out(files, tmp_path)
        judged[source] = _said_by(program("amtool"), "check-config", folder / "alertmanager.yml")

    assert set(judged) >= {"dev", "staging", "prod"}
    assert [(source, said) for source, (code, said) in judged.items() if code] == []


def test_every_alert_has_a_story() -> None:
    assert set(STORIES) == set(SEVERITIES)


@pytest.mark.parametrize("name", STORIES)
def test_an_alert_is_raised_when_it_must_be_and_only_then(name: str, tmp_path: Path) -> None:
    story = STORIES[name]
    ((_, files), *_) = _files("prometheus-config")
    folder = _laid_out(files, tmp_path)
    tests = [_test(name, story, story.bad, [_raised(name, story)])]
    tests += [_test(name, story, series, []) for series in story.good]
    plan = {"rule_files": [RULES], "evaluation_interval": "10m" if story.minutes > HOUR else "1m", "tests": tests}
    (folder / "tests.yml").write_bytes(msgspec.json.encode(plan))

    code, said = _said_by(program("promtool"), "test", "rules", folder / "tests.yml")

    assert code == 0, said


def _test(name: str, story: Story, series: Series, raised: list[dict[str, object]]) -> dict[str, object]:
    given = [{"series": one, "values": values} for one, values in series.items()]
    expected = {"eval_time": f"{story.minutes}m", "alertname": name, "exp_alerts": raised}
    return {"interval": "1m", "input_series": given, "alert_rule_test": [expected]}


def _raised(name: str, story: Story) -> dict[str, object]:
    labels = {**story.labels, "severity": SEVERITIES[name]}
    return {
        "exp_labels": labels,
        "exp_annotations": {"summary": story.says, "runbook_url": f"docs/runbooks/{name}.md"},
    }
