from pathlib import Path

from pulumi.runtime.proto.language_pb2 import ProgramInfo, RunRequest

from tests.lab.engine.language_host import plugin_arguments, run_command


def request(*, dry: bool = False, entry: str = "") -> RunRequest:
    info = ProgramInfo(root_directory="/souk", program_directory="/souk/stacks", entry_point=entry)
    return RunRequest(project="souk", stack="dev", monitor_address="127.0.0.1:1", parallel=4, dryRun=dry, info=info)


def test_a_program_is_told_where_its_monitor_and_its_engine_are() -> None:
    said = " ".join(run_command(request(), "127.0.0.1:2", "python"))

    assert "--monitor 127.0.0.1:1 --engine 127.0.0.1:2 --project souk --stack dev" in said
    assert said.endswith("--parallel 4 /souk/stacks")


def test_a_preview_is_told_that_it_is_one() -> None:
    assert "--dry-run" in run_command(request(dry=True), "", "python")
    assert "--dry-run" not in run_command(request(), "", "python")


def test_an_entry_point_is_found_in_the_programs_folder() -> None:
    assert run_command(request(entry="other.py"), "", "python")[-1] == "/souk/stacks/other.py"


def test_a_policy_pack_is_run_by_pulumi_and_another_plugin_by_itself(tmp_path: Path) -> None:
    assert plugin_arguments(tmp_path, ["127.0.0.1:2"]) == [str(tmp_path), "127.0.0.1:2"]

    (tmp_path / "PulumiPolicy.yaml").touch()

    assert plugin_arguments(tmp_path, ["127.0.0.1:2"]) == ["-m", "pulumi.policy", "127.0.0.1:2", str(tmp_path)]
