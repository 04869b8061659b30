import logging

import msgspec

from services.chassis.telemetry.context import begin, served
from services.chassis.telemetry.logs import JsonLines


def line_of(message: str, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("souk", logging.INFO, __file__, 1, message, (), None)
    vars(record).update(extra)
    return msgspec.json.decode(JsonLines("orders").format(record), type=dict[str, object])


def test_a_line_says_which_request_and_trace_it_belongs_to() -> None:
    token = served.set(begin(request_id="r-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))

    line = line_of("placed", order_id="o-1")
    served.reset(token)

    assert (line["service"], line["request_id"], line["trace_id"], line["order_id"]) == (
        "orders",
        "r-1",
        "a" * 32,
        "o-1",
    )


def test_what_could_name_a_person_or_a_card_is_left_out() -> None:
    line = line_of("placed", email="a@b.example", card="4242", token="sk_1", address={"street": "x"}, authorization="y")

    assert not {"email", "card", "token", "address", "authorization"} & line.keys()


def test_an_exception_is_told_without_its_values() -> None:
    try:
        raise ValueError("a@b.example is taken")
    except ValueError as error:
        record = logging.LogRecord(
            "souk", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__)
        )
        told = JsonLines("auth").format(record)

    assert "ValueError" in told
    assert "a@b.example" not in told.replace(__file__, "").split('"frames"')[0]
