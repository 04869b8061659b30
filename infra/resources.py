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
        fixed = {"memory": self.memory, "ephemeral-storage": self.ephemeral_storage}
        return {"requests": {"cpu": self.cpu, **fixed}, "limits": {"cpu": self.cpu_limit, **fixed}}
