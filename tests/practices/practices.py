"""Every practice that the platform holds: how it is taken away, and which policy refuses the stack without it."""

from collections.abc import Mapping
from typing import NamedTuple

from tests.practices.removing import GONE, OBJECT, PARENT, POD, PROTECTION, Removal

DEPLOYED = ("Deployment",)
STORES = ("StatefulSet",)
STAYING = ("Deployment", "StatefulSet")
ENDING = ("Job", "CronJob")
EVERY = (*STAYING, *ENDING)
MAIN = f"{POD}.containers.0"
BOTH = ("dev", "prod")
ONLY_PROD = ("prod",)
ONLY_DEV = ("dev",)


class Practice(NamedTuple):
    """`gate` is the name of a policy."""

    gate: str
    removal: Removal
    stacks: tuple[str, ...] = BOTH
    """Or variants, where neither has it."""


def _of(kinds: tuple[str, ...], path: str, value: object = GONE, *, named: str = "*") -> Removal:
    return Removal(kinds, path, value, named)


HARDENING: Mapping[str, Practice] = {
    "pods run as no root": Practice(
        "pod-runs-as-non-root", _of(EVERY, f"{MAIN}.securityContext.runAsNonRoot", value=False)
    ),
    "pods run above uid 10000": Practice(
        "pod-runs-above-uid-10000", _of(EVERY, f"{MAIN}.securityContext.runAsUser", value=1000)
    ),
    "pods have a seccomp profile": Practice(
        "pod-has-seccomp-profile", _of(EVERY, f"{MAIN}.securityContext.seccompProfile", {"type": "Unconfined"})
    ),
    "root file systems are read-only": Practice(
        "container-root-is-read-only", _of(EVERY, f"{MAIN}.securityContext.readOnlyRootFilesystem")
    ),
    "capabilities are dropped": Practice(
        "container-drops-capabilities", _of(EVERY, f"{MAIN}.securityContext.capabilities")
    ),
    "no capability is added": Practice(
        "container-drops-capabilities", _of(EVERY, f"{MAIN}.securityContext.capabilities.add", ["NET_RAW"])
    ),
    "nobody escalates": Practice(
        "container-cannot-escalate", _of(EVERY, f"{MAIN}.securityContext.allowPrivilegeEscalation")
    ),
    "no container is privileged": Practice(
        "container-is-not-privileged", _of(EVERY, f"{MAIN}.securityContext.privileged", value=True)
    ),
    "no port of the node is taken": Practice(
        "container-has-no-host-port", _of(STAYING, f"{MAIN}.ports.0.hostPort", 8000)
    ),
    "the node's network is the node's": Practice(
        "pod-shares-nothing-with-its-node", _of(EVERY, f"{POD}.hostNetwork", value=True)
    ),
    "folders of the node are not mounted": Practice(
        "pod-mounts-restricted-volumes-only",
        _of(EVERY, f"{POD}.volumes.+", {"name": "node", "hostPath": {"path": "/var/run"}}),
    ),
    "pods get no token": Practice("pod-has-no-api-token", _of(EVERY, f"{POD}.automountServiceAccountToken")),
    "accounts hand out no token": Practice(
        "account-hands-out-no-token", _of(("ServiceAccount",), "automountServiceAccountToken")
    ),
    "pods have an account of their own": Practice(
        "pod-has-own-service-account", _of(EVERY, f"{POD}.serviceAccountName", "default")
    ),
    "accounts are there": Practice("references-lead-somewhere", _of(("ServiceAccount",), OBJECT)),
    "pods take no service links": Practice("pod-has-no-service-links", _of(EVERY, f"{POD}.enableServiceLinks")),
    "empty folders are limited": Practice(
        "empty-folders-are-limited", _of(STAYING, f"{POD}.volumes.+", {"name": "free", "emptyDir": {}})
    ),
}

IMAGES: Mapping[str, Practice] = {
    "our images go in by digest": Practice(
        "image-is-exact", _of(DEPLOYED, f"{MAIN}.image", "registry.example.com/souk/service:main")
    ),
    "third parties' images have an exact version": Practice(
        "image-is-exact", _of(STORES, f"{MAIN}.image", "docker.io/library/redis:7")
    ),
    "images have a version at all": Practice(
        "image-is-exact", _of(EVERY, f"{MAIN}.image", "docker.io/library/postgres")
    ),
    "registries are known": Practice(
        "image-is-from-known-registry", _of(EVERY, f"{MAIN}.image", f"evil.example/souk/service@sha256:{'0' * 64}")
    ),
    "when to pull is said": Practice("image-pull-policy-is-said", _of(EVERY, f"{MAIN}.imagePullPolicy")),
}

