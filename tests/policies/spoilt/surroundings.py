"""Ways to break what holds of everything around workloads."""

from collections.abc import Mapping

from tests.policies.clean import GONE
from tests.policies.spoilt.ways import COMPONENT, EVERYWHERE, MAIN, SECRET_URL, TEMPLATE, Spoilt, orders

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
    "mesh-is-strict": (
        Spoilt("PeerAuthentication", "default", "spec.mtls.mode", "PERMISSIVE"),
        Spoilt("PeerAuthentication", "default", "spec.mtls", GONE),
    ),
    "authorization-names-its-ports": (
        Spoilt("AuthorizationPolicy", "orders", "spec.rules.+", {}),
        Spoilt("AuthorizationPolicy", "orders", "spec.rules.0.to", GONE),
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
    "gateway-has-tls": (
        Spoilt("Gateway", "shop", "spec.listeners.0.protocol", "HTTP"),
        Spoilt("Gateway", "shop", "spec.listeners.0.tls", GONE),
        Spoilt("Gateway", "shop", "spec.listeners.0.hostname", "*.example"),
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
        orders(f"{MAIN}.env.+", {"name": name, "value": value})
        for name, value in (
            ("SOUK_DATABASE_URL", SECRET_URL),
            ("STAFF_PASSWORD", "hunter2"),
            ("SOUK_DATA_KEY", "x" * 32),
            ("STRIPE", "sk_live_abcdefghijkl"),
        )
    ),
    "arguments-have-no-secret": (orders(f"{MAIN}.args.+", f"--database={SECRET_URL}"),),
    "secrets-are-mounted-as-files": (
        orders(f"{MAIN}.env.+", {"name": "A", "valueFrom": {"secretKeyRef": {"name": "orders-3c4d5e6f", "key": "a"}}}),
        orders(f"{MAIN}.envFrom.+", {"secretRef": {"name": "orders-3c4d5e6f"}}),
    ),
    "config-map-has-no-secret": (
        Spoilt("ConfigMap", "orders-1a2b3c4d", "data.url", SECRET_URL),
        Spoilt("ConfigMap", "orders-1a2b3c4d", "data.key", "-----BEGIN PRIVATE KEY-----\nMC4C"),
    ),
    "config-map-is-immutable": (Spoilt("ConfigMap", "orders-1a2b3c4d", "immutable", GONE),),
    "secret-is-immutable": (Spoilt("Secret", "orders-3c4d5e6f", "immutable", False),),
    "external-secret-is-made-once": (
        Spoilt("ExternalSecret", "orders-5e6f", "spec.refreshPolicy", "Periodic"),
        Spoilt("ExternalSecret", "orders-5e6f", "spec.target.immutable", GONE),
    ),
    "configuration-is-named-by-content": (
        Spoilt("ConfigMap", "orders-1a2b3c4d", "metadata.name", "orders"),
        Spoilt("Secret", "orders-3c4d5e6f", "metadata.name", "orders-secrets"),
    ),
}

REFERENCES: Mapping[str, tuple[Spoilt, ...]] = {
    "ingress-leads-to-a-service": (
        Spoilt("Ingress", "shop", "spec.rules.0.http.paths.0.backend.service.name", "lost"),
        Spoilt("Service", "orders", "metadata.namespace", "other"),
    ),
    "references-lead-somewhere": (
        orders(f"{TEMPLATE}.volumes.1.secret.secretName", "orders-9z9z"),
        orders(f"{TEMPLATE}.priorityClassName", "lost"),
        Spoilt("Cluster", "ledger", "spec.superuserSecret", {"name": "lost"}),
        Spoilt("RabbitmqCluster", "broker", "spec.secretBackend", {"externalSecret": {"name": "lost"}}),
        Spoilt("RedisReplication", "cache", "spec.kubernetesConfig.redisSecret", {"name": "lost"}),
        Spoilt("Elasticsearch", "search", "spec.auth", {"fileRealm": [{"secretName": "lost"}]}),
        orders(f"{TEMPLATE}.volumes.0.configMap.name", "orders-9z9z"),
        orders(f"{TEMPLATE}.serviceAccountName", "nobody"),
        orders(f"{MAIN}.envFrom.0.configMapRef.name", "orders-9z9z"),
        orders(f"{TEMPLATE}.volumes.+", {"name": "d", "persistentVolumeClaim": {"claimName": "lost"}}),
        orders(f"{TEMPLATE}.volumes.+", {"name": "p", "projected": {"sources": [{"configMap": {"name": "lost"}}]}}),
        Spoilt("ConfigMap", "orders-1a2b3c4d", "metadata.namespace", "other"),
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
