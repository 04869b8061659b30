"""How pods come and go without a failed request.

A pod that is to end waits until nobody is sent to it any more (preStop), then gets SIGTERM and drains. Only after
both, and a margin, may it be killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_kubernetes.apps.v1 import DeploymentStrategyArgs, RollingUpdateDeploymentArgs
from pulumi_kubernetes.core.v1 import ExecActionArgs, LifecycleArgs, LifecycleHandlerArgs, SleepActionArgs

REVISION_HISTORY = 2
"""Enough to go back twice; older ReplicaSets only clutter."""


@dataclass(frozen=True, kw_only=True)
class Shutdown:
    """Seconds of each step."""

    unlist_s: int = 10
    """Until every proxy and load balancer has noticed that the endpoint is gone."""
    drain_s: int = 30
    """For requests under way; the process is told as SOUK_DRAIN_S."""
    margin_s: int = 10
    command: tuple[str, ...] = ()
    """What to run instead of waiting, for servers that a plain SIGTERM does not stop well."""

    @property
    def grace_s(self) -> int:
        """What the pod is granted before SIGKILL."""
        return self.unlist_s + self.drain_s + self.margin_s

    def hooks(self, after_start: Sequence[str] = ()) -> LifecycleArgs:
        """The kubelet sleeps, so that the image needs no shell."""
        begin = LifecycleHandlerArgs(exec_=ExecActionArgs(command=list(after_start))) if after_start else None
        if self.command:
            end = LifecycleHandlerArgs(exec_=ExecActionArgs(command=list(self.command)))
        else:
            end = LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=self.unlist_s))
        return LifecycleArgs(post_start=begin, pre_stop=end)


def rolling_update() -> DeploymentStrategyArgs:
    """A new pod is ready before an old one leaves."""
    return DeploymentStrategyArgs(
        type="RollingUpdate", rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0)
    )
