"""Why the gateway itself says no, in words of the trade."""

from services.chassis.errors import Denied, Limited, Malformed, Missing, Unavailable, Unproven


class NoSuchRoute(Missing):
    """No edge has this path."""

    code = "no_such_route"
    title = "No such route"

    def __init__(self) -> None:
        super().__init__("nothing is served at this path")


class AmbiguousTarget(Malformed):
    """The path could be read in two ways, so that gateway and service might not mean the same."""

    code = "ambiguous_target"
    title = "Ambiguous request target"

    def __init__(self) -> None:
        super().__init__("the path must be absolute, plain and without dot segments, empty segments or encoded slashes")


class LoginNeeded(Unproven):
    """The route is for users."""

    code = "login_needed"
    title = "Log in first"

    def __init__(self) -> None:
        super().__init__("this needs an access token or an API key: Authorization: Bearer …")


class TokenRevoked(Unproven):
    """Its session was ended, or its key was deleted."""

    code = "token_revoked"
    title = "Token revoked"

    def __init__(self) -> None:
        super().__init__("the token's session was ended")


class CallerRefused(Unproven):
    """The internal listener does not believe the caller token."""

    code = "caller_refused"
    title = "Caller refused"


class EdgeForbidden(Denied):
    """No edge lets this service ask that."""

    code = "edge_forbidden"
    title = "No such edge"

    def __init__(self, *, caller: str, target: str) -> None:
        super().__init__(f"{caller} may not call {target}", caller=caller, target=target)


class TooManyRequests(Limited):
    """A rate limit is used up."""

    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, *, rule: str, retry_after_s: int) -> None:
        super().__init__(f"the limit {rule} is used up", retry_after_s=retry_after_s, limit=rule)


class Overloaded(Unavailable):
    """The service has all the work it can do at the moment."""

    code = "overloaded"
    title = "Overloaded"

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} has too much to do", service=service, retry_after_s=1)


class CircuitOpen(Unavailable):
    """The service has failed too often to be asked now."""

    code = "circuit_open"
    title = "Service is failing"

    def __init__(self, service: str, *, retry_after_s: int) -> None:
        super().__init__(f"{service} is not answering", service=service, retry_after_s=retry_after_s)


class UnderMaintenance(Unavailable):
    """Staff have closed the route for a while."""

    code = "maintenance"
    title = "Under maintenance"

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__("this part of Souk is being worked on", retry_after_s=retry_after_s)
