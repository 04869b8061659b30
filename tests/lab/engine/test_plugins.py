from importlib.metadata import version
from pathlib import Path

import pytest

from tests.lab.engine.plugins import assemble, pulumi_home


@pytest.fixture
def pulumi(tmp_path: Path) -> Path:
    """One that can download no plugins."""
    script = tmp_path / "built" / "pulumi"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    return script


@pytest.mark.embedded
def test_stand_ins_are_used_where_nothing_else_is_to_be_had(tmp_path: Path, pulumi: Path) -> None:
    told: list[str] = []

    for _ in range(2):
        assemble(tmp_path / "bin", pulumi, tmp_path / "home", told.append)

    # Its own pulumi and host for programs are left out on a machine that has a release of Pulumi.
    assert {path.name for path in (tmp_path / "bin").iterdir()} >= {
        "pulumi-resource-docker",
        "pulumi-resource-kubernetes",
    }
    assert "the official kubernetes plugin is not to be had, so a stand-in is used" in told


@pytest.mark.embedded
def test_an_official_plugin_wins_also_when_it_comes_later(tmp_path: Path, pulumi: Path) -> None:
    assemble(tmp_path / "bin", pulumi, tmp_path / "home", lambda _: None)
    (tmp_path / "home" / "plugins" / f"resource-kubernetes-v{version('pulumi-kubernetes')}").mkdir(parents=True)

    assemble(tmp_path / "bin", pulumi, tmp_path / "home", lambda _: None)

    assert not (tmp_path / "bin" / "pulumi-resource-kubernetes").exists()
    assert (tmp_path / "bin" / "pulumi-resource-docker").exists()


def test_plugins_are_looked_for_where_the_user_keeps_them(tmp_path: Path) -> None:
    there, other = tmp_path / "there", tmp_path / "other"
    there.mkdir()

    assert pulumi_home({"PULUMI_HOME": str(there)}, other) == there
    assert pulumi_home({"PULUMI_HOME": str(tmp_path / "nowhere")}, other) == other
