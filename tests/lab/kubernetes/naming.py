"""What the program leaves out and the plugin fills in before anything is compared: names and the usual namespace."""

import random

from tests.lab.engine.wire import Object, has_unknown, object_at, opened, text_at
from tests.lab.kubernetes.objects import AUTONAMED, is_cluster_wide, is_patch, is_set, kind_of

_SUFFIX_LETTERS = 8
_MOST_LETTERS = 253


def checked(news: Object, olds: Object, *, urn: str, seed: bytes, namespace: str) -> Object:
    """The inputs with a name, that of before where the plugin chose it, and with `namespace` where none is given."""
    _, token, logical = urn.rsplit("::", 2)
    metadata = object_at(news, "metadata")
    if not metadata and has_unknown(news.get("metadata")):
        return news
    filled = dict(metadata)
    if not filled.get("name") and not filled.get("generateName") and not is_patch(token):
        annotations = object_at(filled, "annotations")
        filled["name"] = _kept(olds) or autoname(logical, seed)
        filled["annotations"] = {**annotations, AUTONAMED: "true"}
    if namespace and not filled.get("namespace") and not is_cluster_wide(kind_of(news)):
        filled["namespace"] = namespace
    return {**news, "metadata": filled}


def autoname(logical: str, seed: bytes) -> str:
    """The same seed gives the same name, so that a preview and its update agree."""
    suffix = "".join(random.Random(seed or None).choices("0123456789abcdef", k=_SUFFIX_LETTERS))
    base = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in logical.lower())
    return f"{base[: _MOST_LETTERS - len(suffix) - 1]}-{suffix}"


def was_autonamed(inputs: Object) -> bool:
    return is_set(opened(inputs), AUTONAMED)


def _kept(olds: Object) -> str:
    return text_at(opened(olds), "metadata", "name") if was_autonamed(olds) else ""
