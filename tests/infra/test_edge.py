from dataclasses import replace

import pytest

from infra.edge import Edge, EdgeArgs, IssuedCertificate
from tests.infra.engine import Declarations, declare
from tests.infra.every import FRONT

ISSUED = replace(FRONT, tls=IssuedCertificate(issuer="letsencrypt"))


def declared(args: EdgeArgs) -> Declarations:
    return declare(lambda: Edge("front", args))


def test_an_ingress_leads_its_host_to_the_gateway_and_nothing_else() -> None:
    rules = declared(FRONT).one("Ingress").at("spec.rules")

    backend = {"service": {"name": "gateway", "port": {"number": 8000}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    assert rules == [{"host": "souk.example", "http": {"paths": [path]}}]


def test_a_given_certificate_is_shown() -> None:
    made = declared(FRONT)

    assert made.one("Secret").at("type") == "kubernetes.io/tls"
    assert made.one("Ingress").at("spec.tls") == [
        {"hosts": ["souk.example"], "secretName": made.one("Secret").at("metadata.name")}
    ]


def test_a_certificate_can_be_issued_where_it_is_shown() -> None:
    certificate = declared(ISSUED).one("Certificate")

    assert certificate.at("spec.secretName") == "front-tls"
    assert certificate.at("spec.issuerRef.name") == "letsencrypt"


def test_a_gateway_takes_https_for_its_host_and_routes_it() -> None:
    made = declared(replace(ISSUED, kind="gateway", class_name="istio"))

    assert made.one("Gateway").at("spec.listeners.0.hostname") == "souk.example"
    assert made.one("Gateway").at("spec.listeners.0.tls.certificateRefs") == [{"name": "front-tls"}]
    assert made.one("HTTPRoute").at("spec.rules.0.backendRefs") == [{"name": "gateway", "port": 8000}]
    assert made.of("Ingress") == []


@pytest.mark.parametrize(
    ("args", "url"), [(FRONT, "https://souk.example"), (replace(FRONT, tls=None), "http://souk.example")]
)
def test_its_url_says_whether_it_is_encrypted(args: EdgeArgs, url: str) -> None:
    made = declared(args)

    assert list(made.outputs.values())[-1] == {"url": url}
