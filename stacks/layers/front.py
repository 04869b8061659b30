"""What the world sees: one host, which leads to the gateway."""

import pulumi

from infra.edge import Edge, EdgeArgs, GivenCertificate, IssuedCertificate, Tls
from stacks.configuration.shape import Configuration, InSecrets, Issued
from stacks.layers.foundation import Foundation
from stacks.places import Places
from stacks.roster import HTTP
from stacks.safe import safe_of


def lay_front(configuration: Configuration, places: Places, foundation: Foundation) -> None:
    """It is the only way in."""
    args = edge_args(
        configuration, places, namespace=foundation.services, host=configuration.edge.host, to=("gateway", HTTP)
    )
    Edge("front", args)


def edge_args(
    configuration: Configuration, places: Places, *, namespace: pulumi.Input[str], host: str, to: tuple[str, int]
) -> EdgeArgs:
    """A host that leads `to` a Service and its port, through the stack's controller."""
    given = configuration.edge
    return EdgeArgs(
        namespace=namespace,
        labels=places.labels("edge"),
        kind=given.kind,
        class_name=given.class_name,
        host=host,
        service=to[0],
        port=to[1],
        tls=_tls(configuration),
        annotations=given.annotations,
    )


def _tls(configuration: Configuration) -> Tls | None:
    given = configuration.edge.tls
    if isinstance(given, Issued):
        return IssuedCertificate(issuer=given.issuer, issuer_kind=given.issuer_kind)
    if isinstance(given, InSecrets):
        safe = safe_of(configuration)
        return GivenCertificate(certificate=safe.single("tls_certificate"), key=safe.single("tls_key"))
    return None
