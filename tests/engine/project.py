"""The project as a user has it, in a folder of the tests' own, so that no run writes to the repository's files."""

import json
import re
import sys
from pathlib import Path

import msgspec
import yaml

from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at
from tests.lab.terminal import Terminal
from tests.stacks.files import REPOSITORY, secrets

_SHARED = ("Pulumi.yaml", "images", "policies", "stacks")
_IMAGE = "registry.example.com/souk/{}@sha256:" + "0" * 64
GIVEN: Object = {
    "source": "given",
    "service": _IMAGE.format("service"),
    "postgres_client": _IMAGE.format("postgres-client"),
}
"""Nothing here builds images, and no pod runs."""
# `+ 12 created`, `+-1 replaced`, `224 unchanged`, as the engine sums up.
_COUNT = re.compile(r"^    (?:[^\d\s]+ ?)?(\d+) (created|updated|deleted|replaced|unchanged)$", re.MULTILINE)


class Project:
    """Of one folder and one engine."""

    def __init__(self, folder: Path, terminal: Terminal) -> None:
        self._folder = folder
        self._terminal = terminal
        folder.mkdir()
        for name in _SHARED:
            (folder / name).symlink_to(REPOSITORY / name)
        (folder / ".venv").symlink_to(sys.prefix)

    def begin(self, stack: str, like: str) -> "Environment":
        """A new stack that is told what the repository's file of `like` says; it has no secrets yet."""
        (self._folder / f"Pulumi.{stack}.yaml").write_bytes((REPOSITORY / f"Pulumi.{like}.yaml").read_bytes())
        environment = Environment(stack, like, self._folder, self._terminal)
        environment.pulumi("stack", "init", stack)
        return environment


class Environment:
    """One stack of it."""

    def __init__(self, stack: str, like: str, folder: Path, terminal: Terminal) -> None:
        self.stack = stack
        self._like = like
        self._folder = folder
        self._terminal = terminal

    @property
    def judged(self) -> tuple[str, ...]:
        """The options by which the pack of policies judges it, as it judges its like."""
        return ("--policy-pack", "policies", "--policy-pack-config", f"policies/config/{self._like}.json")

    def seen_from(self, terminal: Terminal) -> "Environment":
        """The same stack, for somebody else."""
        return Environment(self.stack, self._like, self._folder, terminal)

    def taking_over(self) -> "Environment":
        """The same stack, for somebody who takes fields back from whoever has taken them."""
        return self.seen_from(self._terminal.knowing(PULUMI_K8S_ENABLE_PATCH_FORCE="true"))

    def tell(self, **concerns: Json) -> None:
        """Change the stack's file: objects are added to, anything else takes the place of what was there."""
        file = self._folder / f"Pulumi.{self.stack}.yaml"
        held: Json = yaml.safe_load(file.read_text())
        given = object_at(held, "config")
        for name, value in concerns.items():
            known = given.get(f"souk:{name}")
            adds = isinstance(value, dict) and isinstance(known, dict) and "source" not in value
            given[f"souk:{name}"] = {**object_at(known), **object_at(value)} if adds else value
        file.write_text(yaml.safe_dump({**object_at(held), "config": given}))

    def keep_secrets(self) -> None:
        """As `make secrets` does."""
        given = msgspec.json.encode(secrets()).decode()
        command = ["pulumi", "config", "set", "--secret", "souk:secrets", "--stack", self.stack]
        self._terminal.run(*command, cwd=self._folder, given=given)

    def preview(self, *options: str) -> dict[str, str]:
        """What would happen to each resource that would change, by its logical name. Raises `CommandFailed`."""
        printed = self.run("preview", "--json", *options)
        # Warnings about where plugins were found come before the document.
        plan: Json = json.loads(printed[printed.index("{\n") :])
        steps = [object_at(step) for step in list_at(plan, "steps")]
        return {_logical(step): text_at(step, "op") for step in steps if step.get("op") not in {"same", "refresh"}}

    def up(self, *options: str) -> dict[str, int]:
        """How many resources were created, updated, unchanged."""
        printed = self.run("up", "--yes", "--skip-preview", *options)
        return {kind: int(count) for count, kind in _COUNT.findall(printed)}

    def destroy(self, *options: str) -> str:
        """What it printed."""
        return self.run("destroy", "--yes", "--skip-preview", *options)

    def state(self) -> str:
        """As it is stored."""
        return self.pulumi("stack", "export", "--stack", self.stack)

    def run(self, command: str, *options: str) -> str:
        """A command of the engine, and what it prints. Raises `CommandFailed`."""
        return self.pulumi(command, "--stack", self.stack, "--non-interactive", *options)

    def pulumi(self, *arguments: str) -> str:
        return self._terminal.run("pulumi", *arguments, cwd=self._folder)


def resources(state: str) -> list[Object]:
    """Those that an exported state knows, but for the providers that come by themselves."""
    loaded: Json = json.loads(state)
    known = [object_at(one) for one in list_at(loaded, "deployment", "resources")]
    return [one for one in known if not text_at(one, "type").startswith("pulumi:providers:")]


def _logical(step: Object) -> str:
    return text_at(step, "urn").rpartition("::")[2]
