from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.mail import Mail
from services.chassis.mail.smtp import compose, is_address
from tests.chassis.clocks import HandClock

HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding"}
addresses = st.emails().filter(is_address)


@given(addresses, st.text(), st.text(), st.text())
def test_whatever_a_mail_says_its_headers_are_ours(to: str, subject: str, body: str, message_id: str) -> None:
    mail = Mail(message_id=message_id, to=to, subject=subject, body=body)

    sent = compose(mail, sender="Souk <no-reply@souk.example>", now=HandClock()()).as_bytes()

    message = message_from_bytes(sent, policy=policy.default)
    assert set(message.keys()) <= HEADERS | {"MIME-Version"}
    assert message["From"] == "Souk <no-reply@souk.example>"
    assert len(message.get_all("To", [])) == 1
