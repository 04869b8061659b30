"""What a container asks for and may use."""

from dataclasses import dataclass

from pulumi_kubernetes.core.v1 import ResourceRequirementsArgs


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Memory and disk are guaranteed as far as they are limited; CPU may burst."""

    cpu: str
    cpu_limit: str
    memory: str
    ephemeral_storage: str = "256Mi"

    def requirements(self) -> ResourceRequirementsArgs:
        """As a pod spec has them."""
        stated = self.to_map()
        return ResourceRequirementsArgs(requests=stated["requests"], limits=stated["limits"])

    def to_map(self) -> dict[str, dict[str, str]]:
        """The same, for an operator's object."""
        fixed = {"memory": canonical(self.memory), "ephemeral-storage": canonical(self.ephemeral_storage)}
        return {
            "requests": {"cpu": canonical(self.cpu), **fixed},
            "limits": {"cpu": canonical(self.cpu_limit), **fixed},
        }


UNITS = ("Ki", "Mi", "Gi", "Ti")


def bytes_of(quantity: str) -> int:
    """Of memory."""
    return int(quantity[:-2]) << 10 * (UNITS.index(quantity[-2:]) + 1)


def canonical(quantity: str) -> str:
    """As the API server writes it back (`1024Mi` is `1Gi`, `0.5` is `500m`), or it would seem to drift."""
    number, unit = quantity[:-2], quantity[-2:]
    if unit in UNITS:
        while int(number) % 1024 == 0 and unit != UNITS[-1]:
            number, unit = str(int(number) // 1024), UNITS[UNITS.index(unit) + 1]
        return number + unit
    thousandths = round(float(quantity.removesuffix("m")) * (1 if quantity.endswith("m") else 1000))
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)
