"""Turns a live object into what the engine records: outputs with secrets kept secret, and inputs that show drift."""

import base64
import binascii

from tests.lab.engine.wire import Json, Object, is_secret, object_at, opened, opened_object, sealed, secret
from tests.lab.kubernetes.objects import kind_of

_SERVERS_OWN = frozenset(
    {"creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)


def outputs(live: Object, inputs: Object) -> Object:
    """All of the live object but who owns which field; secret where the inputs are, and in a Secret's contents."""
    metadata = {key: item for key, item in object_at(live, "metadata").items() if key != "managedFields"}
    shown = object_at(sealed({**live, "metadata": metadata}, inputs))
    if kind_of(live).name != "Secret":
        return shown
    return {key: secret(item) if key in {"data", "stringData"} else item for key, item in shown.items()}


def drifted(inputs: Object, expected: Object, live: Object) -> Object:
    """The inputs, with the live value wherever that differs from what applying them now would give.

    Comparing with `expected`, the API server's answer to a dry run, leaves aside that it writes `1` for `1000m` and
    fills in what the program leaves open.
    """
    return object_at(_follow(inputs, _readable(expected, inputs), _readable(live, inputs)))


def imported(live: Object) -> Object:
    """Inputs for an object that no program has declared yet."""
    metadata = {key: item for key, item in object_at(live, "metadata").items() if key not in _SERVERS_OWN}
    taken = {key: item for key, item in live.items() if key != "status"}
    sealing = {"data": secret(None)} if kind_of(live).name == "Secret" else {}
    return object_at(sealed({**taken, "metadata": metadata}, sealing))


def _follow(wanted: Json, expected: Json, live: Json) -> Json:
    if expected == live:
        return wanted
    if is_secret(wanted):
        return secret(_follow(opened(wanted), expected, live))
    if isinstance(wanted, dict) and isinstance(expected, dict) and isinstance(live, dict):
        return {
            key: _follow(item, expected.get(key), live.get(key))
            for key, item in wanted.items()
            if key in live or key not in expected
        }
    if isinstance(wanted, list) and isinstance(expected, list) and isinstance(live, list):
        same_length = len(wanted) == len(expected) == len(live)
        return [_follow(*three) for three in zip(wanted, expected, live, strict=True)] if same_length else live
    return live


def _readable(live: Object, inputs: Object) -> Object:
    """With `stringData`, which the API server takes and never gives back."""
    named = object_at(opened_object(inputs), "stringData")
    if kind_of(live).name != "Secret" or not named:
        return live
    data = object_at(live, "data")
    return {**live, "stringData": {key: _text(data[key]) for key in named if key in data}}


def _text(encoded: Json) -> Json:
    try:
        return base64.b64decode(str(encoded)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return encoded
