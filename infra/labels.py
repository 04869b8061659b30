"""The labels that every object carries: Kubernetes' recommended ones, and nothing of our own."""

from dataclasses import dataclass

PREFIX = "app.kubernetes.io"
PART_OF = "souk"
MANAGED_BY = "pulumi"


@dataclass(frozen=True, kw_only=True)
class Labels:
    """Whose an object is."""

    name: str
    """`orders`, `postgres`."""
    instance: str
    """The environment: `prod`."""
    component: str
    """`api`, `worker`, `database`."""

    def selector(self) -> dict[str, str]:
        """What never changes while the object lives: no version, since selectors are immutable."""
        return {
            f"{PREFIX}/name": self.name,
            f"{PREFIX}/instance": self.instance,
            f"{PREFIX}/component": self.component,
        }

    def full(self) -> dict[str, str]:
        """The selector and where the object comes from."""
        return {**self.selector(), f"{PREFIX}/part-of": PART_OF, f"{PREFIX}/managed-by": MANAGED_BY}
