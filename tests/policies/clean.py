"""A small stack that no policy objects to, and ways to spoil it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace

from policies.manifests import Resource
from policies.storage import KEPT_KINDS

DIGEST = "ghcr.io/souk/service@sha256:" + "a" * 64
PARENT = "urn:pulumi:prod::souk::souk:workload:Service::orders"
ACCOUNTS = ("orders", "items", "postgres", "postgres-backup", "migrate")
KEPT = {"keepAfterDelete": True}
MEMORY_ALONE = {"containerPolicies": [{"containerName": "*", "controlledResources": ["memory"]}]}
GONE = object()
"""Spoils by taking the field away."""


def labels(name: str, component: str, instance: str = "prod") -> dict[str, object]:
    """The recommended ones."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/instance": instance,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "souk",
        "app.kubernetes.io/managed-by": "pulumi",
    }


def metadata(name: str, component: str = "api") -> dict[str, object]:
    """Of an object in the stack's one namespace."""
    return {"name": name, "namespace": "souk", "labels": labels(name, component)}


def _container() -> dict[str, object]:
    return {
        "name": "main",
        "image": DIGEST,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python", "-m", "services"],
        "args": ["orders", "api"],
        "env": [
            {"name": "SOUK_DATABASE_URL_FILE", "value": "/secrets/database_url"},
            {
                "name": "SOUK_LOG_LEVEL",
                "valueFrom": {"configMapKeyRef": {"name": "orders-1a2b3c4d", "key": "log_level"}},
            },
        ],
        "envFrom": [{"configMapRef": {"name": "orders-1a2b3c4d"}}],
        "ports": [{"containerPort": 8000}],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "64Mi"},
            "limits": {"memory": "256Mi", "ephemeral-storage": "128Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "startupProbe": {"httpGet": {"path": "/health/started", "port": 8000}},
        "livenessProbe": {"httpGet": {"path": "/health/live", "port": 8000}},
        "readinessProbe": {"httpGet": {"path": "/health/ready", "port": 8000}},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }


def _fetched_once() -> dict[str, object]:
    return {"refreshPolicy": "CreatedOnce", "target": {"immutable": True}}


def _constraint(key: str, name: str, component: str) -> dict[str, object]:
    return {"topologyKey": key, "labelSelector": {"matchLabels": labels(name, component)}}


def _apart(name: str, component: str) -> dict[str, object]:
    return {"weight": 100, "podAffinityTerm": _constraint("kubernetes.io/hostname", name, component)}


def _pod(name: str, component: str) -> dict[str, object]:
    return {
        "metadata": {"labels": labels(name, component)},
        "spec": {
            "serviceAccountName": name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "priorityClassName": "souk-service",
            "terminationGracePeriodSeconds": 60,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10_001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": {
                "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [_apart(name, component)]}
            },
            "topologySpreadConstraints": [
                _constraint("topology.kubernetes.io/zone", name, component),
                _constraint("kubernetes.io/hostname", name, component),
            ],
            "initContainers": [],
            "containers": [_container()],
            "volumes": [
                {"name": "settings", "configMap": {"name": "orders-1a2b3c4d"}},
                {"name": "secrets", "secret": {"secretName": "orders-3c4d5e6f"}},
                {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}},
            ],
        },
    }


def _object(api: str, kind: str, name: str, *, component: str = "api", **rest: object) -> Resource:
    return Resource(
        type=f"kubernetes:{api}:{kind}",
        name=name,
        urn=f"urn:pulumi:prod::souk::kubernetes:{api}:{kind}::{name}",
        props={"metadata": metadata(name, component), **rest},
        protected=kind in KEPT_KINDS,
        parent=PARENT,
    )


def _workload(kind: str, name: str, component: str, **rest: object) -> Resource:
    spec = {
        "selector": {"matchLabels": labels(name, component)},
        "revisionHistoryLimit": 2,
        "template": _pod(name, component),
        **rest,
    }
    return _awaited(_object("apps/v1", kind, name, component=component, spec=spec))


def _awaited(resource: Resource) -> Resource:
    metadata = resource.props["metadata"]
    assert isinstance(metadata, dict)
    annotated = {**metadata, "annotations": {"pulumi.com/timeoutSeconds": "600"}}
    return replace(resource, props={**resource.props, "metadata": annotated})


def _ending(name: str, component: str) -> dict[str, object]:
    pod = _pod(name, component)
    spec = pod["spec"]
    assert isinstance(spec, dict)
    spec["restartPolicy"] = "Never"
    return {"template": pod, "backoffLimit": 3, "activeDeadlineSeconds": 600}


