"""Every struct that crosses a wall, compared with the schema it had when it was first shared.

A new struct or a new optional field is welcome: `python -m tests.contracts.golden` writes it down. Anything else is a
break, and fails here.
"""

import msgspec
import pytest

from services.contracts.message import Event
from tests.contracts.golden import GOLDEN, breaks, contracts, schema_of


@pytest.mark.parametrize("name", sorted(contracts()))
def test_a_contract_still_accepts_and_says_what_it_did(name: str) -> None:
    golden = GOLDEN / f"{name}.json"
    assert golden.exists(), f"{name} is new: run python -m tests.contracts.golden and commit what it writes"

    found = breaks(msgspec.json.decode(golden.read_bytes(), type=dict[str, object]), schema_of(contracts()[name]))

    assert found == []


def test_no_contract_disappears() -> None:
    written = {path.stem for path in GOLDEN.glob("*.json")}

    assert written - set(contracts()) == set()


def test_goldens_are_up_to_date() -> None:
    stale = [
        name
        for name, contract in contracts().items()
        if msgspec.json.decode((GOLDEN / f"{name}.json").read_bytes()) != schema_of(contract)
    ]

    assert stale == []


def test_every_event_names_its_service_aggregate_and_what_happened() -> None:
    kinds = {contract.kind for contract in contracts().values() if issubclass(contract, Event)}

    assert all(len(kind.split(".")) == 3 for kind in kinds)
    assert len(kinds) == len([contract for contract in contracts().values() if issubclass(contract, Event)])


Fields = list[tuple[str, type] | tuple[str, type, object]]

BEFORE: Fields = [("name", str), ("size", int, 0)]


def schema_with(fields: Fields) -> dict[str, object]:
    return schema_of(msgspec.defstruct("Sample", fields, kw_only=True))


@pytest.mark.parametrize(
    "after",
    [
        [("name", str), ("size", int, 0), ("colour", str)],
        [("name", str)],
        [("name", int), ("size", int, 0)],
        [("name", str), ("size", int)],
        [("name", str, ""), ("size", int, 0)],
    ],
    ids=["new required field", "field gone", "field retyped", "field required now", "field may be missing now"],
)
def test_a_breaking_change_is_found(after: Fields) -> None:
    assert breaks(schema_with(BEFORE), schema_with(after)) != []


def test_a_new_optional_field_is_no_break() -> None:
    assert breaks(schema_with(BEFORE), schema_with([*BEFORE, ("colour", str, "")])) == []
