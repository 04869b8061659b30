"""An engine in this process: takes what a program declares, as the real one would be sent it, and lets tests look."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2

Value = object
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A resource as it was sent."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: Mapping[str, Value]
    """Secrets opened, whole numbers as int."""
    sent: Mapping[str, Value]
    """Secrets as they travel and are stored: sealed."""
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    depends_on: frozenset[str]

    @property
    def kind(self) -> str:
        """`Deployment`."""
        return self.type.rpartition(":")[2]

    def at(self, path: str) -> Value:
        """`spec.template.spec.containers.0.image`; None where there is nothing."""
        return look(self.inputs, path)


@dataclass(frozen=True, kw_only=True)
class Declarations:
    """Everything that a program declared."""

    resources: list[Declared]
    outputs: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    """Of components, by URN."""

    def of(self, kind: str) -> list[Declared]:
        """All objects of a kind that reach the cluster."""
        return [one for one in self.objects() if one.kind == kind]

    def one(self, kind: str, name: str = "") -> Declared:
        """The only one of a kind, or the one of this name."""
        found = [one for one in self.of(kind) if not name or one.name == name]
        assert len(found) == 1, f"{len(found)} {kind} {name}: {[one.name for one in self.of(kind)]}"
        return found[0]

    def objects(self) -> list[Declared]:
        """What reaches the cluster."""
        return [one for one in self.resources if one.type.startswith("kubernetes:")]

    def components(self) -> list[Declared]:
        """What holds others together."""
        return [one for one in self.resources if one.type.startswith("souk:")]


class _NoProvider(Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Value]]:
        raise AssertionError(f"{args.name} is read rather than declared")

    def call(self, args: MockCallArgs) -> tuple[dict[str, Value], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token} is asked for while components are made")


class _Monitor(MockMonitor):
    def __init__(self) -> None:
        super().__init__(_NoProvider())
        self.declared: list[Declared] = []
        self.outputs: dict[str, Mapping[str, Value]] = {}

    def RegisterResource(  # noqa: N802 - gRPC's name.
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        urn = str(MockMonitor.make_urn(self, request.parent, request.type, request.name))
        sent = _as_mapping(json_format.MessageToDict(request.object))
        self.declared.append(
            Declared(
                type=request.type,
                name=request.name,
                urn=urn,
                parent=request.parent,
                inputs=_as_mapping(opened(sent)),
                sent=sent,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                depends_on=frozenset(request.dependencies),
            )
        )
        name = f"{request.name}-id" if request.custom else ""
        return resource_pb2.RegisterResourceResponse(urn=urn, id=name, object=_provided(request))

    def RegisterResourceOutputs(  # noqa: N802 - gRPC's name.
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        self.outputs[request.urn] = _as_mapping(json_format.MessageToDict(request.outputs))
        return MockMonitor.RegisterResourceOutputs(self, request)


def _provided(request: resource_pb2.RegisterResourceRequest) -> struct_pb2.Struct:
    """What was sent, and of a built image its digest; no other provider has anything to add."""
    made = struct_pb2.Struct()
    made.CopyFrom(request.object)
    if request.type == "docker:index/image:Image":
        repository, _, _ = made.fields["imageName"].string_value.rpartition(":")
        made.fields["repoDigest"].string_value = f"{repository}@sha256:{'0' * 64}"
    return made


def declare(program: Callable[[], object], *, stack: str = "dev") -> Declarations:
    """Run a program to its end. What it raises is raised."""
    monitor = _Monitor()
    with _a_loop_of_its_own():
        _run(program, monitor, stack)
    resources = [one for one in monitor.declared if one.type != "pulumi:pulumi:Stack"]
    return Declarations(resources=resources, outputs=monitor.outputs)


def _run(program: Callable[[], object], monitor: _Monitor, stack: str) -> None:
    pulumi.runtime.set_mocks(_NoProvider(), project="souk", stack=stack, preview=False, monitor=monitor)
    pulumi.runtime.test(program)()


@contextmanager
def _a_loop_of_its_own() -> Iterator[None]:
    """Pulumi runs on the thread's current event loop, and other tests take theirs away with them."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def look(value: Value, path: str) -> Value:
    """Follow names and numbers separated by dots."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value


def opened(value: Value) -> Value:
    """With secrets in the open; numbers travel as floats and come back as they were."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET:
            return opened(value["value"])
        return {str(key): opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [opened(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def plain_texts(value: Value) -> Iterator[str]:
    """Every text outside a sealed secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        if value.get(SIGNATURE) != SECRET:
            for item in value.values():
                yield from plain_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from plain_texts(item)


def _as_mapping(value: Value) -> Mapping[str, Value]:
    assert isinstance(value, Mapping)
    return value
