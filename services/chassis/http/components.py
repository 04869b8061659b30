"""The schemas of an OpenAPI document that are stored apart, and who refers to them."""

from collections.abc import Iterable, Mapping

Node = dict[str, object]
COMPONENTS = "#/components/schemas/"


def reachable(components: Mapping[str, object], start: object) -> Node:
    """Those that `start` refers to, directly or through others."""
    found: Node = {}
    waiting = list(_references(start))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = components[name]
            waiting += _references(components[name])
    return dict(sorted(found.items()))


def _references(node: object) -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(COMPONENTS)
            elif key == "mapping" and isinstance(value, dict):
                yield from (str(target).removeprefix(COMPONENTS) for target in value.values())
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
