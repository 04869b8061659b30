"""Ways to break what holds of workloads, stores and work that ends."""

from collections.abc import Mapping

from tests.policies.clean import GONE
from tests.policies.spoilt.ways import COMPONENT, TEMPLATE, Spoilt, backup, orders, postgres

ROLLOUTS: Mapping[str, tuple[Spoilt, ...]] = {
    "rollout-is-judged": (
        Spoilt("Rollout", "items", "spec.strategy.canary.steps", [{"setWeight": 10}]),
        Spoilt("Rollout", "items", "spec.strategy", {"blueGreen": {"activeService": "items"}}),
    ),
    "canary-keeps-capacity": (
        Spoilt("Rollout", "items", "spec.strategy.canary.maxSurge", GONE),
        Spoilt("Rollout", "items", "spec.strategy.canary.maxUnavailable", 1),
    ),
    "rollout-has-its-deployment": (Spoilt("Rollout", "items", "spec.workloadRef.name", "lost"),),
}

SCALING: Mapping[str, tuple[Spoilt, ...]] = {
    "autoscaler-has-room": (
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.minReplicas", 1),
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.maxReplicas", 2),
    ),
    "vertical-autoscaler-leaves-cpu": (
        Spoilt("VerticalPodAutoscaler", "orders", "spec.resourcePolicy", GONE),
        Spoilt(
            "VerticalPodAutoscaler", "orders", "spec.resourcePolicy.containerPolicies.0.controlledResources.+", "cpu"
        ),
    ),
    "autoscaler-owns-replicas": (orders("spec.replicas", 3),),
    "autoscaler-has-its-target": (
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.scaleTargetRef.name", "lost"),
        Spoilt("HorizontalPodAutoscaler", "orders", "spec.scaleTargetRef.kind", "Rollout"),
    ),
    "replicas-are-decided": (
        postgres("spec.replicas", GONE),
        Spoilt("HorizontalPodAutoscaler", "orders", "metadata.namespace", "other"),
        Spoilt("Rollout", "items", "spec.workloadRef.name", "orders"),
    ),
    "deployment-has-replicas": (orders("spec.replicas", 1), Spoilt("Rollout", "items", "spec.replicas", 0)),
}

STORAGE: Mapping[str, tuple[Spoilt, ...]] = {
    "claims-are-retained": (
        postgres("spec.persistentVolumeClaimRetentionPolicy.whenDeleted", "Delete"),
        postgres("spec.persistentVolumeClaimRetentionPolicy.whenScaled", "Delete"),
    ),
    "database-is-on-a-volume": (postgres("spec.volumeClaimTemplates", GONE),),
    "empty-folders-are-limited": (orders(f"{TEMPLATE}.volumes.2.emptyDir.sizeLimit", GONE),),
    "data-is-protected": (),
    "stateful-set-has-its-service": (
        postgres("spec.serviceName", GONE),
        Spoilt("Service", "postgres", "spec.clusterIP", "10.0.0.7"),
        Spoilt("Service", "postgres", "metadata.namespace", "other"),
    ),
    "database-is-backed-up": (
        backup(f"metadata.labels.{COMPONENT}", "worker"),
        backup("spec.suspend", True),
        backup(r"metadata.labels.app\.kubernetes\.io/name", "redis"),
    ),
    "backup-is-restored": (
        Spoilt("CronJob", "postgres-check", f"metadata.labels.{COMPONENT}", "backup"),
        Spoilt("CronJob", "postgres-check", "spec.suspend", True),
        Spoilt("Cluster", "ledger", f"metadata.labels.{COMPONENT}", "database"),
    ),
}

OPERATED: Mapping[str, tuple[Spoilt, ...]] = {
    "operated-store-has-members": (
        Spoilt("Cluster", "ledger", "spec.instances", 1),
        Spoilt("RabbitmqCluster", "broker", "spec.replicas", GONE),
        Spoilt("RedisSentinel", "cache", "spec.clusterSize", 1),
        Spoilt("Elasticsearch", "search", "spec.nodeSets.0.count", 1),
    ),
    "operated-store-is-bounded": (
        Spoilt("Cluster", "ledger", "spec.resources", GONE),
        Spoilt("Cluster", "ledger", "spec.priorityClassName", GONE),
        Spoilt("RabbitmqCluster", "broker", "spec.resources.limits", {}),
        Spoilt("RabbitmqCluster", "broker", "spec.override", GONE),
        Spoilt("RedisReplication", "cache", "spec.kubernetesConfig.resources.requests", {"memory": "1Gi"}),
        Spoilt("Elasticsearch", "search", "spec.nodeSets.0.podTemplate", GONE),
    ),
    "operated-store-image-is-exact": (
        Spoilt("Cluster", "ledger", "spec.imageName", "postgres:17"),
        Spoilt("Elasticsearch", "search", "spec.image", GONE),
    ),
    "operated-store-keeps-its-volumes": (
        Spoilt("RedisReplication", "cache", "spec.storage.keepAfterDelete", False),
        Spoilt("Elasticsearch", "search", "spec.volumeClaimDeletePolicy", GONE),
    ),
}

JOBS: Mapping[str, tuple[Spoilt, ...]] = {
    "cron-job-does-not-overlap": (
        backup("spec.concurrencyPolicy", GONE),
        backup("spec.concurrencyPolicy", "Replace"),
    ),
    "cron-job-has-starting-deadline": (backup("spec.startingDeadlineSeconds", GONE),),
    "cron-job-keeps-some-history": (
        backup("spec.failedJobsHistoryLimit", 0),
        backup("spec.successfulJobsHistoryLimit", 100),
    ),
    "scheduled-run-has-a-deadline": (backup("spec.jobTemplate.spec.activeDeadlineSeconds", GONE),),
    "job-has-a-deadline": (
        Spoilt("Job", "migrate", "spec.activeDeadlineSeconds", GONE),
        Spoilt("Job", "migrate", "spec.backoffLimit", 100),
    ),
}
