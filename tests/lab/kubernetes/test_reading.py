import base64

from tests.lab.engine.wire import Json, Object, object_at, opened_object, secret
from tests.lab.kubernetes.reading import drifted, imported, outputs


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def deployment(**spec: Json) -> Object:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}


def test_what_the_server_rewrites_or_fills_in_is_no_drift() -> None:
    wanted = deployment(cpu="1000m", replicas=2)
    live = deployment(cpu="1", replicas=2, revisionHistoryLimit=10)

    assert drifted(wanted, live, live) == wanted


def test_a_field_that_somebody_changed_shows_its_live_value() -> None:
    found = drifted(deployment(replicas=2), deployment(replicas=2), deployment(replicas=5))

    assert found == deployment(replicas=5)


def test_a_field_that_somebody_removed_is_gone_from_the_inputs() -> None:
    found = drifted(deployment(replicas=2, paused=1), deployment(replicas=2, paused=1), deployment(replicas=2))

    assert found == deployment(replicas=2)


def test_a_list_that_grew_is_shown_whole() -> None:
    assert drifted(deployment(ports=[1]), deployment(ports=[1]), deployment(ports=[1, 2])) == deployment(ports=[1, 2])


def test_a_field_that_is_not_declared_may_change_unseen() -> None:
    expected, live = deployment(replicas=2, other=1), deployment(replicas=2, other=2)

    assert drifted(deployment(replicas=2), expected, live) == deployment(replicas=2)


def test_a_drifted_secret_stays_secret() -> None:
    inputs: Object = {"kind": "Widget", "password": secret("old")}

    found = drifted(inputs, {"kind": "Widget", "password": "old"}, {"kind": "Widget", "password": "new"})

    assert found["password"] == secret("new")


def test_drift_of_a_secrets_contents_is_seen_though_the_server_returns_them_elsewhere() -> None:
    inputs: Object = {"kind": "Secret", "stringData": secret({"key": "old"})}
    expected: Object = {"kind": "Secret", "data": {"key": encoded("old")}}
    live: Object = {"kind": "Secret", "data": {"key": encoded("new")}}

    assert drifted(inputs, expected, expected) == inputs
    assert opened_object(drifted(inputs, expected, live))["stringData"] == {"key": "new"}


def test_what_came_in_secret_does_not_go_out_plain() -> None:
    inputs: Object = {"kind": "Widget", "spec": {"words": ["a", secret("b")]}}

    found = outputs({"kind": "Widget", "spec": {"words": ["a", "b"], "more": 1}}, inputs)

    assert object_at(found, "spec") == {"words": ["a", secret("b")], "more": 1}


def test_the_contents_of_a_secret_are_secret_even_where_the_program_gave_them_plain() -> None:
    found = outputs({"kind": "Secret", "data": {"key": "dg=="}}, {"kind": "Secret", "data": {"key": "dg=="}})

    assert found["data"] == secret({"key": "dg=="})


def test_who_owns_which_field_is_not_recorded() -> None:
    found = outputs({"kind": "Pod", "metadata": {"name": "a", "managedFields": [{}]}}, {})

    assert object_at(found, "metadata") == {"name": "a"}


def test_an_import_leaves_out_what_only_the_server_writes() -> None:
    live: Object = {"kind": "Secret", "metadata": {"name": "a", "uid": "1"}, "data": {"b": "c"}, "status": {}}

    assert imported(live) == {"kind": "Secret", "metadata": {"name": "a"}, "data": secret({"b": "c"})}
