"""What values may look like."""

from typing import Annotated

from msgspec import Meta, Struct

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,40}$")]
Host = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
Cidr = Annotated[str, Meta(pattern=r"^[0-9a-f.:]+/[0-9]{1,3}$")]
Cpu = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?m?$")]
Bytes = Annotated[str, Meta(pattern="^[1-9][0-9]*(Ki|Mi|Gi|Ti)$")]
Cron = Annotated[str, Meta(pattern=r"^\S+( \S+){4}$")]
Reference = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9./:_-]*(@sha256:[0-9a-f]{64})?$")]
"""Of an image."""
Text = Annotated[str, Meta(min_length=1)]
Replicas = Annotated[int, Meta(ge=1, le=100)]


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is not known is a mistake, not something to skip."""
