"""All of Souk in the lab: brought up by the repository's own program, and taken down again."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from stacks.configuration.reading import read
from stacks.configuration.shape import Configuration
from stacks.minting import complete
from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at
from tests.lab.souk import project

_UP_S = 1800.0


class PlatformFailed(Exception):
    """Carries the end of what Pulumi said."""


class Platform:
    """Of one folder, in a lab whose variables are `environment`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._environment = environment
        self._say = tell

    def configure(self, images: Mapping[str, str]) -> None:
        """Write the project, and make the secrets that it lacks; those that it has stay."""
        project.write(self._folder, images)
        self._pulumi("stack", "select", "--create", project.STACK)
        known = self._pulumi("config", "get", "souk:secrets").strip() if project.has_secrets(self._folder) else ""
        made = complete(known, [])
        if made != known:
            self._pulumi("config", "set", "--secret", "souk:secrets", given=made)

    def up(self) -> dict[str, int]:
        """How many resources were created, updated, deleted, left the same. Raises `PlatformFailed`."""
        self._say("pulumi up")
        self._pulumi("up", "--yes", "--skip-preview", "--non-interactive")
        history: Json = json.loads(self._pulumi("stack", "history", "--json", "--page-size", "1"))
        changes = object_at(history[0], "resourceChanges") if isinstance(history, list) and history else {}
        return {kind: count for kind, count in changes.items() if isinstance(count, int)}

    def drift(self) -> list[str]:
        """Names of resources that are not as they were declared, asked of the cluster itself."""
        printed = self._pulumi("preview", "--refresh", "--json", "--non-interactive")
        # Warnings about where plugins were found come before the document.
        plan: Json = json.loads(printed[printed.index("{\n") :])
        steps = [object_at(step) for step in list_at(plan, "steps")]
        return [text_at(step, "urn") for step in steps if step.get("op") not in {"same", "refresh"}]

    def tell(self, path: str, value: Json) -> None:
        """Another configuration, until the next `configure`."""
        project.tell(self._folder, path, value)

    def down(self) -> None:
        """Destroy it, and forget the stack."""
        self._pulumi("destroy", "--yes", "--skip-preview", "--non-interactive")
        self._pulumi("stack", "rm", "--yes", project.STACK)

    def outputs(self) -> Object:
        """Of the stack."""
        told: Json = json.loads(self._pulumi("stack", "output", "--json"))
        return object_at(told)

    def staff(self) -> tuple[str, str]:
        """The address and the password of the first member of staff."""
        sealed = self.configuration().secrets
        assert sealed, "the lab's secrets are in its stack's file"
        return sealed.staff_email, sealed.staff_password

    def configuration(self) -> Configuration:
        """As the program reads it."""
        told: Json = json.loads(self._pulumi("config", "--json", "--show-secrets"))
        return read({key: text_at(value, "value") for key, value in object_at(told).items()})

    def _pulumi(self, *arguments: str, given: str = "") -> str:
        command = ["pulumi", *arguments, "--cwd", str(self._folder)]
        ended = subprocess.run(
            command,
            env={**self._environment},
            input=given,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_UP_S,
        )
        if ended.returncode:
            raise PlatformFailed(f"{' '.join(command[:2])} ended with {ended.returncode}:\n{ended.stdout}")
        return ended.stdout
