"""For every policy, ways to break it: the kind and name of an object of the clean stack, a path in it, and a value."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.policies.clean import GONE

TEMPLATE = "spec.template.spec"
MAIN = "spec.template.spec.containers.0"


class Spoilt(NamedTuple):
    """One field that is wrong."""

    kind: str
    name: str
    path: str
    value: object


def _orders(path: str, value: object) -> Spoilt:
    return Spoilt("Deployment", "orders", path, value)


def _postgres(path: str, value: object) -> Spoilt:
    return Spoilt("StatefulSet", "postgres", path, value)


def _backup(path: str, value: object) -> Spoilt:
    return Spoilt("CronJob", "postgres", path, value)


SECRET_URL = "postgresql://souk:hunter2@db/orders"
EVERYWHERE = {"ipBlock": {"cidr": "0.0.0.0/0"}}
COMPONENT = r"app\.kubernetes\.io/component"
VERSION = r"app\.kubernetes\.io/version"

HARDENING: Mapping[str, tuple[Spoilt, ...]] = {
    "pod-runs-as-non-root": (
        _orders(f"{TEMPLATE}.securityContext.runAsNonRoot", GONE),
        _orders(f"{MAIN}.securityContext.runAsNonRoot", False),
        _backup("spec.jobTemplate.spec.template.spec.securityContext.runAsNonRoot", False),
    ),
    "pod-runs-above-uid-10000": (
        _orders(f"{TEMPLATE}.securityContext.runAsUser", 1000),
        _postgres(f"{MAIN}.securityContext.runAsUser", 999),
    ),
    "pod-has-seccomp-profile": (
        _orders(f"{TEMPLATE}.securityContext.seccompProfile", GONE),
        _orders(f"{MAIN}.securityContext.seccompProfile", {"type": "Unconfined"}),
    ),
    "container-root-is-read-only": (_orders(f"{MAIN}.securityContext.readOnlyRootFilesystem", False),),
    "container-drops-capabilities": (
        _orders(f"{MAIN}.securityContext.capabilities", GONE),
        _orders(f"{MAIN}.securityContext.capabilities.add", ["NET_ADMIN"]),
    ),
    "container-cannot-escalate": (_orders(f"{MAIN}.securityContext.allowPrivilegeEscalation", GONE),),
    "container-is-not-privileged": (
        _orders(f"{MAIN}.securityContext.privileged", True),
        _orders(f"{MAIN}.securityContext.procMount", "Unmasked"),
    ),
    "container-has-no-host-port": (_orders(f"{MAIN}.ports.0.hostPort", 8000),),
    "pod-shares-nothing-with-its-node": (
        _orders(f"{TEMPLATE}.hostNetwork", True),
        _orders(f"{TEMPLATE}.hostPID", True),
        _orders(f"{TEMPLATE}.hostIPC", True),
    ),
    "pod-mounts-restricted-volumes-only": (
        _orders(f"{TEMPLATE}.volumes.+", {"name": "node", "hostPath": {"path": "/"}}),
        _orders(f"{TEMPLATE}.volumes.+", {"name": "shared", "nfs": {"server": "10.0.0.1", "path": "/"}}),
    ),
    "pod-has-no-api-token": (_orders(f"{TEMPLATE}.automountServiceAccountToken", GONE),),
    "pod-has-own-service-account": (
        _orders(f"{TEMPLATE}.serviceAccountName", GONE),
        _orders(f"{TEMPLATE}.serviceAccountName", "default"),
    ),
    "pod-has-no-service-links": (_orders(f"{TEMPLATE}.enableServiceLinks", True),),
}

IMAGES: Mapping[str, tuple[Spoilt, ...]] = {
    "image-is-exact": tuple(
        _orders(f"{MAIN}.image", image)
        for image in ("ghcr.io/souk/service", "ghcr.io/souk/service:latest", "postgres:16", "ghcr.io/a@sha256:abc", "")
    ),
    "image-pull-policy-is-said": (
        _orders(f"{MAIN}.imagePullPolicy", GONE),
        _orders(f"{MAIN}.imagePullPolicy", "Never"),
    ),
    "image-is-from-known-registry": tuple(
        _orders(f"{MAIN}.image", f"{registry}/souk/service:1.2.3") for registry in ("evil.example", "localhost:5000")
    ),
}

LIFECYCLE: Mapping[str, tuple[Spoilt, ...]] = {
    "pod-has-startup-probe": (_orders(f"{MAIN}.startupProbe", GONE), _postgres(f"{MAIN}.startupProbe", GONE)),
    "pod-has-readiness-probe": (
        _orders(f"{MAIN}.readinessProbe", GONE),
        _orders(f"{TEMPLATE}.initContainers.+", {"name": "sidecar", "restartPolicy": "Always"}),
    ),
    "pod-has-liveness-probe": (_orders(f"{MAIN}.livenessProbe", GONE),),
    "liveness-is-not-readiness": (_orders(f"{MAIN}.livenessProbe.httpGet.path", "/health/ready"),),
    "pod-waits-before-stopping": (
        _orders(f"{MAIN}.lifecycle", GONE),
        _orders(f"{MAIN}.lifecycle.preStop.sleep.seconds", 1),
        _orders(f"{MAIN}.lifecycle.preStop", {"exec": {"command": ["true"]}}),
    ),
    "grace-covers-draining": (
        _orders(f"{TEMPLATE}.terminationGracePeriodSeconds", 25),
        _orders(f"{MAIN}.env.+", {"name": "SOUK_DRAIN_S", "value": "55"}),
    ),
    "rollout-keeps-capacity": (
        _orders("spec.strategy", {"type": "Recreate"}),
        _orders("spec.strategy", GONE),
        _orders("spec.strategy.rollingUpdate.maxUnavailable", "25%"),
    ),
    "few-revisions-are-kept": (
        _orders("spec.revisionHistoryLimit", GONE),
        _orders("spec.revisionHistoryLimit", 0),
    ),
}

AVAILABILITY: Mapping[str, tuple[Spoilt, ...]] = {
    "container-requests-resources": tuple(
        _orders(f"{MAIN}.resources.requests.{name}", GONE) for name in ("cpu", "memory", "ephemeral-storage")
    ),
    "container-limits-resources": (
        _orders(f"{MAIN}.resources.limits", GONE),
        _backup("spec.jobTemplate.spec.template.spec.containers.0.resources.limits.memory", GONE),
    ),
    "pod-has-priority": (_orders(f"{TEMPLATE}.priorityClassName", GONE),),
    "replicas-are-spread": (
        _orders(f"{TEMPLATE}.topologySpreadConstraints", GONE),
        _orders(f"{TEMPLATE}.topologySpreadConstraints.0.topologyKey", "example.com/rack"),
    ),
    "spread-selects-own-pods": (
        _orders(f"{TEMPLATE}.topologySpreadConstraints.0.labelSelector.matchLabels.{COMPONENT}", "worker"),
        _orders(f"{TEMPLATE}.topologySpreadConstraints.0.labelSelector", {}),
    ),
    "selector-has-no-version": (_orders(f"spec.selector.matchLabels.{VERSION}", "1.2.3"),),
    "selector-selects-own-pods": (
        _orders("spec.selector", {}),
        _orders(f"spec.selector.matchLabels.{COMPONENT}", "worker"),
    ),
    "pod-has-recommended-labels": (_orders(f"spec.template.metadata.labels.{COMPONENT}", GONE),),
    "budget-lets-nodes-be-drained": (
        Spoilt("PodDisruptionBudget", "orders", "spec.maxUnavailable", 0),
        Spoilt("PodDisruptionBudget", "orders", "spec.maxUnavailable", GONE),
        Spoilt("PodDisruptionBudget", "orders", "spec.minAvailable", "100%"),
    ),
    "autoscaler-has-room": (
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.minReplicas", 1),
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.maxReplicas", 2),
    ),
    "replicas-have-a-disruption-budget": (
        _postgres("spec.replicas", 3),
        Spoilt("PodDisruptionBudget", "orders", "metadata.namespace", "other"),
        Spoilt("PodDisruptionBudget", "orders", f"spec.selector.matchLabels.{COMPONENT}", "worker"),
    ),
    "autoscaler-owns-replicas": (_orders("spec.replicas", 3),),
}

STORAGE: Mapping[str, tuple[Spoilt, ...]] = {
    "claims-are-retained": (
        _postgres("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete"),
        _postgres("spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Delete"),
    ),
    "database-is-on-a-volume": (_postgres("spec.volumeClaimTemplates", GONE),),
    "empty-folders-are-limited": (_orders(f"{TEMPLATE}.volumes.2.emptyDir.sizeLimit", GONE),),
    "data-is-protected": (),
    "stateful-set-has-its-service": (
        _postgres("spec.serviceName", GONE),
        Spoilt("Service", "postgres", "spec.clusterIP", "10.0.0.7"),
        Spoilt("Service", "postgres", "metadata.namespace", "other"),
    ),
    "database-is-backed-up": (
        _backup(f"metadata.labels.{COMPONENT}", "worker"),
        _backup("spec.suspend", True),
        _backup(r"metadata.labels.app\.kubernetes\.io/name", "redis"),
    ),
}

NETWORK: Mapping[str, tuple[Spoilt, ...]] = {
    "ingress-names-its-peers": (
        Spoilt("NetworkPolicy", "orders", "spec.ingress.0.from", GONE),
        Spoilt("NetworkPolicy", "orders", "spec.ingress.0.from.+", {"namespaceSelector": {}}),
        Spoilt("NetworkPolicy", "orders", "spec.ingress.+", {}),
        Spoilt("NetworkPolicy", "orders", "spec.ingress.0.from.+", EVERYWHERE),
    ),
    "egress-names-its-peers": (
        Spoilt("NetworkPolicy", "orders", "spec.egress.0.to", GONE),
        Spoilt("NetworkPolicy", "orders", "spec.egress.0.to.+", EVERYWHERE),
        Spoilt("NetworkPolicy", "orders", "spec.egress.1.ports.+", {"port": 443}),
    ),
    "edges-name-their-ports": (
        Spoilt("NetworkPolicy", "orders", "spec.ingress.0.ports", GONE),
        Spoilt("NetworkPolicy", "orders", "spec.egress.0.ports", []),
    ),
    "service-stays-inside": (
        Spoilt("Service", "postgres", "spec.type", "NodePort"),
        Spoilt("Service", "postgres", "spec.type", "LoadBalancer"),
        Spoilt("Service", "postgres", "spec.externalIPs", ["192.0.2.7"]),
    ),
    "ingress-has-tls": (
        Spoilt("Ingress", "shop", "spec.tls", GONE),
        Spoilt("Ingress", "shop", "spec.rules.+", {"host": "other.example"}),
    ),
    "ingress-names-its-hosts": (
        Spoilt("Ingress", "shop", "spec.rules.0.host", GONE),
        Spoilt("Ingress", "shop", "spec.rules.0.host", "*.example"),
    ),
    "ingress-has-no-snippets": (
        Spoilt("Ingress", "shop", r"metadata.annotations.nginx\.ingress\.kubernetes\.io/server-snippet", "deny all;"),
    ),
    "namespace-denies-by-default": (
        Spoilt("NetworkPolicy", "deny-all", "spec.policyTypes", ["Ingress"]),
        Spoilt("NetworkPolicy", "deny-all", "spec.ingress", [{}]),
        Spoilt("NetworkPolicy", "deny-all", "metadata.namespace", "other"),
    ),
    "pod-has-its-edges": (
        Spoilt("NetworkPolicy", "orders", f"spec.podSelector.matchLabels.{COMPONENT}", "worker"),
        Spoilt("NetworkPolicy", "migrate", "spec.podSelector", {}),
    ),
}

CONFIDENTIAL: Mapping[str, tuple[Spoilt, ...]] = {
    "environment-has-no-secret": tuple(
        _orders(f"{MAIN}.env.+", {"name": name, "value": value})
        for name, value in (
            ("SOUK_DATABASE_URL", SECRET_URL),
            ("STAFF_PASSWORD", "hunter2"),
            ("SOUK_DATA_KEY", "x" * 32),
            ("STRIPE", "sk_live_abcdefghijkl"),
        )
    ),
    "arguments-have-no-secret": (_orders(f"{MAIN}.args.+", f"--database={SECRET_URL}"),),
    "secrets-are-mounted-as-files": (
        _orders(f"{MAIN}.env.+", {"name": "A", "valueFrom": {"secretKeyRef": {"name": "orders-3c4d", "key": "a"}}}),
        _orders(f"{MAIN}.envFrom.+", {"secretRef": {"name": "orders-3c4d"}}),
    ),
    "config-map-has-no-secret": (
        Spoilt("ConfigMap", "orders-1a2b", "data.url", SECRET_URL),
        Spoilt("ConfigMap", "orders-1a2b", "data.key", "-----BEGIN PRIVATE KEY-----\nMC4C"),
    ),
    "config-map-is-immutable": (Spoilt("ConfigMap", "orders-1a2b", "immutable", GONE),),
    "secret-is-immutable": (Spoilt("Secret", "orders-3c4d", "immutable", False),),
    "external-secret-is-made-once": (
        Spoilt("ExternalSecret", "orders-5e6f", "spec.refreshPolicy", "Periodic"),
        Spoilt("ExternalSecret", "orders-5e6f", "spec.target.immutable", GONE),
    ),
    "references-lead-somewhere": (
        _orders(f"{TEMPLATE}.volumes.0.configMap.name", "orders-9z9z"),
        _orders(f"{TEMPLATE}.serviceAccountName", "nobody"),
        _orders(f"{MAIN}.envFrom.0.configMapRef.name", "orders-9z9z"),
        _orders(f"{TEMPLATE}.volumes.+", {"name": "d", "persistentVolumeClaim": {"claimName": "lost"}}),
        _orders(f"{TEMPLATE}.volumes.+", {"name": "p", "projected": {"sources": [{"configMap": {"name": "lost"}}]}}),
        Spoilt("ConfigMap", "orders-1a2b", "metadata.namespace", "other"),
    ),
}

ACCESS: Mapping[str, tuple[Spoilt, ...]] = {
    "role-has-no-wildcard": (
        Spoilt("Role", "reader", "rules.0.verbs.+", "*"),
        Spoilt("Role", "reader", "rules.0.resources.+", "*"),
    ),
    "role-cannot-rise": (Spoilt("Role", "reader", "rules.0.verbs.+", "escalate"),),
    "role-reads-no-secrets": (
        Spoilt("Role", "reader", "rules.+", {"verbs": ["list"], "resources": ["secrets"]}),
        Spoilt("Role", "reader", "rules.+", {"verbs": ["create"], "resources": ["pods/exec"]}),
    ),
    "binding-grants-no-administration": (Spoilt("RoleBinding", "reader", "roleRef.name", "cluster-admin"),),
    "binding-names-accounts": (
        Spoilt("RoleBinding", "reader", "subjects.+", {"kind": "Group", "name": "system:authenticated"}),
        Spoilt("RoleBinding", "reader", "subjects.+", {"kind": "ServiceAccount", "name": "default"}),
    ),
}

JOBS: Mapping[str, tuple[Spoilt, ...]] = {
    "cron-job-does-not-overlap": (
        _backup("spec.concurrencyPolicy", GONE),
        _backup("spec.concurrencyPolicy", "Replace"),
    ),
    "cron-job-has-starting-deadline": (_backup("spec.startingDeadlineSeconds", GONE),),
    "cron-job-keeps-some-history": (
        _backup("spec.failedJobsHistoryLimit", 0),
        _backup("spec.successfulJobsHistoryLimit", 100),
    ),
    "scheduled-run-has-a-deadline": (_backup("spec.jobTemplate.spec.activeDeadlineSeconds", GONE),),
    "job-has-a-deadline": (
        Spoilt("Job", "migrate", "spec.activeDeadlineSeconds", GONE),
        Spoilt("Job", "migrate", "spec.backoffLimit", 100),
    ),
}

NAMESPACES: Mapping[str, tuple[Spoilt, ...]] = {
    "namespace-is-restricted": tuple(
        Spoilt("Namespace", "souk", rf"metadata.labels.pod-security\.kubernetes\.io/{mode}", value)
        for mode, value in (("enforce", GONE), ("audit", "baseline"), ("warn", "privileged"))
    ),
    "object-names-its-namespace": (
        Spoilt("Service", "postgres", "metadata.namespace", GONE),
        Spoilt("Deployment", "orders", "metadata.namespace", "default"),
    ),
    "object-belongs-to-a-component": (),
    "namespace-is-bounded": (
        Spoilt("ResourceQuota", "quota", "metadata.namespace", "other"),
        Spoilt("LimitRange", "limits", "metadata.namespace", "other"),
    ),
}

MONITORING: Mapping[str, tuple[Spoilt, ...]] = {
    "alert-has-a-runbook": (
        Spoilt("PrometheusRule", "alerts", "spec.groups.0.rules.0.annotations.runbook_url", GONE),
        Spoilt("PrometheusRule", "alerts", "spec.groups.0.rules.0.annotations.summary", ""),
    ),
    "alert-has-a-severity": (
        Spoilt("PrometheusRule", "alerts", "spec.groups.0.rules.0.labels.severity", "urgent"),
        Spoilt("PrometheusRule", "alerts", "spec.groups.0.rules.0.labels", GONE),
    ),
}

SPOILT: Mapping[str, tuple[Spoilt, ...]] = {
    **HARDENING,
    **IMAGES,
    **LIFECYCLE,
    **AVAILABILITY,
    **STORAGE,
    **NETWORK,
    **CONFIDENTIAL,
    **ACCESS,
    **JOBS,
    **NAMESPACES,
    **MONITORING,
}
"""By policy. Two are broken by options rather than by a field, and have tests of their own."""
