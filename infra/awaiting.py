"""How long an update waits for an object to be ready before it fails."""


def awaited(seconds: int) -> dict[str, str]:
    """Annotations for whatever Pulumi waits for."""
    return {"pulumi.com/timeoutSeconds": str(seconds)}
