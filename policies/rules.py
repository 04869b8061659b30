"""What a policy is: a name, what must hold, why, and a function that tells where it does not.

A policy is written as a generator of findings over what it is about, and one of the decorators below makes it a `Rule`
(one resource at a time) or a `StackRule` (all of them together). Its name is the function's, its description the first
line of the docstring. Nothing is registered: `catalogue` lists them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from msgspec import Struct

from policies.containers import Container
from policies.manifests import JsonObject, Resource, read
from policies.mending import Mend
from policies.pods import Pod, pods_of

Findings: TypeAlias = Iterator[str]
"""One sentence for each violation."""

StackFindings: TypeAlias = Iterator[tuple[str, Resource]]
"""The same, each with the resource at fault."""

Thing = TypeVar("Thing", bound=Struct)


class Level(Enum):
    """What a violation does, unless the pack's configuration says otherwise."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A policy on one resource at a time."""

    name: str
    must: str
    why: str
    level: Level
    check: Callable[[Resource], Findings]
    mend: Mend | None = None
    """Sets the resource's properties right."""
    adjust: "Adjust | None" = None
    """How the pack's configuration changes it, where it does."""


@dataclass(frozen=True, kw_only=True)
class Adjust:
    """What a policy takes from the pack's configuration."""

    schema: dict[str, dict[str, object]]
    """JSON schemas by property."""
    apply: Callable[[JsonObject], Rule]
    """The policy as it is with these properties."""


@dataclass(frozen=True, kw_only=True)
class StackRule:
    """A policy on all resources of a stack together."""

    name: str
    must: str
    why: str
    level: Level
    check: Callable[[Sequence[Resource]], StackFindings]


def on_resources(
    *, why: str, level: Level = Level.MANDATORY, mend: Mend | None = None
) -> Callable[[Callable[[Resource], Findings]], Rule]:
    """Of a function over any resource, whatever its type."""

    def rule(check: Callable[[Resource], Findings]) -> Rule:
        return Rule(name=_name(check), must=_must(check), why=why, level=level, check=check, mend=mend)

    return rule


def on_kinds(
    kinds: Mapping[str, type[Thing]], *, why: str, level: Level = Level.MANDATORY, mend: Mend | None = None
) -> Callable[[Callable[[Thing], Findings]], Rule]:
    """Of a function over objects of these kinds, each read as the struct given for it."""

    def rule(check: Callable[[Thing], Findings]) -> Rule:
        def each(resource: Resource) -> Findings:
            if resource.kind in kinds:
                yield from check(read(resource, kinds[resource.kind]))

        return Rule(name=_name(check), must=_must(check), why=why, level=level, check=each, mend=mend)

    return rule


def on_pods(
    *, why: str, level: Level = Level.MANDATORY, mend: Mend | None = None
) -> Callable[[Callable[[Pod], Findings]], Rule]:
    """Of a function over pods, of whatever workload they are."""

    def rule(check: Callable[[Pod], Findings]) -> Rule:
        def each(resource: Resource) -> Findings:
            for pod in pods_of(resource):
                yield from check(pod)

        return Rule(name=_name(check), must=_must(check), why=why, level=level, check=each, mend=mend)

    return rule


def on_containers(
    *, why: str, level: Level = Level.MANDATORY, mend: Mend | None = None
) -> Callable[[Callable[[Pod, Container], Findings]], Rule]:
    """Of a function over containers, those that initialise a pod included."""

    def rule(check: Callable[[Pod, Container], Findings]) -> Rule:
        def each(resource: Resource) -> Findings:
            for pod in pods_of(resource):
                for container in pod.containers:
                    for finding in check(pod, container):
                        yield f"container {container.name}: {finding}"

        return Rule(name=_name(check), must=_must(check), why=why, level=level, check=each, mend=mend)

    return rule


def on_stack(
    *, why: str, level: Level = Level.MANDATORY
) -> Callable[[Callable[[Sequence[Resource]], StackFindings]], StackRule]:
    """Of a function over all resources."""

    def rule(check: Callable[[Sequence[Resource]], StackFindings]) -> StackRule:
        return StackRule(name=_name(check), must=_must(check), why=why, level=level, check=check)

    return rule


def _name(check: Callable[..., object]) -> str:
    return check.__name__.replace("_", "-")


def _must(check: Callable[..., object]) -> str:
    return (check.__doc__ or "").strip().splitlines()[0]
