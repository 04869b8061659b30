"""Makes the certificates and keys of a control plane, once for the life of a lab."""

import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from tests.lab.cluster.places import FIRST_SERVICE, POD_GATEWAY

_DAYS = 365
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
_ADDRESSES = ("127.0.0.1", FIRST_SERVICE, POD_GATEWAY)


class Authority(Struct, frozen=True):
    """Signs the others."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make(folder: Path, now: datetime) -> None:
    """`ca`, `api` and `client` as .crt and .key, `sa.key` for service accounts, `tokens.csv` with the admin's token."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    named = _name("lab-ca", "")
    certificate = _signed(named, key, Authority(_unsigned(named, named, key, now).sign(key, hashes.SHA256()), key), now)
    authority = Authority(certificate, key)
    _write(folder, "ca", authority)
    _write(folder, "api", _issue(authority, "kube-apiserver", "", now))
    _write(folder, "client", _issue(authority, "apiserver-kubelet", "system:masters", now))
    (folder / "sa.key").write_bytes(_pem(ec.generate_private_key(ec.SECP256R1())))
    (folder / "tokens.csv").write_text(f'{secrets.token_hex(16)},admin,admin,"system:masters"\n')


def token(folder: Path) -> str:
    """The admin's."""
    return (folder / "tokens.csv").read_text().partition(",")[0]


def _issue(authority: Authority, common: str, group: str, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(_signed(_name(common, group), key, authority, now), key)


def _signed(
    subject: x509.Name, key: ec.EllipticCurvePrivateKey, authority: Authority, now: datetime
) -> x509.Certificate:
    is_authority = subject == authority.certificate.subject
    alternatives = [*map(x509.DNSName, _NAMES), *(x509.IPAddress(ipaddress.ip_address(one)) for one in _ADDRESSES)]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    unsigned = (
        _unsigned(subject, authority.certificate.subject, key, now)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    )
    if not is_authority:
        unsigned = unsigned.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return unsigned.sign(authority.key, hashes.SHA256())


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=_DAYS))
    )


def _name(common: str, group: str) -> x509.Name:
    parts: Sequence[x509.NameAttribute[str]] = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name([*parts, *([x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else [])])


def _write(folder: Path, name: str, made: Authority) -> None:
    (folder / f"{name}.crt").write_bytes(made.certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(_pem(made.key))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # Kubernetes takes no other form of a key from which it needs the public half as well.
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
