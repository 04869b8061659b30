import pytest

from tests.infra.engine import plain_texts
from tests.stacks.variants import HOOK, VARIANTS, variant

POD = "spec.template.spec"
PULLING = {
    "Deployment": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
    "Job": "spec.template.spec",
    "CronJob": "spec.jobTemplate.spec.template.spec",
    "Cluster": "spec",
    "RabbitmqCluster": "spec",
    "RedisReplication": "spec.kubernetesConfig",
    "RedisSentinel": "spec.kubernetesConfig",
    "Elasticsearch": "spec.nodeSets.0.podTemplate.spec",
}
"""Where each kind says how its images are pulled."""


@pytest.mark.parametrize("name", VARIANTS)
def test_it_can_be_composed(name: str) -> None:
    made = variant(name)

    components = {one.urn for one in made.components()}
    assert [one.name for one in made.objects() if one.parent not in components] == []
    names = [(one.type, one.at("metadata.namespace"), one.at("metadata.name")) for one in made.objects()]
    assert len(names) == len(set(names))


def test_with_every_store_elsewhere_there_is_none_here() -> None:
    made = variant("every store elsewhere")

    assert {one.name for one in made.of("StatefulSet")} == {"alertmanager", "objects", "prometheus"}
    urls = made.one("Secret", "items-secrets").at("stringData")
    assert isinstance(urls, dict)
    assert urls["search_url"].startswith("https://souk:")
    assert urls["search_url"].endswith("@store.example:9200")


def test_stores_elsewhere_are_spoken_to_by_tls_where_it_is_asked_for() -> None:
    made = variant("every store elsewhere, by TLS")

    urls = made.one("Secret", "items-secrets").at("stringData")
    assert isinstance(urls, dict)
    assert urls["database_url"].endswith(
        "/items?sslmode=verify-full&sslrootcert=%2Fetc%2Fssl%2Fcerts%2Fca-certificates.crt"
    )
    assert (urls["redis_url"].split(":")[0], urls["bus_url"].split(":")[0]) == ("rediss", "amqps")
    for kind, container in (("Job", POD), ("CronJob", f"spec.jobTemplate.{POD}")):
        asked = [one for one in made.of(kind) if one.at("metadata.namespace") == "souk-data"]
        assert asked
        for one in asked:
            variables = one.at(f"{container}.containers.0.env")
            assert isinstance(variables, list)
            assert {"name": "PGSSLMODE", "value": "verify-full"} in variables


def test_a_search_server_can_ask_for_a_password_that_stands_in_no_manifest() -> None:
    made = variant("a search server that asks for a password")

    server = made.one("StatefulSet", "elasticsearch")
    asks = str(server.at(f"{POD}.containers.0.readinessProbe.exec.command.2"))
    assert "/run/secrets/elasticsearch/password | curl" in asks
    assert server.at(f"{POD}.containers.0.livenessProbe.tcpSocket.port") == "http"
    settings = made.one("ConfigMap", "elasticsearch-config").at("data")
    assert isinstance(settings, dict)
    assert "xpack.security.enabled: true" in settings["elasticsearch.yml"]
    urls, kept = (made.one("Secret", name).at("stringData") for name in ("items-secrets", "elasticsearch-auth"))
    assert isinstance(urls, dict)
    assert isinstance(kept, dict)
    assert urls["search_url"] == f"http://elastic:{kept['password']}@elasticsearch.souk-data.svc:9200"
    assert [text for text in plain_texts(server.sent) if kept["password"] in text] == []


def test_another_image_is_used_and_no_registry_is_asked() -> None:
    server = variant("as little as possible").one("StatefulSet", "postgres")

    assert server.at("spec.template.spec.containers.0.image") == "docker.io/local/postgres:1.0"
    assert server.at("spec.template.spec.containers.0.imagePullPolicy") == "IfNotPresent"


def test_dashboards_have_a_host_of_their_own() -> None:
    made = variant("a gateway with a given certificate")

    hosts = {str(one.at("spec.hostnames")) for one in made.of("HTTPRoute")}
    assert hosts == {"['souk.example']", "['dashboards.souk.example']"}


def test_where_alerts_go_is_a_secret() -> None:
    made = variant("a gateway with a given certificate")

    texts = [text for one in made.resources for text in plain_texts(one.sent)]
    assert [text for text in texts if HOOK in text] == []


def test_every_service_that_answers_has_a_preview_of_its_next_version() -> None:
    made = variant("blue and green")

    previews = {str(one.at("metadata.name")) for one in made.of("Service")}
    assert {f"{service}-preview" for service in ("gateway", "gateway-internal", "auth", "users")} <= previews


def test_every_pod_is_pulled_with_the_logins_of_its_namespace() -> None:
    made = variant("registries that want a login")

    logins = {
        (one.at("metadata.namespace"), one.at("metadata.name"))
        for one in made.of("Secret")
        if one.at("type") == "kubernetes.io/dockerconfigjson"
    }
    pulled = {
        (one.at("metadata.namespace"), one.at(f"{path}.imagePullSecrets.0.name"))
        for kind, path in PULLING.items()
        for one in made.of(kind)
    }
    assert {namespace for namespace, _ in logins} == {"souk", "souk-data", "souk-monitoring"}
    assert pulled == logins
