import pytest

from services.auth.domain.common_passwords import COMMON_PASSWORDS
from services.auth.domain.passwords import LENGTH_LEAST, PasswordWeak, choose

EMAIL = "ana@example.org"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("nine char", "short"),
        ("abababababab", "repetitive"),
        ("ANA@example.org", "email"),
        ("Password123", "common"),
        ("correct horse battery staple", "common"),
        ("\uff31wertyuiop", "common"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordWeak) as refused:
        choose(password, email_key=EMAIL)

    assert refused.value.facts == {"reason": reason}


def test_a_password_of_ten_characters_will_do() -> None:
    assert choose("rain-on-me", email_key=EMAIL) == "rain-on-me"


def test_the_name_before_the_at_is_no_password() -> None:
    with pytest.raises(PasswordWeak):
        choose("maximiliane", email_key="maximiliane@example.org")


def test_the_list_holds_only_what_the_other_rules_let_through() -> None:
    assert all(len(password) >= LENGTH_LEAST and password == password.casefold() for password in COMMON_PASSWORDS)