def _edges(name: str, component: str) -> Resource:
    peer = {"podSelector": {"matchLabels": labels("gateway", "api")}}
    spec = {
        "podSelector": {"matchLabels": labels(name, component)},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [peer], "ports": [{"port": 8000}]}],
        "egress": [
            {"to": [peer], "ports": [{"port": 8001}]},
            {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
        ],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, component=component, spec=spec)


def _foundation() -> list[Resource]:
    restricted = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    namespace = _object("core/v1", "Namespace", "souk")
    named = {"name": "souk", "labels": {**labels("souk", "namespace"), **restricted}}
    priority = _object("scheduling.k8s.io/v1", "PriorityClass", "souk-service")
    closed = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return [
        replace(namespace, props={"metadata": named}),
        _object("core/v1", "ResourceQuota", "quota", spec={}),
        _object("core/v1", "LimitRange", "limits", spec={}),
        _object("networking.k8s.io/v1", "NetworkPolicy", "deny-all", spec=closed),
        replace(priority, props={"metadata": {"name": "souk-service", "labels": labels("souk", "priority")}}),
        *(_object("core/v1", "ServiceAccount", name, automountServiceAccountToken=False) for name in ACCOUNTS),
        _object("core/v1", "ConfigMap", "orders-1a2b3c4d", data={"log_level": "INFO"}, immutable=True),
        _object("core/v1", "Secret", "orders-3c4d5e6f", data={"database_url": "eA=="}, immutable=True),
        _object("external-secrets.io/v1", "ExternalSecret", "orders-5e6f", spec=_fetched_once()),
    ]


def _running() -> list[Resource]:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    database = _workload(
        "StatefulSet",
        "postgres",
        "database",
        replicas=1,
        serviceName="postgres",
        persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"},
        volumeClaimTemplates=[{"metadata": {"name": "data"}}],
    )
    return [
        _workload("Deployment", "orders", "api", strategy=rolling),
        _workload("Deployment", "items", "api", strategy=rolling),
        _rollout(),
        database,
        _object("core/v1", "Service", "postgres", spec={"clusterIP": "None"}),
        _object("core/v1", "Service", "orders", spec={}),
        _awaited(_object("batch/v1", "Job", "migrate", component="job", spec=_ending("migrate", "job"))),
        _scheduled("postgres-backup", "backup"),
        _scheduled("postgres-check", "restore-check"),
    ]


def _rollout() -> Resource:
    checked = {"analysis": {"templates": [{"templateName": "items"}]}}
    spec = {
        "workloadRef": {"kind": "Deployment", "name": "items"},
        "replicas": 2,
        "revisionHistoryLimit": 2,
        "strategy": {"canary": {"maxSurge": 1, "maxUnavailable": 0, "steps": [{"setWeight": 10}, checked]}},
    }
    return _object("argoproj.io/v1alpha1", "Rollout", "items", spec=spec)


def _scheduled(name: str, component: str) -> Resource:
    spec = {
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 300,
        "successfulJobsHistoryLimit": 2,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": _ending("postgres-backup", component)},
    }
    cron = _object("batch/v1", "CronJob", name, component=component, spec=spec)
    named = {**metadata(name, component), "labels": labels("postgres-backup", component)}
    return replace(cron, props={**cron.props, "metadata": named})


