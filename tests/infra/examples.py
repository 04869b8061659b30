"""Arguments as a small shop would give them; tests replace what they are about."""

from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.pod import Container, Image
from infra.probes import http_probes
from infra.resources import Resources
from infra.rollouts import Analysis
from infra.scaling import Scaling
from infra.service import Process, Ranks, ServiceArgs
from infra.workload import WorkloadArgs

IMAGE = Image(reference=f"registry.example/souk/service@sha256:{'a1' * 32}")
SMALL = Resources(cpu="100m", cpu_limit="1", memory="256Mi")
LABELS = Labels(name="orders", instance="dev", component="api")
SHUTDOWN = Shutdown(unlist_s=10, drain_s=30, margin_s=10)
ANALYSIS = Analysis(prometheus_url="http://prometheus.souk-monitoring.svc:9090", query="errors", limit=0.01)

PASSWORD = "correct-horse-battery-staple"
KEY = "-----BEGIN PRIVATE KEY-----"

CONTAINER = Container(
    name="api",
    image=IMAGE,
    resources=SMALL,
    ports={"http": 8000, "metrics": 9000},
    probes=http_probes("http"),
    shutdown=SHUTDOWN,
)

WORKLOAD = WorkloadArgs(
    namespace="souk",
    labels=LABELS,
    container=CONTAINER,
    shutdown=SHUTDOWN,
    scaling=Scaling(replicas=2),
    priority_class="dev-services",
    services={"orders": "http"},
)

SERVICE = ServiceArgs(
    namespace="souk",
    instance="dev",
    image=IMAGE,
    processes={
        "api": Process(scaling=Scaling(replicas=2), resources=SMALL, ports={"http": 8000}, services={"orders": "http"}),
        "worker": Process(scaling=Scaling(replicas=1), resources=SMALL, ports={"http": 8000}),
    },
    settings={"gateway_internal_url": "http://gateway-internal:8001"},
    secrets={"database_url": f"postgresql://orders:{PASSWORD}@postgres.souk-data.svc/orders"},
    keys={"1.pem": KEY},
    shutdown=SHUTDOWN,
    ranks=Ranks(services="dev-services", background="dev-background"),
)
