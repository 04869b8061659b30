from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from stacks.rendering.__main__ import main
from stacks.rendering.files import dump, files_of, write
from stacks.rendering.steps import STEPS, Manifest, Placed, arrange, folder, step_of
from stacks.rendering.values import Unrenderable, values_for
from tests.infra.engine import Value, look
from tests.stacks.files import REPOSITORY, STACKS
from tests.stacks.rendered import CHOICES, declared, kept, placed, rendered, repository_of
from tests.stacks.test_stacks import all_before

CLAIM: Manifest = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "d", "namespace": "n"}}
WAVE = r"argocd.argoproj.io/sync-wave"

every_stack = pytest.mark.parametrize("stack", STACKS)


@every_stack
def test_a_stack_is_rendered_as_it_was_last_reviewed(stack: str) -> None:
    fresh, golden = rendered(stack), kept(stack)

    differing = sorted(path for path in fresh.keys() | golden.keys() if fresh.get(path) != golden.get(path))

    assert differing == [], "`make golden` renews them; the diff is what the change does to the cluster"


@every_stack
def test_nothing_that_runs_comes_in_an_earlier_step_than_what_it_waits_for(stack: str) -> None:
    made = declared(stack)
    before = {one.urn: one.depends_on for one in made.resources}
    steps = {one.urn: step_of(dict(one.inputs)) for one in made.objects()}

    running = {urn: step for urn, step in steps.items() if step >= STEPS.index("stores")}
    early = [
        (urn, earlier)
        for urn, step in running.items()
        for earlier in all_before(urn, before) & running.keys()
        if step < running[earlier]
    ]

    assert early == []


@every_stack
def test_no_secret_and_no_loose_image_of_ours_is_written(stack: str) -> None:
    texts = kept(stack)

    loaded = [yaml.safe_load(text) for path, text in texts.items() if path.startswith("manifests/")]
    assert [look(one, "metadata.name") for one in loaded if one["kind"] == "Secret"] == []
    images = {image for one in loaded for image in _images(one) if image.startswith("registry.example.com/")}
    assert images
    assert [image for image in images if "@sha256:" not in image] == []


@every_stack
def test_each_step_is_a_wave_and_a_kustomization_after_the_one_before(stack: str) -> None:
    files = rendered(stack)

    chain = [one for one in yaml.safe_load_all(files["flux.yaml"]) if one["kind"] == "Kustomization"]
    paths = [one["spec"]["path"] for one in chain]
    assert paths == [f"./stacks/{stack}/manifests/{folder(step)}" for step in range(len(STEPS))]
    after = [one["spec"].get("dependsOn", [{"name": None}])[0]["name"] for one in chain]
    assert after == [None, *(one["metadata"]["name"] for one in chain[:-1])]
    assert {path.split("/")[1] for path in files if path.startswith("manifests/")} == {
        folder(step) for step in range(len(STEPS))
    }
    assert yaml.safe_load(files["argocd.yaml"])["spec"]["source"]["path"] == f"stacks/{stack}/manifests"


def test_a_manifest_carries_its_wave_and_nothing_of_pulumi() -> None:
    for one in placed("prod"):
        annotations = look(one.manifest, "metadata.annotations")
        assert isinstance(annotations, dict)
        assert annotations[WAVE] == one.path.split("-")[0]
        assert [key for key in annotations if key.startswith("pulumi.com/")] == []


@pytest.mark.parametrize(("keep", "noted"), [(True, "disabled"), (False, None)])
def test_data_is_not_pruned_where_it_is_protected(keep: bool, noted: str | None) -> None:  # noqa: FBT001 - a case.
    (claim,) = arrange([CLAIM], keep=keep)

    annotations = look(claim.manifest, "metadata.annotations")
    assert isinstance(annotations, dict)
    assert annotations.get("kustomize.toolkit.fluxcd.io/prune") == noted
    assert ("argocd.argoproj.io/sync-options" in annotations) is keep


def test_a_plain_secret_is_refused() -> None:
    secret: Manifest = {"kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"key": "hunter2"}}

    with pytest.raises(Unrenderable, match="the Secret keys would be written in plain text") as refused:
        arrange([secret], keep=False)

    assert "hunter2" not in str(refused.value)


def test_two_objects_of_one_name_are_refused() -> None:
    with pytest.raises(Unrenderable, match=r"two objects would be 2-stores/persistentvolumeclaim-n-d\.yaml"):
        arrange([CLAIM, CLAIM], keep=False)


def test_images_without_a_digest_are_refused() -> None:
    loose = replace(CHOICES, client_image="registry.example.com/souk/postgres-client:latest")

    with pytest.raises(Unrenderable, match="no digest is known of the image of postgres_client"):
        values_for("prod", REPOSITORY / "Pulumi.prod.yaml", loose)


def test_a_manager_that_the_stack_names_itself_stays(tmp_path: Path) -> None:
    file, manager = tmp_path / "Pulumi.own.yaml", {"source": "external-secrets", "store": "vault", "path": "a/b"}
    file.write_text(yaml.safe_dump({"config": {"souk:secrets_from": manager, "souk:secrets": {"secure": "v1:…"}}}))

    values = values_for("own", file, CHOICES)

    assert values["souk:secrets_from"] == manager
    assert "souk:secrets" not in values


def test_yaml_reads_back_as_what_it_was() -> None:
    manifest: Manifest = {"spec": {"replicas": 2.0, "share": 0.5, "script": "a\n  b\n", "text": "yes", "list": [CLAIM]}}

    read = yaml.safe_load(dump(manifest))

    assert read == manifest
    assert "replicas: 2\n" in dump(manifest)
    assert "script: |\n" in dump(manifest)


def test_what_was_rendered_before_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    write(tmp_path, {"manifests/2-stores/gone.yaml": "old"})
    (tmp_path / "README.md").write_text("ours")

    write(tmp_path, files_of("dev", [Placed(path="2-stores/d.yaml", manifest=CLAIM)], None))

    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == {
        "README.md",
        "manifests/2-stores/d.yaml",
    }


@pytest.mark.parametrize("arguments", [["nowhere", "out"], ["prod", "out"]])
def test_what_cannot_be_rendered_is_said_and_nothing_is_written(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    status = main(arguments)

    assert status == 1
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_argo_and_flux_are_told_only_where_a_repository_is_named() -> None:
    placed_once = [Placed(path="2-stores/d.yaml", manifest=CLAIM)]

    assert files_of("dev", placed_once, None).keys() == {"manifests/2-stores/d.yaml"}
    assert files_of("dev", placed_once, repository_of("dev")).keys() >= {"argocd.yaml", "flux.yaml"}


def _images(value: Value) -> list[str]:
    if isinstance(value, Mapping):
        own = [value["image"]] if isinstance(value.get("image"), str) else []
        return [*map(str, own), *(image for item in value.values() for image in _images(item))]
    return [image for item in value for image in _images(item)] if isinstance(value, list) else []
