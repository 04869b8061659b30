"""Takes one practice out of a rendered stack: sets or removes one field of one object, or the object itself."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from policies.labels import COMPONENT
from policies.manifests import Resource

GONE = object()
OBJECT = ""
"""The path of an object itself."""
PARENT = "(its component)"
PROTECTION = "(its protection)"
POD = "(pod)"
"""Where the pod spec is, by kind."""

_PODS = {"CronJob": "spec.jobTemplate.spec.template.spec"}


class Removal(NamedTuple):
    """What to change, in which objects."""

    kinds: tuple[str, ...]
    path: str
    """`spec.rules.0.host`; a last step of `+` adds to a list."""
    value: object = GONE
    named: str = "*"


def without(stack: Sequence[Resource], removal: Removal) -> Iterator[tuple[Resource, list[Resource]]]:
    """The object that was changed and the stack with it, for one object of each kind and component that can be."""
    seen: set[tuple[str, str]] = set()
    for place, resource in enumerate(stack):
        sort = (resource.kind, _component(resource))
        if resource.kind in removal.kinds and sort not in seen and fnmatchcase(_name(resource), removal.named):
            changed = list(_changed(resource, removal))
            if changed != [resource]:
                seen.add(sort)
                yield resource, [*stack[:place], *changed, *stack[place + 1 :]]


def _changed(resource: Resource, removal: Removal) -> Iterator[Resource]:
    match removal.path:
        case "":
            return
        case "(its component)":
            yield replace(resource, parent=None)
        case "(its protection)":
            yield replace(resource, protected=False)
        case path:
            props = deepcopy(dict(resource.props))
            _set(props, path.replace(POD, _PODS.get(resource.kind, "spec.template.spec")), removal.value)
            yield replace(resource, props=props)


def _set(props: object, path: str, value: object) -> None:
    """Nothing where the way is not there."""
    *way, last = (step.replace("\0", ".") for step in path.replace("\\.", "\0").split("."))
    at = props
    for step in way:
        at = _inside(at, step)
    if isinstance(at, list) and last == "+":
        at.append(value)
    elif isinstance(at, list) and last.isdigit() and int(last) < len(at):
        at[int(last) : int(last) + 1] = [] if value is GONE else [value]
    elif isinstance(at, dict) and value is GONE:
        at.pop(last, None)
    elif isinstance(at, dict):
        at[last] = value


def _inside(holder: object, step: str) -> object:
    if isinstance(holder, list):
        return holder[int(step)] if step.isdigit() and int(step) < len(holder) else None
    return holder.get(step) if isinstance(holder, Mapping) else None


def _metadata(resource: Resource) -> Mapping[str, object]:
    metadata = resource.props.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _name(resource: Resource) -> str:
    return str(_metadata(resource).get("name", ""))


def _component(resource: Resource) -> str:
    labels = _metadata(resource).get("labels")
    return str(labels.get(COMPONENT)) if isinstance(labels, Mapping) else ""
