from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.auth.domain.audit import GENESIS, Action, Entry, Finding, Head, Note, examine, head_of, link

KEY = b"key"
ANA, BO = UUID(int=1), UUID(int=2)
START = Head(seq=0, digest=GENESIS)
AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


def _chain(length: int, key: bytes = KEY) -> list[Entry]:
    head, entries = START, []
    for number in range(length):
        note = Note(action=Action.LOGGED_IN, actor_id=ANA, subject_id=ANA, details={"number": str(number)})
        entries.append(link(head, note, key=key, salt=bytes([number] * 16), at=AT))
        head = head_of(entries[-1])
    return entries


def _finding(entries: list[Entry], *, erased: frozenset[UUID] = frozenset()) -> Finding | None:
    return examine(entries, start=START, key=KEY, erased=erased)[1]


def test_a_chain_is_walked_to_its_end() -> None:
    entries = _chain(5)

    head, finding = examine(entries, start=START, key=KEY, erased=frozenset())

    assert (head, finding) == (head_of(entries[-1]), None)


def test_a_chain_made_without_the_key_does_not_hold() -> None:
    assert _finding(_chain(2, key=b"guessed")) == Finding(seq=1, fault="the entry was changed")


@given(at=st.integers(0, 4), other=st.integers(0, 4))
def test_any_entry_out_of_its_place_shows(at: int, other: int) -> None:
    entries = _chain(5)
    entries[at], entries[other] = entries[other], entries[at]

    found = _finding(entries)

    assert (found is None) == (at == other)


@pytest.mark.parametrize(
    "changed",
    [
        {"actor_id": BO},
        {"subject_id": BO},
        {"action": "verified"},
        {"at": AT.replace(microsecond=123457)},
        {"details": {"number": "3 "}},
        {"details_digest": b"\0" * 32},
    ],
)
def test_any_changed_member_shows(changed: dict[str, object]) -> None:
    entries = _chain(5)
    entries[2] = replace(entries[2], **changed)

    found = _finding(entries)

    assert found is not None
    assert found.seq == 3


def test_only_an_erased_person_has_no_details() -> None:
    entries = _chain(3)
    entries[1] = replace(entries[1], details=None, salt=None)

    assert _finding(entries, erased=frozenset({ANA})) is None
    assert _finding(entries, erased=frozenset({BO})) == Finding(seq=2, fault="the details were removed")
