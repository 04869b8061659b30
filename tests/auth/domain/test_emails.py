import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.domain.emails import EmailInvalid, normalise


@pytest.mark.parametrize(
    ("raw", "shown", "key"),
    [
        ("Ana@Example.ORG", "Ana@example.org", "ana@example.org"),
        ("  ana@example.org\n", "ana@example.org", "ana@example.org"),
        ("\uff41na@example.org", "ana@example.org", "ana@example.org"),
        ("ana+shop@example.org", "ana+shop@example.org", "ana+shop@example.org"),
        ("jürgen@müller.de", "jürgen@xn--mller-kva.de", "jürgen@xn--mller-kva.de"),
        ("STRASSE@x-y.example", "STRASSE@x-y.example", "strasse@x-y.example"),
    ],
)
def test_an_address_is_written_in_one_way(raw: str, shown: str, key: str) -> None:
    email = normalise(raw)

    assert (email.shown, email.key) == (shown, key)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "@",
        "ana",
        "ana@@example.org",
        "a na@example.org",
        "ana@example",
        "ana@-x.org",
        "ana@x..org",
        "a\0b@example.org",
        'a"b@example.org',
        "ana@example.org\nBcc: x@y.org",
        f"{'a' * 65}@example.org",
        f"ana@{'a.' * 130}org",
        "ana@[127.0.0.1]",
        "\u202eana@example.org",
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused(raw: str) -> None:
    with pytest.raises(EmailInvalid):
        normalise(raw)


@given(st.text(max_size=80))
def test_anything_else_than_an_address_is_refused_and_nothing_breaks(local: str) -> None:
    try:
        email = normalise(f"{local}@example.org")
    except EmailInvalid:
        return

    assert normalise(email.shown) == email
    assert normalise(email.key).key == email.key
    assert len(email.shown) <= 254
