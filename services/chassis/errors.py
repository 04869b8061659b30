"""Why a request was not served, in words of the trade. `chassis.http.problems` turns them into RFC 9457 answers.

A service derives one class per reason from one of these kinds, as a struct that carries its facts:

    class OutOfStock(Conflict):
        code = "out_of_stock"
        title = "Not enough stock"

        def __init__(self, *, sku: str, free: int) -> None:
            super().__init__(f"{free} of {sku} are left", sku=sku, free=free)

No HTTP status appears above `chassis.http`.
"""

from typing import ClassVar

Fact = str | int | bool | None | list[str] | list[dict[str, str | int]] | dict[str, str | int]


class SoukError(Exception):
    """A refusal with a stable `code` for programs, a `title` for the kind and a detail for this occurrence."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Fact) -> None:
        """`facts` become members of the problem document."""
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class Missing(SoukError):
    """It does not exist, or the caller may not know that it does."""

    code = "missing"
    title = "Not found"


class Conflict(SoukError):
    """It is in a state that does not allow this."""

    code = "conflict"
    title = "Conflict"


class Denied(SoukError):
    """The caller is known and may not do this."""

    code = "denied"
    title = "Forbidden"


class Invalid(SoukError):
    """The request is well formed, but its values cannot be accepted."""

    code = "invalid"
    title = "Invalid value"


class Malformed(SoukError):
    """The request cannot be read, or lacks what every request of its kind must have."""

    code = "malformed"
    title = "Malformed request"


class Unproven(SoukError):
    """Who the caller is has not been proven: no credentials, or wrong ones."""

    code = "unproven"
    title = "Authentication required"


class Limited(SoukError):
    """Too much in too short a time. Fact `retry_after_s` is always given."""

    code = "limited"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: int, **facts: Fact) -> None:
        super().__init__(detail, retry_after_s=retry_after_s, **facts)


class Unavailable(SoukError):
    """A dependency does not answer; the same request may succeed later."""

    code = "unavailable"
    title = "Temporarily unavailable"
