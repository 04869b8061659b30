"""A service mesh, where there is one: who proves what to whom."""

from collections.abc import Mapping

from msgspec import field

from policies.lens import Lens
from policies.rules import Findings, on_kinds


class MutualTls(Lens, frozen=True):
    """Of a PeerAuthentication."""

    mode: str = "UNSET"


class PeerAuthenticationSpec(Lens, frozen=True):
    """Of a PeerAuthentication."""

    mtls: MutualTls = MutualTls()


class PeerAuthentication(Lens, frozen=True):
    """PeerAuthentication of security.istio.io/v1."""

    spec: PeerAuthenticationSpec = PeerAuthenticationSpec()


class MeshRule(Lens, frozen=True):
    """Of an AuthorizationPolicy."""

    from_: tuple[Mapping[str, object], ...] = field(default=(), name="from")
    to: tuple[Mapping[str, object], ...] = ()


class AuthorizationPolicySpec(Lens, frozen=True):
    """Of an AuthorizationPolicy."""

    action: str = "ALLOW"
    rules: tuple[MeshRule, ...] = ()


class AuthorizationPolicy(Lens, frozen=True):
    """AuthorizationPolicy of security.istio.io/v1."""

    spec: AuthorizationPolicySpec = AuthorizationPolicySpec()


@on_kinds({"PeerAuthentication": PeerAuthentication}, why="In plain text nobody proves who they are.")
def mesh_is_strict(authentication: PeerAuthentication) -> Findings:
    """In a mesh, mutual TLS is STRICT, single ports aside."""
    if authentication.spec.mtls.mode != "STRICT":
        yield f"the mode of mutual TLS is {authentication.spec.mtls.mode}"


@on_kinds({"AuthorizationPolicy": AuthorizationPolicy}, why="An empty rule matches every request of everybody.")
def authorization_names_its_ports(authorization: AuthorizationPolicy) -> Findings:
    """Rules that let requests in name ports."""
    if authorization.spec.action == "ALLOW" and not all(rule.to for rule in authorization.spec.rules):
        yield "a rule lets in requests to every port"


POLICIES = (mesh_is_strict, authorization_names_its_ports)
