"""What the world sees: one host, which leads to the gateway."""

import pulumi

from infra.edge import Edge, EdgeArgs, GivenCertificate, IssuedCertificate, Tls
from stacks.configuration.sealed import seal
from stacks.configuration.shape import Configuration, InSecrets, Issued
from stacks.layers.foundation import Foundation
from stacks.places import Places
from stacks.roster import HTTP


def lay_front(configuration: Configuration, places: Places, foundation: Foundation) -> pulumi.Output[str]:
    """The URL."""
    given = configuration.edge
    args = EdgeArgs(
        namespace=foundation.services,
        labels=places.labels("edge"),
        kind=given.kind,
        class_name=given.class_name,
        host=given.host,
        service="gateway",
        port=HTTP,
        tls=_tls(configuration),
        annotations=given.annotations,
    )
    return Edge("front", args).url


def _tls(configuration: Configuration) -> Tls | None:
    given, secrets = configuration.edge.tls, configuration.secrets
    if isinstance(given, Issued):
        return IssuedCertificate(issuer=given.issuer, issuer_kind=given.issuer_kind)
    if isinstance(given, InSecrets) and secrets.tls_certificate and secrets.tls_key:
        return GivenCertificate(certificate=secrets.tls_certificate, key=seal(secrets.tls_key))
    return None
