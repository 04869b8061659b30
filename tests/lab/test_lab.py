from pathlib import Path

import pytest

from tests.lab.__main__ import main
from tests.lab.lab import GIVEN, Lab


def lab(tmp_path: Path, **environment: str) -> Lab:
    return Lab({"XDG_CACHE_HOME": str(tmp_path), "PATH": "/usr/bin", **environment}, lambda _: None)


def test_a_cluster_that_is_named_is_used_and_no_node_is_run(tmp_path: Path) -> None:
    given = lab(tmp_path, **{GIVEN: "/elsewhere/kubeconfig"})

    assert given.variables()["KUBECONFIG"] == "/elsewhere/kubeconfig"
    assert "SOUK_LAB_CONTAINERD" not in given.variables()
    assert given.status() == {}


def test_a_kubeconfig_that_is_only_there_is_not_used(tmp_path: Path) -> None:
    own = lab(tmp_path, KUBECONFIG="/production/kubeconfig")

    assert own.variables()["KUBECONFIG"] == "/var/lib/souk-lab/kubeconfig"


def test_the_labs_programs_come_before_others_and_stacks_stay_on_this_machine(tmp_path: Path) -> None:
    variables = lab(tmp_path).variables()

    assert variables["PATH"] == "/var/lib/souk-lab/bin:/usr/bin"
    assert variables["PULUMI_BACKEND_URL"].startswith("file:///")


@pytest.mark.parametrize("arguments", [[], ["start"], ["up", "now"]])
def test_an_unknown_command_is_answered_with_those_that_there_are(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "up|cluster|down|status|env" in capsys.readouterr().err