LIFECYCLE: Mapping[str, Practice] = {
    "containers have a startup probe": Practice("pod-has-startup-probe", _of(STAYING, f"{MAIN}.startupProbe")),
    "containers have a readiness probe": Practice("pod-has-readiness-probe", _of(STAYING, f"{MAIN}.readinessProbe")),
    "containers have a liveness probe": Practice("pod-has-liveness-probe", _of(STAYING, f"{MAIN}.livenessProbe")),
    "liveness waits for no dependency": Practice(
        "liveness-is-not-readiness", _of(DEPLOYED, f"{MAIN}.livenessProbe.httpGet.path", "/health/ready", named="*-*")
    ),
    "pods wait before they stop": Practice("pod-waits-before-stopping", _of(DEPLOYED, f"{MAIN}.lifecycle.preStop")),
    "pods wait long enough": Practice(
        "pod-waits-before-stopping", _of(DEPLOYED, f"{MAIN}.lifecycle.preStop.sleep.seconds", 1)
    ),
    "stores stop in order": Practice("store-is-stopped-in-order", _of(STORES, f"{MAIN}.lifecycle")),
    "grace covers draining": Practice(
        # Longer than preStop and what the processes drain by default, shorter than what they are told to.
        "grace-covers-draining",
        _of(DEPLOYED, f"{POD}.terminationGracePeriodSeconds", 35, named="*-api"),
    ),
    "a rollout adds one pod": Practice(
        "rollout-keeps-capacity", _of(DEPLOYED, "spec.strategy.rollingUpdate.maxSurge", "25%")
    ),
    "a rollout takes none away": Practice(
        "rollout-keeps-capacity", _of(DEPLOYED, "spec.strategy.rollingUpdate.maxUnavailable", 1)
    ),
    "a rollout rolls": Practice("rollout-keeps-capacity", _of(DEPLOYED, "spec.strategy", {"type": "Recreate"})),
    "few revisions are kept": Practice("few-revisions-are-kept", _of(STAYING, "spec.revisionHistoryLimit")),
    "an update waits, and not for ever": Practice(
        "waiting-is-bounded", _of((*STAYING, "Job"), r"metadata.annotations.pulumi\.com/timeoutSeconds")
    ),
    "a canary is judged": Practice(
        "rollout-is-judged", _of(("Rollout",), "spec.strategy.canary.steps", [{"setWeight": 50}]), ONLY_PROD
    ),
    "a canary takes no pod away": Practice(
        "canary-keeps-capacity", _of(("Rollout",), "spec.strategy.canary.maxUnavailable", 1), ONLY_PROD
    ),
    "a rollout has its Deployment": Practice(
        "rollout-has-its-deployment", _of(("Rollout",), "spec.workloadRef.name", "lost"), ONLY_PROD
    ),
    "a preview is looked at": Practice(
        "rollout-is-judged",
        _of(("Rollout",), "spec.strategy.blueGreen.prePromotionAnalysis"),
        ("blue and green",),
    ),
}

RESOURCES: Mapping[str, Practice] = {
    **{
        f"{name} is requested": Practice(
            "container-requests-resources", _of(EVERY, f"{MAIN}.resources.requests.{name}")
        )
        for name in ("cpu", "memory", "ephemeral-storage")
    },
    **{
        f"{name} is limited": Practice("container-limits-resources", _of(EVERY, f"{MAIN}.resources.limits.{name}"))
        for name in ("memory", "ephemeral-storage")
    },
    "namespaces have a quota": Practice("namespace-is-bounded", _of(("ResourceQuota",), OBJECT)),
    "namespaces have defaults": Practice("namespace-is-bounded", _of(("LimitRange",), OBJECT)),
    "pods have a priority": Practice("pod-has-priority", _of(STAYING, f"{POD}.priorityClassName")),
    "priority classes are there": Practice("references-lead-somewhere", _of(("PriorityClass",), OBJECT)),
}

