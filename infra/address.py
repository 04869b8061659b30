"""What a store offers to the rest of the program, whichever engine is behind it."""

from dataclasses import dataclass
from urllib.parse import quote

import pulumi

from infra.confidential import Confidential, escaped, phrase


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """One entry of a Secret in the cluster."""

    namespace: pulumi.Input[str]
    name: pulumi.Input[str]
    key: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a store answers, and as whom it lets one in."""

    host: pulumi.Input[str]
    port: int
    user: str
    password: Confidential
    secret: SecretReference | None = None
    """Where the password is kept for people; None for a store outside the cluster."""

    def url(self, scheme: str, path: str = "") -> Confidential:
        """`scheme://user:password@host:port/path`, as a secret."""
        password = escaped(self.password)
        return phrase(f"{scheme}://{quote(self.user, safe='')}:", password, "@", self.host, f":{self.port}", path)