def _around() -> list[Resource]:
    scaling = {"scaleTargetRef": {"kind": "Deployment", "name": "orders"}, "minReplicas": 2, "maxReplicas": 6}
    path = {"path": "/", "backend": {"service": {"name": "orders", "port": {"number": 8000}}}}
    hosts = {
        "rules": [{"host": "shop.example", "http": {"paths": [path]}}],
        "tls": [{"hosts": ["shop.example"], "secretName": "shop-tls"}],
    }
    return [
        _edges("orders", "api"),
        _edges("postgres", "database"),
        _edges("migrate", "job"),
        _edges("items", "api"),
        _edges("postgres-backup", "backup"),
        _edges("postgres-backup", "restore-check"),
        *(_budget(name) for name in ("orders", "items")),
        _object("autoscaling/v2", "HorizontalPodAutoscaler", "orders", spec=scaling),
        _object("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "orders", spec={"resourcePolicy": MEMORY_ALONE}),
        _object("networking.k8s.io/v1", "Ingress", "shop", spec=hosts),
        _object("gateway.networking.k8s.io/v1", "Gateway", "shop", spec={"listeners": [_listener()]}),
        *_granted(),
        *_proved(),
        _alerts(),
    ]


def _budget(name: str) -> Resource:
    spec = {"selector": {"matchLabels": labels(name, "api")}, "maxUnavailable": 1}
    return _object("policy/v1", "PodDisruptionBudget", name, spec=spec)


def _listener() -> dict[str, object]:
    return {"protocol": "HTTPS", "hostname": "shop.example", "tls": {"certificateRefs": [{"name": "shop-tls"}]}}


def _proved() -> list[Resource]:
    rule = {"from": [{"source": {"namespaces": ["souk"]}}], "to": [{"operation": {"ports": ["8000"]}}]}
    return [
        _object("security.istio.io/v1", "PeerAuthentication", "default", spec={"mtls": {"mode": "STRICT"}}),
        _object("security.istio.io/v1", "AuthorizationPolicy", "orders", spec={"action": "ALLOW", "rules": [rule]}),
    ]


def _granted() -> list[Resource]:
    rule = {"verbs": ["get"], "resources": ["configmaps"], "apiGroups": [""], "resourceNames": ["orders-1a2b3c4d"]}
    subject = {"kind": "ServiceAccount", "name": "orders", "namespace": "souk"}
    reader = {"kind": "Role", "name": "reader"}
    return [
        _object("rbac.authorization.k8s.io/v1", "Role", "reader", rules=[rule]),
        _object("rbac.authorization.k8s.io/v1", "RoleBinding", "reader", roleRef=reader, subjects=[subject]),
    ]


def _alerts() -> Resource:
    alert = {
        "alert": "OrdersStuck",
        "expr": "souk_stuck > 0",
        "labels": {"severity": "critical"},
        "annotations": {"summary": "Orders do not move", "runbook_url": "https://souk.example/runbooks/orders-stuck"},
    }
    return _object("monitoring.coreos.com/v1", "PrometheusRule", "alerts", spec={"groups": [{"rules": [alert]}]})


def _operated() -> list[Resource]:
    bounds = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
    pod = {"priorityClassName": "souk-service", "containers": [{"name": "search", "resources": bounds}]}
    ranked = {"priorityClassName": "souk-service"}
    search = {"image": "docker.elastic.co/elasticsearch:9.4.3", "volumeClaimDeletePolicy": "DeleteOnScaledownOnly"}
    cache = {"kubernetesConfig": {"image": "redis:7.4.5", "resources": bounds}, "clusterSize": 3, **ranked}
    broker = {"image": "rabbitmq:4.1.4", "replicas": 3, "resources": bounds}
    ledger = {"imageName": "postgres:17.6", "instances": 3, "resources": bounds, **ranked}
    nodes = [{"count": 3, "podTemplate": {"spec": pod}}]
    override = {"statefulSet": {"spec": {"template": {"spec": ranked}}}}
    return [
        _object("postgresql.cnpg.io/v1", "Cluster", "ledger", component="ledger", spec=ledger),
        _object("rabbitmq.com/v1beta1", "RabbitmqCluster", "broker", spec={**broker, "override": override}),
        _object("redis.redis.opstreelabs.in/v1beta2", "RedisReplication", "cache", spec={**cache, "storage": KEPT}),
        _object("redis.redis.opstreelabs.in/v1beta2", "RedisSentinel", "cache", spec=cache),
        _object("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "search", spec={**search, "nodeSets": nodes}),
    ]


def clean_stack() -> list[Resource]:
    """Every kind of object that some policy looks at."""
    return [*_foundation(), *_running(), *_operated(), *_around()]


def spoil(stack: Sequence[Resource], kind: str, name: str, path: str, value: object) -> list[Resource]:
    """The stack with one field of one object set to `value`, or taken away by `GONE`. `path`: `spec.rules.0.host`."""
    spoiled = [_spoil(each, path, value) if (each.kind, each.name) == (kind, name) else each for each in stack]
    assert spoiled != list(stack), f"nothing was spoiled: {kind} {name} {path}"
    return spoiled


def _spoil(resource: Resource, path: str, value: object) -> Resource:
    props = deepcopy(dict(resource.props))
    *way, last = path.replace("\\.", "\0").split(".")
    at: object = props
    for step in way:
        at = _inside(at, step.replace("\0", "."))
    if isinstance(at, dict):
        at.pop(last.replace("\0", "."), None)
        if value is not GONE:
            at[last.replace("\0", ".")] = value
    elif isinstance(at, list):
        at.append(value)
    return replace(resource, props=props)


def _inside(holder: object, step: str) -> object:
    if isinstance(holder, list):
        return holder[int(step)]
    assert isinstance(holder, Mapping), f"nothing at {step}"
    if step not in holder and isinstance(holder, dict):
        holder[step] = {}
    return holder[step]
