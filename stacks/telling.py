"""The table of edges, for people: docs/network.md."""

from collections.abc import Iterable, Iterator

from infra.network import INTERNET, Edge, Peer, Pods

HEAD = """# Who may connect to whom

Made from `stacks/neighbours.py` for the stack `prod`; NetworkPolicies are made from the same table, and everything that
is not in it is refused.

| from | to | ports |
|---|---|---|
"""


def tell(edges: Iterable[Edge]) -> str:
    """As Markdown."""
    return HEAD + "".join(f"{row}\n" for row in _rows(edges))


def _rows(edges: Iterable[Edge]) -> Iterator[str]:
    for edge in edges:
        ports = ", ".join(str(port) for port in edge.ports)
        yield f"| {_name(edge.source)} | {_name(edge.target)} | {ports} |"


def _name(peer: Peer) -> str:
    if isinstance(peer, Pods):
        chosen = peer.name or ", ".join(f"{label}={value}" for label, value in peer.labels) or "every pod"
        return f"{chosen} in {peer.namespace}"
    return "the internet" if peer == INTERNET else f"addresses {peer.cidr}"
