"""How a plugin says no."""

from google.protobuf.message import Message


class Refused(Exception):
    """An answer that the engine shows as the resource's error; `detail` says what it may still record."""

    def __init__(self, reason: str, detail: Message | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
