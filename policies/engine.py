"""Between Pulumi's policy engine and the policies: resources as they come, made plain."""

from collections.abc import Mapping, Sequence

from pulumi_policy import PolicyResource, ResourceValidationArgs
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
    UnknownValueError,
)

from policies.manifests import UNKNOWN, JsonObject, NotKnown, Resource

MARKS = frozenset(
    {
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    }
)
"""What the engine puts where a value is not known yet."""


def to_resource(args: ResourceValidationArgs | PolicyResource) -> Resource:
    """One resource, alone or among those of its stack."""
    parent = args.opts.parent
    if isinstance(args, PolicyResource) and args.parent is not None:
        parent = args.parent.urn
    return Resource(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        props=to_props(args.props),
        protected=args.opts.protect,
        parent=parent,
    )


def to_props(props: Mapping[str, object]) -> JsonObject:
    """Without nulls, which say the same as an absent field; with `UNKNOWN` for what is not known."""
    return {key: value for key in props if (value := _look_up(props, key)) is not None}


def not_known(reason: NotKnown) -> UnknownValueError:
    """What makes the engine warn, instead of stop, where a policy cannot be judged yet."""
    return UnknownValueError(UNKNOWN_STRING_VALUE, [str(reason)])


def _look_up(props: Mapping[str, object], key: str) -> object:
    try:
        return _plain(props[key])
    except UnknownValueError:
        return UNKNOWN


def _item(values: Sequence[object], place: int) -> object:
    try:
        return _plain(values[place])
    except UnknownValueError:
        return UNKNOWN


def _plain(value: object) -> object:
    match value:
        case str():
            return UNKNOWN if value in MARKS else value
        case float():
            # The wire knows floats alone.
            return int(value) if value.is_integer() else value
        case Mapping():
            return to_props(value)
        case Sequence():
            return [_item(value, place) for place in range(len(value))]
        case _:
            return value
