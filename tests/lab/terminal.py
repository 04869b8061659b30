"""What the tests of the lab do things with: kubectl in a namespace, and a small Pulumi project."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at

SHELL = "docker.io/souk-lab/shell:1"
_COMMAND_S = 180.0


class CommandFailed(Exception):
    """Carries what the command printed."""


class Terminal:
    """Runs commands in one environment."""

    def __init__(self, environment: Mapping[str, str], timeout_s: float = _COMMAND_S) -> None:
        self.environment = environment
        self._timeout_s = timeout_s

    def knowing(self, **variables: str) -> "Terminal":
        """Another, with these variables beside its own, or instead of them."""
        return Terminal({**self.environment, **variables}, self._timeout_s)

    def run(self, *command: str, cwd: Path | None = None, given: str = "") -> str:
        """What it prints; raises `CommandFailed` with that."""
        ended = subprocess.run(
            command,
            cwd=cwd,
            env=self.environment,
            input=given,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=self._timeout_s,
        )
        if ended.returncode:
            raise CommandFailed(f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}")
        return ended.stdout


class Kubectl:
    """In one namespace."""

    def __init__(self, terminal: Terminal, namespace: str) -> None:
        self._terminal = terminal
        self.namespace = namespace

    def __call__(self, *arguments: str, given: str = "") -> str:
        return self._terminal.run("kubectl", "--namespace", self.namespace, *arguments, given=given)

    def apply(self, *manifests: Object) -> None:
        """Objects as JSON, which is YAML."""
        listed: Object = {"apiVersion": "v1", "kind": "List", "items": [*manifests]}
        self("apply", "--filename", "-", given=json.dumps(listed))

    def run_pod(self, name: str, *command: str, labels: str = "") -> None:
        """A pod of the shell's image, ready when this returns."""
        labelled = [f"--labels={labels}"] if labels else []
        spec = json.dumps({"spec": {"terminationGracePeriodSeconds": 1}})
        image = [f"--image={SHELL}", "--image-pull-policy=IfNotPresent", f"--overrides={spec}"]
        self("run", name, *image, *labelled, "--", *command)
        self("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")

    def get(self, *what: str) -> Object:
        loaded: Json = json.loads(self("get", *what, "--output=json"))
        return object_at(loaded)


class Stack:
    """A project with one program and one stack."""

    def __init__(self, terminal: Terminal, folder: Path) -> None:
        self._terminal = terminal
        self.folder = folder

    def begin(self) -> None:
        name = f"try-{self.folder.name.replace('_', '-')}"
        (self.folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        self.program("")
        self.pulumi("stack", "init", "lab")

    def end(self) -> None:
        """Idempotent, for tests that destroy it themselves."""
        self.pulumi("destroy", "--yes", "--skip-preview", "--refresh=false")
        self.pulumi("stack", "rm", "--yes")

    def program(self, text: str) -> None:
        """Replace it; `k8s`, `pulumi` and `SHELL`, the image with a shell, are there."""
        beginning = f"import pulumi\nimport pulumi_kubernetes as k8s\n\nSHELL = {SHELL!r}\n"
        (self.folder / "__main__.py").write_text(beginning + dedent(text))

    def up(self) -> dict[str, int]:
        """How many resources were created, updated, deleted, left the same. Raises `CommandFailed`."""
        self.pulumi("up", "--yes", "--skip-preview", "--non-interactive")
        history: Json = json.loads(self.pulumi("stack", "history", "--json", "--page-size", "1"))
        changes = object_at(history[0], "resourceChanges") if isinstance(history, list) and history else {}
        return {kind: count for kind, count in changes.items() if isinstance(count, int)}

    def preview(self, *options: str) -> dict[str, str]:
        """What would happen to each resource that would change, by its logical name."""
        printed = self.pulumi("preview", "--json", "--non-interactive", *options)
        # Warnings about where plugins were found come before the document.
        plan: Json = json.loads(printed[printed.index("{\n") :])
        steps = [object_at(step) for step in list_at(plan, "steps")]
        return {_logical(step): text_at(step, "op") for step in steps if step.get("op") not in {"same", "refresh"}}

    def state(self) -> str:
        """As it is stored."""
        return self.pulumi("stack", "export")

    def output(self, name: str) -> str:
        return self.pulumi("stack", "output", name).strip()

    def pulumi(self, *arguments: str) -> str:
        return self._terminal.run("pulumi", *arguments, "--cwd", str(self.folder))


def eventually(holds: Callable[[], bool], *, timeout_s: float = 60.0) -> bool:
    """Whether it holds in time; a command that fails does not hold."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            if holds():
                return True
        except CommandFailed:
            pass
        if time.monotonic() > deadline:
            return False
        time.sleep(1)


def _logical(step: Object) -> str:
    return text_at(step, "urn").rpartition("::")[2]
