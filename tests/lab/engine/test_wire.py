from tests.lab.engine.wire import UNKNOWN, Json, Object, has_unknown, is_secret, opened, received, sealed, secret, sent


def test_whole_numbers_survive_the_way_to_the_engine_and_back() -> None:
    value: Object = {"replicas": 2, "share": 0.5, "names": ["a", 1], "none": None}

    found = received(sent(value))

    assert found == value
    assert isinstance(found["replicas"], int)


def test_a_secret_is_opened_wherever_it_is() -> None:
    value: Json = {"a": [secret({"b": secret("c")})], "d": 1}

    assert opened(value) == {"a": [{"b": "c"}], "d": 1}


def test_a_secret_is_not_wrapped_twice() -> None:
    assert secret(secret("a")) == secret("a")


def test_a_value_is_sealed_where_its_model_is_secret() -> None:
    model: Json = {"password": secret("old"), "list": [1, secret(2)]}

    found = sealed({"password": "new", "list": [1, 2, 3], "more": 1}, model)

    assert found == {"password": secret("new"), "list": [1, secret(2), 3], "more": 1}


def test_a_whole_that_is_secret_stays_so() -> None:
    assert is_secret(sealed({"a": 1}, secret({"a": 2})))


def test_what_is_not_yet_known_is_found_however_deep() -> None:
    assert has_unknown({"a": [{"b": secret(UNKNOWN)}]})
    assert not has_unknown({"a": [{"b": "known"}]})
