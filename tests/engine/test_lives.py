"""Of each stack of the repository: what an engine and a real API server say of it."""

import msgspec
import pytest

from tests.engine.lives import Life
from tests.engine.project import resources
from tests.lab.engine.wire import at, text_at
from tests.stacks.files import secrets

pytestmark = pytest.mark.engine


def test_a_preview_under_the_policies_creates_and_violates_nothing(life: Life) -> None:
    assert set(life.foreseen.values()) == {"create"}


def test_it_goes_up(life: Life) -> None:
    assert life.first == {"created": len(resources(life.state))}


def test_a_second_time_nothing_changes_and_nothing_has_drifted(life: Life) -> None:
    assert life.second == {"unchanged": life.first["created"]}


def test_no_secret_is_in_its_state_in_plain_text(life: Life) -> None:
    texts = [text for text in _texts(msgspec.to_builtins(secrets())) if len(text) > 16]

    assert len(texts) > 20
    assert [text for text in texts if text in life.state] == []


def test_what_somebody_changed_by_hand_is_shown(life: Life) -> None:
    changed = {name: how for name, how in life.drift.items() if not name.startswith("pulumi")}

    assert changed == {"grafana": "update", "gateway": "create", f"{life.prefix}-gateway": "update"}


def test_what_somebody_changed_by_hand_is_repaired(life: Life) -> None:
    assert life.repair["created"] == 1
    assert life.repair["updated"] == 2


def test_it_ends_but_for_what_is_protected(life: Life) -> None:
    protected = [text_at(one, "urn") for one in life.left if at(one, "protect") is True]

    assert bool(protected) == bool(life.refusal)
    assert bool(life.namespaces) == bool(life.refusal)
    assert "protected" in life.refusal or not life.refusal


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [value] if isinstance(value, str) else []
