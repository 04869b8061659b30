from tests.lab.engine.wire import UNKNOWN, Object, object_at, secret, text_at
from tests.lab.kubernetes.naming import checked, was_autonamed

URN = "urn:pulumi:dev::souk::souk:services:Service$kubernetes:apps/v1:Deployment::Orders api"


def check(news: Object, olds: Object | None = None, *, seed: bytes = b"1", namespace: str = "") -> Object:
    return checked(news, olds or {}, urn=URN, seed=seed, namespace=namespace)


def test_an_object_without_a_name_is_named_after_its_resource() -> None:
    found = check({"kind": "Deployment", "apiVersion": "apps/v1"})

    assert text_at(found, "metadata", "name").startswith("orders-api-")
    assert was_autonamed(found)


def test_a_preview_and_its_update_choose_the_same_name() -> None:
    assert check({}, seed=b"one") == check({}, seed=b"one")
    assert check({}, seed=b"one") != check({}, seed=b"two")


def test_a_name_that_was_chosen_stays() -> None:
    first = check({}, seed=b"one")

    assert check({}, first, seed=b"two") == first


def test_a_name_that_the_program_gave_is_not_kept_when_it_gives_none() -> None:
    found = check({}, {"metadata": {"name": "orders"}})

    assert text_at(found, "metadata", "name") != "orders"


def test_a_given_name_is_left_alone() -> None:
    given: Object = {"metadata": {"name": "orders", "labels": {"a": "b"}}}

    assert check(given) == given


def test_a_name_for_the_server_to_choose_is_left_to_it() -> None:
    given: Object = {"metadata": {"generateName": "orders-"}}

    assert check(given) == given


def test_a_name_that_is_not_yet_known_is_left_alone() -> None:
    given: Object = {"metadata": {"name": UNKNOWN}}

    assert check(given) == given
    assert check({"metadata": UNKNOWN}) == {"metadata": UNKNOWN}


def test_the_providers_namespace_is_given_to_what_names_none() -> None:
    found = check({"kind": "ConfigMap", "apiVersion": "v1"}, namespace="souk")

    assert text_at(found, "metadata", "namespace") == "souk"


def test_what_belongs_to_no_namespace_is_given_none() -> None:
    found = check({"kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1"}, namespace="souk")

    assert "namespace" not in object_at(found, "metadata")


def test_a_secret_stays_marked() -> None:
    given: Object = {"metadata": {"name": "keys"}, "data": secret({"key": "value"})}

    assert check(given)["data"] == secret({"key": "value"})
