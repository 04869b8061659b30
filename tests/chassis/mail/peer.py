"""A real SMTP server in this process."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.chassis.clock import utc_now

HOST = "127.0.0.1"


@dataclass
class Peer:
    """What it got, and how it answers."""

    port: int = 0
    answer: str = "250 OK"
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name.
        del server
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None)
        return self.answer

    def messages(self) -> list[EmailMessage]:
        return [_read(envelope) for envelope in self.envelopes]


def _let_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, secret: object) -> AuthResult:
    known = isinstance(secret, LoginPassword) and (secret.login, secret.password) == (b"souk", b"s3cret/:@")
    return AuthResult(success=known, handled=False)


@dataclass(frozen=True, kw_only=True)
class Trust:
    """A certificate for this machine, and who believes it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@asynccontextmanager
async def listening(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, login: bool = False
) -> AsyncIterator[Peer]:
    """Up for as long as the block."""
    peer = Peer()

    def accept() -> SMTP:
        return SMTP(
            peer,
            hostname=HOST,
            enable_SMTPUTF8=True,
            tls_context=starttls,
            authenticator=_let_in if login else None,
            auth_required=login,
            auth_require_tls=tls is None,
        )

    server = await asyncio.get_running_loop().create_server(accept, HOST, 0, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        await server.wait_closed()


def make_trust(folder: Path) -> Trust:
    """Signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(hours=1))
        .not_valid_after(utc_now() + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = folder / "peer.pem"
    chain.write_bytes(secret + certificate.public_bytes(encoding))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(chain)
    return Trust(server=server, client=ssl.create_default_context(cafile=chain))


def _read(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
