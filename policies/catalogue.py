"""All policies, in the order in which they are listed."""

from collections.abc import Mapping

from policies import (
    access,
    availability,
    confidential,
    hardening,
    images,
    jobs,
    lifecycle,
    mesh,
    monitoring,
    namespaces,
    network,
    operated,
    references,
    rollouts,
    scaling,
    storage,
)
from policies.rules import Rule, StackRule

RULES: Mapping[str, tuple[Rule, ...]] = {
    "hardening": hardening.POLICIES,
    "images": images.POLICIES,
    "lifecycle": lifecycle.POLICIES,
    "rollouts": rollouts.POLICIES,
    "availability": availability.POLICIES,
    "scaling": scaling.POLICIES,
    "storage": storage.POLICIES,
    "operated": operated.POLICIES,
    "network": network.POLICIES,
    "mesh": mesh.POLICIES,
    "confidential": confidential.POLICIES,
    "references": (),
    "access": access.POLICIES,
    "jobs": jobs.POLICIES,
    "namespaces": namespaces.POLICIES,
    "monitoring": monitoring.POLICIES,
}
"""Those on one resource at a time, by theme."""

STACK_RULES: Mapping[str, tuple[StackRule, ...]] = {
    "lifecycle": lifecycle.STACK_POLICIES,
    "rollouts": rollouts.STACK_POLICIES,
    "availability": availability.STACK_POLICIES,
    "scaling": scaling.STACK_POLICIES,
    "storage": storage.STACK_POLICIES,
    "network": network.STACK_POLICIES,
    "references": references.STACK_POLICIES,
    "namespaces": namespaces.STACK_POLICIES,
}
"""Those on all resources of a stack together."""
