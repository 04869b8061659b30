from pathlib import Path

import pytest

from tests.lab.cluster.docker import BASE
from tests.lab.engine.wire import list_at, text_at
from tests.lab.terminal import Kubectl, Stack

pytestmark = pytest.mark.lab

PROGRAM = """
    import pulumi_docker as docker

    image = docker.Image("image", image_name="souk/tried:1", build={{"context": "shop"}}, skip_push=True)
    labels = {{"app": "shop"}}
    container = {{"name": "shop", "image": image.repo_digest, "image_pull_policy": "IfNotPresent"}}
    k8s.apps.v1.Deployment(
        "shop",
        metadata={{"namespace": "{namespace}", "name": "shop"}},
        spec={{
            "selector": {{"match_labels": labels}},
            "template": {{
                "metadata": {{"labels": labels}},
                "spec": {{"termination_grace_period_seconds": 1, "containers": [container]}},
            }},
        }},
    )
    pulumi.export("image", image.repo_digest)
"""

DOCKERFILE = f"""FROM {BASE}
COPY index.html /srv/
USER 12345
CMD ["python3", "-m", "http.server", "--directory", "/srv", "8000"]
"""


@pytest.fixture
def context(stack: Stack) -> Path:
    folder = stack.folder / "shop"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "index.html").write_text("first\n")
    return folder


def test_an_image_is_built_and_its_pods_follow_its_digest(namespace: Kubectl, stack: Stack, context: Path) -> None:
    stack.program(PROGRAM.format(namespace=namespace.namespace))
    stack.up()
    first, unchanged = stack.output("image"), stack.preview()
    (context / "index.html").write_text("second\n")

    shown = stack.preview()
    stack.up()

    assert unchanged == {}
    assert shown["shop"] == "update"
    assert stack.output("image") != first
    running = namespace.get("deployment", "shop")
    (container,) = list_at(running, "spec", "template", "spec", "containers")
    assert text_at(container, "image") == stack.output("image")
    assert text_at(container, "image").startswith("docker.io/souk/tried@sha256:")
