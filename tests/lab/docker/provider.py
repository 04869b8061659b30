"""The resource provider as the engine knows it: images that are built by docker. Other Docker resources it has not."""

from pathlib import Path
from typing import Protocol

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as messages

from tests.lab.docker.context import digest
from tests.lab.docker.images import Image, image, outputs
from tests.lab.engine.log import EngineLog
from tests.lab.engine.plugin import Plugin
from tests.lab.engine.refusal import Refused
from tests.lab.engine.rpc import Call
from tests.lab.engine.wire import UNKNOWN, Object, has_unknown, object_at, received, sent, text_at

_IMAGE = "docker:index/image:Image"
# They change when credentials are renewed, and an image stays what it is.
_CREDENTIALS = frozenset({"username", "password"})


class Maker(Protocol):
    """What builds an image and brings it where pods find it."""

    def make(self, wanted: Image, tell: "Tell") -> str:
        """The name with its digest."""


class Tell(Protocol):
    """Shows one line of progress."""

    def __call__(self, line: str, /) -> None: ...


class Provider(Plugin):
    """Relative paths start in `folder`, the program's."""

    version = "5.2.0"

    def __init__(self, daemon: Maker, folder: Path, log: EngineLog) -> None:
        self._daemon = daemon
        self._folder = folder
        self._log = log

    def diff_config(self, _: messages.DiffRequest, __: Call) -> messages.DiffResponse:
        return messages.DiffResponse(changes=messages.DiffResponse.DIFF_NONE)

    def configure(self, _: messages.ConfigureRequest, __: Call) -> messages.ConfigureResponse:
        return messages.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def check(self, request: messages.CheckRequest, _: Call) -> messages.CheckResponse:
        """Adds the digest of the context to the inputs, so that a changed file is a changed input."""
        _only_images(request.urn)
        inputs = received(request.news)
        if has_unknown(inputs.get("build")):
            return messages.CheckResponse(inputs=request.news)
        wanted = image(inputs, self._folder)
        build = {**object_at(inputs, "build"), "contextDigest": digest(wanted.context, wanted.dockerfile)}
        return messages.CheckResponse(inputs=sent({**inputs, "build": build}))

    def diff(self, request: messages.DiffRequest, _: Call) -> messages.DiffResponse:
        changed = differing(received(request.old_inputs), received(request.news))
        outcome = messages.DiffResponse.DIFF_SOME if changed else messages.DiffResponse.DIFF_NONE
        return messages.DiffResponse(changes=outcome, diffs=changed)

    def create(self, request: messages.CreateRequest, _: Call) -> messages.CreateResponse:
        inputs = received(request.properties)
        properties = self._make(inputs, request.urn, preview=request.preview)
        return messages.CreateResponse(id=text_at(properties, "imageName"), properties=sent(properties))

    def update(self, request: messages.UpdateRequest, _: Call) -> messages.UpdateResponse:
        properties = self._make(received(request.news), request.urn, preview=request.preview)
        return messages.UpdateResponse(properties=sent(properties))

    def read(self, request: messages.ReadRequest, _: Call) -> messages.ReadResponse:
        return messages.ReadResponse(id=request.id, inputs=request.inputs, properties=request.properties)

    def delete(self, _: messages.DeleteRequest, __: Call) -> Empty:
        """The image stays: a node may still run it, and a registry has its own rules of retention."""
        return Empty()

    def _make(self, inputs: Object, urn: str, *, preview: bool) -> Object:
        wanted = image(inputs, self._folder)
        if preview and not (inputs.get("buildOnPreview") is True and not has_unknown(inputs)):
            return outputs(wanted, inputs, UNKNOWN)
        return outputs(wanted, inputs, self._daemon.make(wanted, lambda line: self._log.say(urn, line)))


def differing(old: Object, new: Object) -> list[str]:
    """The inputs that make another image."""
    return sorted(key for key in {*old, *new} if _told(old, key) != _told(new, key))


def _told(inputs: Object, key: str) -> object:
    if key != "registry":
        return inputs.get(key)
    return {name: value for name, value in object_at(inputs, key).items() if name not in _CREDENTIALS}


def _only_images(urn: str) -> None:
    token = urn.split("::")[2].rpartition("$")[2]
    if token != _IMAGE:
        raise Refused(f"the stand-in for the docker provider makes {_IMAGE} alone, not {token}")
