"""Makes, changes, reads and removes objects, in a cluster or in a folder of YAML files."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Protocol

from msgspec import Struct
from pulumi.runtime.proto.provider_pb2 import ErrorResourceInitFailed

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Object, object_at, opened_object, sent, text_at
from tests.lab.kubernetes import rendering
from tests.lab.kubernetes.awaiting import NotReady, Patience, seconds, until_gone, until_ready
from tests.lab.kubernetes.cluster import Cluster, ServerRefused
from tests.lab.kubernetes.objects import (
    PATCH_FORCE,
    PROPAGATION,
    SKIP_AWAIT,
    annotation,
    identity,
    is_patch,
    is_set,
    kind_of_type,
    name_of,
    stub,
)
from tests.lab.kubernetes.reading import drifted, imported, outputs

_MANAGER = "pulumi-kubernetes"
_CONFLICT = 409


class Asked(Struct, frozen=True, kw_only=True):
    """What the engine says about the resource beside its inputs."""

    urn: str
    token: str
    timeout_s: float
    is_wanted: Callable[[], bool]
    tell: Callable[[str], None]

    @property
    def manager(self) -> str:
        """Who owns the fields: a patch has its own name, so that its end gives back its fields alone."""
        if not is_patch(self.token):
            return _MANAGER
        return f"{_MANAGER}-{hashlib.sha256(self.urn.encode()).hexdigest()[:8]}"

    def patience(self, manifest: Object) -> Patience:
        """How long to wait for it."""
        return Patience(seconds=seconds(manifest, self.timeout_s), is_wanted=self.is_wanted, tell=self.tell)


class Resources(Protocol):
    """Where objects go. Inputs come as the engine sent them; outputs are what it records."""

    def foresee(self, inputs: Object, asked: Asked) -> Object:
        """The outputs that applying would give."""

    def create(self, inputs: Object, asked: Asked) -> tuple[str, Object]:
        """The id and the outputs, when it is ready."""

    def update(self, inputs: Object, olds: Object, asked: Asked) -> tuple[str, Object]:
        """The id and the outputs, when it is ready."""

    def read(self, known_as: str, inputs: Object, asked: Asked) -> tuple[Object, Object] | None:
        """Inputs and outputs as they are now; None when it is gone."""

    def delete(self, known_as: str, inputs: Object, asked: Asked) -> None:
        """Return when it is gone."""


class Files:
    """Objects as YAML files. What an update leaves out is removed, as in a cluster."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def foresee(self, inputs: Object, _: Asked) -> Object:
        return inputs

    def create(self, inputs: Object, _: Asked) -> tuple[str, Object]:
        manifest = opened_object(inputs)
        rendering.render(self._folder, manifest)
        return identity(manifest), inputs

    def update(self, inputs: Object, olds: Object, asked: Asked) -> tuple[str, Object]:
        rendering.forget(self._folder, opened_object(olds))
        return self.create(inputs, asked)

    def read(self, _: str, inputs: Object, __: Asked) -> tuple[Object, Object] | None:
        return (inputs, inputs) if rendering.place(self._folder, opened_object(inputs)).exists() else None

    def delete(self, _: str, inputs: Object, __: Asked) -> None:
        rendering.forget(self._folder, opened_object(inputs))


