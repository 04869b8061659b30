"""Ways to break what holds of pods and how they come and go."""

from collections.abc import Mapping

from tests.policies.clean import GONE
from tests.policies.spoilt.ways import COMPONENT, MAIN, TEMPLATE, VERSION, Spoilt, backup, orders, postgres

HARDENING: Mapping[str, tuple[Spoilt, ...]] = {
    "pod-runs-as-non-root": (
        orders(f"{TEMPLATE}.securityContext.runAsNonRoot", GONE),
        orders(f"{MAIN}.securityContext.runAsNonRoot", False),
        backup("spec.jobTemplate.spec.template.spec.securityContext.runAsNonRoot", False),
    ),
    "pod-runs-above-uid-10000": (
        orders(f"{TEMPLATE}.securityContext.runAsUser", 1000),
        postgres(f"{MAIN}.securityContext.runAsUser", 999),
    ),
    "pod-has-seccomp-profile": (
        orders(f"{TEMPLATE}.securityContext.seccompProfile", GONE),
        orders(f"{MAIN}.securityContext.seccompProfile", {"type": "Unconfined"}),
    ),
    "container-root-is-read-only": (orders(f"{MAIN}.securityContext.readOnlyRootFilesystem", False),),
    "container-drops-capabilities": (
        orders(f"{MAIN}.securityContext.capabilities", GONE),
        orders(f"{MAIN}.securityContext.capabilities.add", ["NET_ADMIN"]),
    ),
    "container-cannot-escalate": (orders(f"{MAIN}.securityContext.allowPrivilegeEscalation", GONE),),
    "container-is-not-privileged": (
        orders(f"{MAIN}.securityContext.privileged", True),
        orders(f"{MAIN}.securityContext.procMount", "Unmasked"),
    ),
    "container-has-no-host-port": (orders(f"{MAIN}.ports.0.hostPort", 8000),),
    "pod-shares-nothing-with-its-node": (
        orders(f"{TEMPLATE}.hostNetwork", True),
        orders(f"{TEMPLATE}.hostPID", True),
        orders(f"{TEMPLATE}.hostIPC", True),
    ),
    "pod-mounts-restricted-volumes-only": (
        orders(f"{TEMPLATE}.volumes.+", {"name": "node", "hostPath": {"path": "/"}}),
        orders(f"{TEMPLATE}.volumes.+", {"name": "shared", "nfs": {"server": "10.0.0.1", "path": "/"}}),
    ),
    "pod-has-no-api-token": (orders(f"{TEMPLATE}.automountServiceAccountToken", GONE),),
    "pod-has-own-service-account": (
        orders(f"{TEMPLATE}.serviceAccountName", GONE),
        orders(f"{TEMPLATE}.serviceAccountName", "default"),
    ),
    "account-hands-out-no-token": (Spoilt("ServiceAccount", "orders", "automountServiceAccountToken", GONE),),
    "pod-has-no-service-links": (orders(f"{TEMPLATE}.enableServiceLinks", True),),
}

IMAGES: Mapping[str, tuple[Spoilt, ...]] = {
    "image-is-exact": tuple(
        orders(f"{MAIN}.image", image)
        for image in ("ghcr.io/souk/service", "ghcr.io/souk/service:latest", "postgres:16", "ghcr.io/a@sha256:abc", "")
    ),
    "image-pull-policy-is-said": (
        orders(f"{MAIN}.imagePullPolicy", GONE),
        orders(f"{MAIN}.imagePullPolicy", "Never"),
    ),
    "image-is-from-known-registry": tuple(
        orders(f"{MAIN}.image", f"{registry}/souk/service:1.2.3") for registry in ("evil.example", "localhost:5000")
    ),
}