AVAILABILITY: Mapping[str, Practice] = {
    "replicas have a disruption budget": Practice(
        "replicas-have-a-disruption-budget", _of(("PodDisruptionBudget",), OBJECT), ONLY_PROD
    ),
    "a budget lets nodes be drained": Practice(
        "budget-lets-nodes-be-drained", _of(("PodDisruptionBudget",), "spec.maxUnavailable", 0), ONLY_PROD
    ),
    "replicas are spread over zones": Practice(
        "replicas-are-spread", _of(DEPLOYED, f"{POD}.topologySpreadConstraints.0", named="*-api"), ONLY_PROD
    ),
    "replicas are spread over nodes": Practice(
        "replicas-are-spread", _of(DEPLOYED, f"{POD}.topologySpreadConstraints.1", named="*-api"), ONLY_PROD
    ),
    "replicas keep apart": Practice("replicas-keep-apart", _of(DEPLOYED, f"{POD}.affinity", named="*-*"), ONLY_PROD),
    "spreading counts a workload's own pods": Practice(
        "spread-selects-own-pods", _of(STAYING, f"{POD}.topologySpreadConstraints.0.labelSelector", {})
    ),
    "selectors leave the version out": Practice(
        "selector-has-no-version", _of(STAYING, r"spec.selector.matchLabels.app\.kubernetes\.io/version", "1.2.3")
    ),
    "selectors select their own pods": Practice(
        "selector-selects-own-pods", _of(STAYING, r"spec.selector.matchLabels.app\.kubernetes\.io/component", "other")
    ),
    "an autoscaler owns the number": Practice(
        "autoscaler-owns-replicas", _of(("Rollout",), "spec.replicas", 3, named="gateway-api"), ONLY_PROD
    ),
    "an autoscaler has room": Practice(
        "autoscaler-has-room", _of(("HorizontalPodAutoscaler",), "spec.minReplicas", 1), ONLY_PROD
    ),
    "an autoscaler has its target": Practice(
        "autoscaler-has-its-target", _of(("HorizontalPodAutoscaler",), "spec.scaleTargetRef.name", "lost"), ONLY_PROD
    ),
    "somebody says how many": Practice("replicas-are-decided", _of(("HorizontalPodAutoscaler",), OBJECT), ONLY_PROD),
    "there is more than one": Practice(
        "deployment-has-replicas", _of(("Deployment", "Rollout"), "spec.replicas", 1, named="*-*"), ONLY_PROD
    ),
}

