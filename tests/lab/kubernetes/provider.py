"""The resource provider as the engine knows it: its questions about Kubernetes resources, one method each.

What differs, what is ready and what is recorded is decided in the modules beside this one.
"""

from collections.abc import Callable

from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import ParseDict
from pulumi.runtime.proto import provider_pb2 as messages

from tests.lab.engine.log import EngineLog
from tests.lab.engine.plugin import Plugin
from tests.lab.engine.refusal import Refused
from tests.lab.engine.rpc import Call
from tests.lab.engine.wire import Object, has_unknown, received, sent
from tests.lab.kubernetes.differing import Change, Difference, differences, must_go_first
from tests.lab.kubernetes.naming import checked
from tests.lab.kubernetes.resources import Asked, Resources
from tests.lab.kubernetes.settings import Settings
from tests.lab.kubernetes.yaml_files import decoded

_DETAILS = {
    (Change.ADDED, False): messages.PropertyDiff.ADD,
    (Change.ADDED, True): messages.PropertyDiff.ADD_REPLACE,
    (Change.REMOVED, False): messages.PropertyDiff.DELETE,
    (Change.REMOVED, True): messages.PropertyDiff.DELETE_REPLACE,
    (Change.CHANGED, False): messages.PropertyDiff.UPDATE,
    (Change.CHANGED, True): messages.PropertyDiff.UPDATE_REPLACE,
}


class Provider(Plugin):
    """Configured once by the engine, then asked from many threads."""

    version = "4.34.2"

    def __init__(self, open_resources: Callable[[Object], tuple[Settings, Resources]], log: EngineLog) -> None:
        self._open = open_resources
        self._log = log
        self._settings = Settings()
        self._resources: Resources | None = None

    def diff_config(self, request: messages.DiffRequest, _: Call) -> messages.DiffResponse:
        """Another cluster means other objects; those of the old one would be lost from sight if it were an update."""
        old, new = received(request.old_inputs), received(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key) and key != "version")
        replaces = [key for key in changed if key in {"cluster", "context", "renderYamlToDirectory"}]
        outcome = messages.DiffResponse.DIFF_SOME if changed else messages.DiffResponse.DIFF_NONE
        return messages.DiffResponse(changes=outcome, diffs=changed, replaces=replaces)

    def configure(self, request: messages.ConfigureRequest, _: Call) -> messages.ConfigureResponse:
        self._settings, self._resources = self._open(received(request.args))
        return messages.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def invoke(self, request: messages.InvokeRequest, _: Call) -> messages.InvokeResponse:
        """Read YAML, for ConfigFile and ConfigGroup, which make their resources in the program."""
        if request.tok != "kubernetes:yaml:decode":
            raise Refused(f"the stand-in for the kubernetes provider has no function {request.tok}")
        arguments = received(request.args)
        # The field is called `return`, which Python cannot name.
        return ParseDict({"return": {"result": decoded(arguments)}}, messages.InvokeResponse())

    def check(self, request: messages.CheckRequest, _: Call) -> messages.CheckResponse:
        news = checked(
            received(request.news),
            received(request.olds),
            urn=request.urn,
            seed=request.randomSeed,
            namespace=self._settings.namespace,
        )
        return messages.CheckResponse(inputs=sent(news))

    def diff(self, request: messages.DiffRequest, _: Call) -> messages.DiffResponse:
        old, new = received(request.old_inputs), received(request.news)
        found = differences(old, new, mutable=self._settings.mutable)
        if not found:
            return messages.DiffResponse(changes=messages.DiffResponse.DIFF_NONE)
        replaces = [one.where for one in found if one.replaces]
        return messages.DiffResponse(
            changes=messages.DiffResponse.DIFF_SOME,
            diffs=sorted({str(one.path[0]) for one in found}),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and must_go_first(old, new),
            detailedDiff={one.where: _detail(one) for one in found},
            hasDetailedDiff=True,
        )

    def create(self, request: messages.CreateRequest, call: Call) -> messages.CreateResponse:
        inputs = received(request.properties)
        if request.preview and has_unknown(inputs):
            return messages.CreateResponse(properties=sent(inputs))
        asked = self._asked(request.urn, request.timeout, call)
        if request.preview:
            return messages.CreateResponse(properties=sent(self._ready.foresee(inputs, asked)))
        identity, properties = self._ready.create(inputs, asked)
        return messages.CreateResponse(id=identity, properties=sent(properties))

    def update(self, request: messages.UpdateRequest, call: Call) -> messages.UpdateResponse:
        inputs = received(request.news)
        if request.preview and has_unknown(inputs):
            return messages.UpdateResponse(properties=sent(inputs))
        asked = self._asked(request.urn, request.timeout, call)
        if request.preview:
            return messages.UpdateResponse(properties=sent(self._ready.foresee(inputs, asked)))
        _, properties = self._ready.update(inputs, received(request.old_inputs), asked)
        return messages.UpdateResponse(properties=sent(properties))

    def read(self, request: messages.ReadRequest, call: Call) -> messages.ReadResponse:
        asked = self._asked(request.urn, 0, call)
        found = self._ready.read(request.id, received(request.inputs), asked)
        if found is None:
            return messages.ReadResponse()
        inputs, properties = found
        return messages.ReadResponse(id=request.id, inputs=sent(inputs), properties=sent(properties))

    def delete(self, request: messages.DeleteRequest, call: Call) -> Empty:
        asked = self._asked(request.urn, request.timeout, call)
        self._ready.delete(request.id, received(request.old_inputs), asked)
        return Empty()

    @property
    def _ready(self) -> Resources:
        if self._resources is None:
            raise Refused("the engine asked before it configured the provider")
        return self._resources

    def _asked(self, urn: str, timeout_s: float, call: Call) -> Asked:
        return Asked(
            urn=urn,
            token=urn.split("::")[2].rpartition("$")[2],
            timeout_s=timeout_s,
            is_wanted=lambda: call.is_active() and not self.is_cancelled,
            tell=lambda message: self._log.say(urn, message),
        )


def _detail(difference: Difference) -> messages.PropertyDiff:
    return messages.PropertyDiff(kind=_DETAILS[difference.change, difference.replaces], inputDiff=True)