LIFECYCLE: Mapping[str, tuple[Spoilt, ...]] = {
    "pod-has-startup-probe": (orders(f"{MAIN}.startupProbe", GONE), postgres(f"{MAIN}.startupProbe", GONE)),
    "pod-has-readiness-probe": (
        orders(f"{MAIN}.readinessProbe", GONE),
        orders(f"{TEMPLATE}.initContainers.+", {"name": "sidecar", "restartPolicy": "Always"}),
    ),
    "pod-has-liveness-probe": (orders(f"{MAIN}.livenessProbe", GONE),),
    "liveness-is-not-readiness": (orders(f"{MAIN}.livenessProbe.httpGet.path", "/health/ready"),),
    "pod-waits-before-stopping": (
        orders(f"{MAIN}.lifecycle", GONE),
        orders(f"{MAIN}.lifecycle.preStop.sleep.seconds", 1),
        orders(f"{MAIN}.lifecycle.preStop", {"exec": {"command": ["true"]}}),
    ),
    "grace-covers-draining": (
        orders(f"{TEMPLATE}.terminationGracePeriodSeconds", 25),
        orders(f"{MAIN}.env.+", {"name": "SOUK_DRAIN_S", "value": "55"}),
        Spoilt("ConfigMap", "orders-1a2b3c4d", "data.SOUK_DRAIN_S", "55"),
    ),
    "rollout-keeps-capacity": (
        orders("spec.strategy", {"type": "Recreate"}),
        orders("spec.strategy", GONE),
        orders("spec.strategy.rollingUpdate.maxUnavailable", "25%"),
    ),
    "few-revisions-are-kept": (
        orders("spec.revisionHistoryLimit", GONE),
        orders("spec.revisionHistoryLimit", 0),
    ),
    "store-is-stopped-in-order": (postgres(f"{MAIN}.lifecycle", GONE),),
    "waiting-is-bounded": tuple(
        Spoilt(kind, name, r"metadata.annotations.pulumi\.com/timeoutSeconds", GONE)
        for kind, name in (("Deployment", "orders"), ("StatefulSet", "postgres"), ("Job", "migrate"))
    ),
}

AVAILABILITY: Mapping[str, tuple[Spoilt, ...]] = {
    "container-requests-resources": tuple(
        orders(f"{MAIN}.resources.requests.{name}", GONE) for name in ("cpu", "memory", "ephemeral-storage")
    ),
    "container-limits-resources": (
        orders(f"{MAIN}.resources.limits", GONE),
        backup("spec.jobTemplate.spec.template.spec.containers.0.resources.limits.memory", GONE),
    ),
    "pod-has-priority": (orders(f"{TEMPLATE}.priorityClassName", GONE),),
    "replicas-are-spread": (
        orders(f"{TEMPLATE}.topologySpreadConstraints", GONE),
        orders(f"{TEMPLATE}.topologySpreadConstraints.0.topologyKey", "example.com/rack"),
    ),
    "replicas-keep-apart": (
        orders(f"{TEMPLATE}.affinity", GONE),
        orders(
            f"{TEMPLATE}.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0"
            f".podAffinityTerm.labelSelector.matchLabels.{COMPONENT}",
            "worker",
        ),
    ),
    "spread-selects-own-pods": (
        orders(f"{TEMPLATE}.topologySpreadConstraints.0.labelSelector.matchLabels.{COMPONENT}", "worker"),
        orders(f"{TEMPLATE}.topologySpreadConstraints.0.labelSelector", {}),
    ),
    "selector-has-no-version": (orders(f"spec.selector.matchLabels.{VERSION}", "1.2.3"),),
    "selector-selects-own-pods": (
        orders("spec.selector", {}),
        orders(f"spec.selector.matchLabels.{COMPONENT}", "worker"),
    ),
    "pod-has-recommended-labels": (orders(f"spec.template.metadata.labels.{COMPONENT}", GONE),),
    "budget-lets-nodes-be-drained": (
        Spoilt("PodDisruptionBudget", "orders", "spec.maxUnavailable", 0),
        Spoilt("PodDisruptionBudget", "orders", "spec.maxUnavailable", GONE),
        Spoilt("PodDisruptionBudget", "orders", "spec.minAvailable", "100%"),
    ),
    "replicas-have-a-disruption-budget": (
        postgres("spec.replicas", 3),
        Spoilt("PodDisruptionBudget", "orders", "metadata.namespace", "other"),
        Spoilt("PodDisruptionBudget", "orders", f"spec.selector.matchLabels.{COMPONENT}", "worker"),
    ),
}