class Live:
    """Objects in a cluster."""

    def __init__(self, cluster: Cluster, *, force: bool = False) -> None:
        self._cluster = cluster
        self._force = force

    def foresee(self, inputs: Object, asked: Asked) -> Object:
        manifest = opened_object(inputs)
        try:
            return outputs(self._try(manifest, asked), inputs)
        except ServerRefused as refused:
            # Its namespace, or the definition of its kind, may come with the same update.
            if refused.is_missing:
                return inputs
            _refuse(refused)

    def create(self, inputs: Object, asked: Asked) -> tuple[str, Object]:
        manifest = opened_object(inputs)
        try:
            if name_of(manifest):
                return self._settle(self._apply(manifest, asked), inputs, asked)
            return self._settle(self._cluster.create(manifest, manager=asked.manager), inputs, asked)
        except ServerRefused as refused:
            _refuse(refused)

    def update(self, inputs: Object, _: Object, asked: Asked) -> tuple[str, Object]:
        manifest = opened_object(inputs)
        if not name_of(manifest):
            raise Refused("an object named by generateName cannot be changed in place")
        return self.create(inputs, asked)

    def read(self, known_as: str, inputs: Object, asked: Asked) -> tuple[Object, Object] | None:
        try:
            live = self._cluster.get(stub(kind_of_type(asked.token), known_as))
        except ServerRefused as refused:
            if refused.is_missing:
                return None
            _refuse(refused)
        if not inputs:
            return imported(live), outputs(live, imported(live))
        current = drifted(inputs, self._expected(inputs, asked), live)
        return current, outputs(live, current)

    def delete(self, known_as: str, inputs: Object, asked: Asked) -> None:
        manifest = stub(kind_of_type(asked.token), known_as)
        wish = opened_object(inputs)
        try:
            if is_patch(asked.token):
                # Applying nothing gives the patch's fields back.
                self._cluster.apply(manifest, manager=asked.manager)
                return
            self._cluster.delete(manifest, propagation=annotation(wish, PROPAGATION).capitalize() or "Foreground")
            if not is_set(wish, SKIP_AWAIT):
                until_gone(self._cluster, manifest, asked.patience(wish))
        except ServerRefused as refused:
            if not refused.is_missing:
                _refuse(refused)
        except NotReady as late:
            raise Refused(late.reason) from late

    def _apply(self, manifest: Object, asked: Asked, *, dry_run: bool = False) -> Object:
        # A preview shows what would change even where the update will be refused the field by another owner.
        force = dry_run or self._force or is_set(manifest, PATCH_FORCE)
        return self._cluster.apply(manifest, manager=asked.manager, dry_run=dry_run, force=force)

    def _try(self, manifest: Object, asked: Asked) -> Object:
        if not name_of(manifest):
            return self._cluster.create(manifest, manager=asked.manager, dry_run=True)
        try:
            return self._apply(manifest, asked, dry_run=True)
        except ServerRefused as refused:
            if not refused.is_invalid:
                raise
            return self._try_anew(manifest, asked, refused)

    def _try_anew(self, manifest: Object, asked: Asked, refused: ServerRefused) -> Object:
        """An object that will be replaced stands in the way of its own preview, so another name is tried."""
        if text_at(manifest, "kind") == "CustomResourceDefinition":
            raise refused
        metadata: Object = {**object_at(manifest, "metadata"), "generateName": f"{name_of(manifest)[:50]}-"}
        del metadata["name"]
        tried = self._cluster.create({**manifest, "metadata": metadata}, manager=asked.manager, dry_run=True)
        return {**tried, "metadata": object_at(manifest, "metadata")}

    def _expected(self, inputs: Object, asked: Asked) -> Object:
        try:
            return self._apply(opened_object(inputs), asked, dry_run=True)
        except ServerRefused:
            # Not even applicable any more, so all that is live counts as drift.
            return opened_object(inputs)

    def _settle(self, live: Object, inputs: Object, asked: Asked) -> tuple[str, Object]:
        """Wait for what is applied; the engine records an object that does not become ready, with the reason."""
        manifest = opened_object(inputs)
        if is_set(manifest, SKIP_AWAIT) or is_patch(asked.token):
            return identity(live), outputs(live, inputs)
        try:
            return identity(live), outputs(until_ready(self._cluster, live, asked.patience(manifest)), inputs)
        except NotReady as late:
            partial = ErrorResourceInitFailed(
                id=identity(late.live),
                properties=sent(outputs(late.live, inputs)),
                reasons=late.reason.splitlines(),
                inputs=sent(inputs),
            )
            raise Refused(late.reason, partial) from late


def _refuse(refused: ServerRefused) -> NoReturn:
    advice = f'; the annotation {PATCH_FORCE}: "true" takes the field over' if refused.status == _CONFLICT else ""
    raise Refused(f"{refused.message}{advice}") from refused
