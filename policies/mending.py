"""Changes that a policy may make by itself: each sets one field where it stands, so that secrets beside it stay secret.

Only fields whose right value cannot alter what a workload does are mended; everything else is for a person to decide.
"""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

SPEC = ("spec",)
TEMPLATE = ("spec", "template", "spec")


@runtime_checkable
class Writable(Protocol):
    """An object whose fields can be set: a dict, or what the policy engine puts round one."""

    def get(self, key: str, /) -> object:
        """The field, or None."""

    def __setitem__(self, key: str, value: object, /) -> None: ...


Mend: TypeAlias = Callable[[Writable], None]


def setting(value: object, *path: str) -> Mend:
    """A mend that sets the field at `path`, where the object that holds it is there."""
    *way, last = path

    def mend(props: Writable) -> None:
        at: object = props
        for step in way:
            at = at.get(step) if isinstance(at, Writable) else None
        if isinstance(at, Writable):
            at[last] = value

    return mend
