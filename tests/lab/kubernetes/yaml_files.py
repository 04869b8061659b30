"""Reads the YAML that a ConfigFile or ConfigGroup names into objects."""

import yaml

from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at


def decoded(arguments: Object) -> list[Json]:
    """Of `text`; `defaultNamespace` is given to objects that name none. A `List` is taken apart."""
    loaded: list[Json] = list(yaml.safe_load_all(text_at(arguments, "text")))
    objects = [one for document in loaded for one in _flat(document)]
    namespace = text_at(arguments, "defaultNamespace")
    return [_within(one, namespace) for one in objects]


def _flat(document: Json) -> list[Object]:
    if not isinstance(document, dict):
        return []
    if text_at(document, "kind").endswith("List") and "items" in document:
        return [one for item in list_at(document, "items") for one in _flat(item)]
    return [document]


def _within(manifest: Object, namespace: str) -> Json:
    metadata = object_at(manifest, "metadata")
    if not namespace or metadata.get("namespace"):
        return manifest
    return {**manifest, "metadata": {**metadata, "namespace": namespace}}
