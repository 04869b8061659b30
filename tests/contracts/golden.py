"""Schemas of all contracts, how two of them are compared, and the command that writes them down."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

import services.contracts
from services.contracts.message import Event

GOLDEN = Path(__file__).parent / "schemas"
Node = dict[str, object]


def contracts() -> dict[str, type[Struct]]:
    """`module.Name` → struct, for every struct that a contracts module defines."""
    found: dict[str, type[Struct]] = {}
    for info in pkgutil.iter_modules(services.contracts.__path__):
        module = importlib.import_module(f"services.contracts.{info.name}")
        for name, thing in vars(module).items():
            if isinstance(thing, type) and issubclass(thing, Struct) and thing.__module__ == module.__name__:
                found[f"{info.name}.{name}"] = thing
    return {name: contract for name, contract in found.items() if not _is_only_derived_from(contract)}


def _is_only_derived_from(contract: type[Struct]) -> bool:
    """What several events share has no kind of its own, and does not travel."""
    return issubclass(contract, Event) and not hasattr(contract, "kind")


def schema_of(contract: type[Struct]) -> Node:
    """JSON Schema, with the routing key of an event."""
    schema: Node = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(contract)), type=dict[str, object])
    if issubclass(contract, Event):
        schema["x-kind"] = contract.kind
        schema["x-schema-version"] = contract.schema_version
    return schema


def breaks(golden: Node, now: Node) -> list[str]:
    """What those who know only `golden` can no longer rely on."""
    return list(_compare(golden, now, "$"))


def _compare(old: object, new: object, path: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            if key in {"title", "description", "examples", "default"}:
                continue
            if key not in new:
                yield f"{path}.{key} is gone"
            elif key == "required":
                yield from _compare_required(old, new, path)
            else:
                yield from _compare(old[key], new[key], f"{path}.{key}")
        if "required" in new and "required" not in old:
            yield from _compare_required(old, new, path)
    elif old != new:
        yield f"{path} was {old!r} and is {new!r}"


def _compare_required(old: Node, new: Node, path: str) -> Iterator[str]:
    before = msgspec.convert(old.get("required", []), set[str])
    after = msgspec.convert(new.get("required", []), set[str])
    yield from (f"{path}: {field} is required now" for field in sorted(after - before))
    yield from (f"{path}: {field} may be missing now" for field in sorted(before - after))


def write() -> None:
    """Write every schema that is not written yet, or only grew. Raises SystemExit for a breaking change."""
    GOLDEN.mkdir(exist_ok=True)
    for name, contract in contracts().items():
        path = GOLDEN / f"{name}.json"
        schema = schema_of(contract)
        if path.exists() and (found := breaks(msgspec.json.decode(path.read_bytes(), type=dict[str, object]), schema)):
            raise SystemExit(f"{name} would break: {found}")
        path.write_bytes(msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n")


if __name__ == "__main__":
    write()
