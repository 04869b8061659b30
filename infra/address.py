"""What a store offers to the rest of the program, whichever engine is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

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

    parameters: Mapping[str, str] = field(default_factory=dict)
    """What else is asked of a PostgreSQL, in libpq's words: `sslmode`."""

    def environment(self) -> dict[str, pulumi.Input[str]]:
        """For programs of PostgreSQL's; the password is not among it."""
        asked = {f"PG{word.upper()}": value for word, value in self.parameters.items()}
        return {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user, **asked}

    def url(self, scheme: str, path: str = "") -> Confidential:
        """`scheme://user:password@host:port/path`, as a secret."""
        password = escaped(self.password)
        asked = f"?{urlencode(self.parameters)}" if self.parameters else ""
        return phrase(
            f"{scheme}://{quote(self.user, safe='')}:", password, "@", self.host, f":{self.port}{path}{asked}"
        )