STORAGE: Mapping[str, Practice] = {
    "claims outlive their StatefulSet": Practice(
        "claims-are-retained",
        _of(STORES, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete"),
        ONLY_PROD,
    ),
    "claims outlive a replica": Practice(
        "claims-are-retained", _of(STORES, "spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Delete"), ONLY_PROD
    ),
    "a database is on a volume": Practice(
        "database-is-on-a-volume", _of(STORES, "spec.volumeClaimTemplates", [], named="postgres"), ONLY_DEV
    ),
    "members have names": Practice("stateful-set-has-its-service", _of(("Service",), "spec.clusterIP")),
    "the headless Service is there": Practice(
        "stateful-set-has-its-service", _of(("Service",), OBJECT, named="*-members")
    ),
    "databases are backed up": Practice(
        "database-is-backed-up", _of(("CronJob",), OBJECT, named="*-backup"), ONLY_PROD
    ),
    "backups are not suspended": Practice(
        "database-is-backed-up", _of(("CronJob",), "spec.suspend", value=True, named="*-backup"), ONLY_PROD
    ),
    "backups are restored": Practice("backup-is-restored", _of(("CronJob",), OBJECT, named="*-check"), ONLY_PROD),
    "data is protected": Practice(
        "data-is-protected",
        _of(("StatefulSet", "PersistentVolumeClaim", "Namespace", "Cluster", "RabbitmqCluster"), PROTECTION),
        ONLY_PROD,
    ),
}

OPERATED: Mapping[str, Practice] = {
    "operated databases have members": Practice(
        "operated-store-has-members", _of(("Cluster",), "spec.instances", 1), ONLY_PROD
    ),
    "operated brokers have members": Practice(
        "operated-store-has-members", _of(("RabbitmqCluster",), "spec.replicas", 1), ONLY_PROD
    ),
    "operated caches have members": Practice(
        "operated-store-has-members", _of(("RedisReplication", "RedisSentinel"), "spec.clusterSize", 1), ONLY_PROD
    ),
    "operated search has members": Practice(
        "operated-store-has-members", _of(("Elasticsearch",), "spec.nodeSets.0.count", 1), ONLY_PROD
    ),
    "operated stores are bounded": Practice(
        "operated-store-is-bounded", _of(("Cluster", "RabbitmqCluster"), "spec.resources"), ONLY_PROD
    ),
    "operated caches are bounded": Practice(
        "operated-store-is-bounded", _of(("RedisReplication",), "spec.kubernetesConfig.resources"), ONLY_PROD
    ),
    "operated search is bounded": Practice(
        "operated-store-is-bounded",
        _of(("Elasticsearch",), "spec.nodeSets.0.podTemplate.spec.containers.0.resources"),
        ONLY_PROD,
    ),
    "operated stores have an exact image": Practice(
        "operated-store-image-is-exact", _of(("Cluster",), "spec.imageName"), ONLY_PROD
    ),
    "operated stores keep their volumes": Practice(
        "operated-store-keeps-its-volumes", _of(("RedisReplication",), "spec.storage.keepAfterDelete"), ONLY_PROD
    ),
}

NETWORK: Mapping[str, Practice] = {
    "namespaces deny by default": Practice(
        "namespace-denies-by-default", _of(("NetworkPolicy",), OBJECT, named="deny-all")
    ),
    "namespaces deny both ways": Practice(
        "namespace-denies-by-default", _of(("NetworkPolicy",), "spec.policyTypes", ["Ingress"], named="deny-all")
    ),
    "every pod has its edges": Practice("pod-has-its-edges", _of(("NetworkPolicy",), OBJECT, named="orders")),
    "nobody lets everyone in": Practice(
        "ingress-names-its-peers", _of(("NetworkPolicy",), "spec.ingress.+", {}, named="[!d]*")
    ),
    "nobody lets every namespace in": Practice(
        "ingress-names-its-peers",
        _of(("NetworkPolicy",), "spec.ingress.0.from.+", {"namespaceSelector": {}}, named="[!d]*"),
    ),
    "nobody may go everywhere": Practice(
        "egress-names-its-peers",
        _of(("NetworkPolicy",), "spec.egress.0.to.+", {"ipBlock": {"cidr": "0.0.0.0/0"}}, named="[!d]*"),
    ),
    "edges name their ports": Practice(
        "edges-name-their-ports", _of(("NetworkPolicy",), "spec.ingress.0.ports", named="[!d]*")
    ),
    "Services stay inside": Practice("service-stays-inside", _of(("Service",), "spec.type", "NodePort")),
    "an Ingress has TLS": Practice("ingress-has-tls", _of(("Ingress",), "spec.tls"), ONLY_PROD),
    "an Ingress names its host": Practice("ingress-names-its-hosts", _of(("Ingress",), "spec.rules.0.host")),
    "an Ingress has no snippet": Practice(
        "ingress-has-no-snippets",
        _of(("Ingress",), r"metadata.annotations.nginx\.ingress\.kubernetes\.io/server-snippet", "deny all;"),
    ),
    "an Ingress leads to a Service": Practice("ingress-leads-to-a-service", _of(("Service",), OBJECT, named="gateway")),
}

CONFIDENTIAL: Mapping[str, Practice] = {
    "no variable holds a secret": Practice(
        "environment-has-no-secret",
        _of(EVERY, f"{MAIN}.env", [{"name": "PGPASSWORD", "value": "correct-horse-battery"}]),
    ),
    "no variable holds an address with a password": Practice(
        "environment-has-no-secret",
        _of(EVERY, f"{MAIN}.env", [{"name": "SOUK_BUS_URL", "value": "amqp://souk:correct-horse@rabbitmq/"}]),
    ),
    "no variable comes from a Secret": Practice(
        "secrets-are-mounted-as-files", _of(EVERY, f"{MAIN}.envFrom", [{"secretRef": {"name": "orders-secrets"}}])
    ),
    "no argument holds a secret": Practice(
        "arguments-have-no-secret", _of(EVERY, f"{MAIN}.args", ["--url", "postgresql://souk:correct-horse@db/orders"])
    ),
    "no ConfigMap holds a secret": Practice(
        "config-map-has-no-secret", _of(("ConfigMap",), "data.url", "postgresql://souk:correct-horse@db/orders")
    ),
    "ConfigMaps never change": Practice("config-map-is-immutable", _of(("ConfigMap",), "immutable")),
    "Secrets never change": Practice("secret-is-immutable", _of(("Secret",), "immutable", value=False)),
    "a changed setting has another name": Practice(
        "configuration-is-named-by-content", _of(("ConfigMap", "Secret"), "metadata.name", "settings")
    ),
    "ConfigMaps that pods read are there": Practice(
        "references-lead-somewhere", _of(("ConfigMap",), OBJECT, named="*-settings-*")
    ),
    "Secrets that pods mount are there": Practice("references-lead-somewhere", _of(("Secret",), OBJECT)),
}

AROUND: Mapping[str, Practice] = {
    **{
        f"namespaces {mode} Pod Security": Practice(
            "namespace-is-restricted", _of(("Namespace",), rf"metadata.labels.pod-security\.kubernetes\.io/{mode}")
        )
        for mode in ("enforce", "audit", "warn")
    },
    "objects name their namespace": Practice("object-names-its-namespace", _of(EVERY, "metadata.namespace", "default")),
    "objects belong to a component": Practice("object-belongs-to-a-component", _of(EVERY, PARENT)),
    "roles have no wildcard": Practice("role-has-no-wildcard", _of(("Role",), "rules.0.resources", ["*"])),
    "roles read no Secrets": Practice("role-reads-no-secrets", _of(("Role",), "rules.0.resources", ["secrets"])),
    "roles do not rise": Practice("role-cannot-rise", _of(("Role",), "rules.0.verbs.+", "impersonate")),
    "nobody administrates": Practice(
        "binding-grants-no-administration", _of(("RoleBinding",), "roleRef.name", "cluster-admin")
    ),
    "roles are granted to accounts": Practice(
        "binding-names-accounts",
        _of(("RoleBinding",), "subjects.+", {"kind": "Group", "name": "system:authenticated"}),
    ),
    "runs do not overlap": Practice("cron-job-does-not-overlap", _of(("CronJob",), "spec.concurrencyPolicy")),
    "runs are not missed for good": Practice(
        "cron-job-has-starting-deadline", _of(("CronJob",), "spec.startingDeadlineSeconds")
    ),
    "failed runs can be looked into": Practice(
        "cron-job-keeps-some-history", _of(("CronJob",), "spec.failedJobsHistoryLimit", 0)
    ),
    "runs end": Practice(
        "scheduled-run-has-a-deadline", _of(("CronJob",), "spec.jobTemplate.spec.activeDeadlineSeconds")
    ),
    "Jobs end": Practice("job-has-a-deadline", _of(("Job",), "spec.activeDeadlineSeconds")),
    "Jobs give up": Practice("job-has-a-deadline", _of(("Job",), "spec.backoffLimit")),
}

ELSEWHERE: Mapping[str, Practice] = {
    "a Gateway has TLS": Practice(
        "gateway-has-tls",
        _of(("Gateway",), "spec.listeners.0.tls"),
        ("a gateway with a given certificate",),
    ),
    "a mesh is strict": Practice(
        "mesh-is-strict", _of(("PeerAuthentication",), "spec.mtls.mode", "PERMISSIVE"), ("in a mesh",)
    ),
    "a mesh lets nobody in everywhere": Practice(
        "authorization-names-its-ports", _of(("AuthorizationPolicy",), "spec.rules.0.to"), ("in a mesh",)
    ),
    "vertical autoscalers leave CPU alone": Practice(
        "vertical-autoscaler-leaves-cpu",
        _of(("VerticalPodAutoscaler",), "spec.resourcePolicy"),
        ("memory that follows use",),
    ),
    "alerts have a runbook": Practice(
        "alert-has-a-runbook",
        _of(("PrometheusRule",), "spec.groups.0.rules.0.annotations.runbook_url"),
        ("every store an operator's",),
    ),
}

PRACTICES: Mapping[str, Practice] = {
    **HARDENING,
    **IMAGES,
    **LIFECYCLE,
    **RESOURCES,
    **AVAILABILITY,
    **STORAGE,
    **OPERATED,
    **NETWORK,
    **CONFIDENTIAL,
    **AROUND,
    **ELSEWHERE,
}
"""By what they are called."""
