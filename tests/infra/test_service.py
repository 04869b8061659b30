from dataclasses import replace

import pytest

from infra.service import Service, ServiceArgs
from tests.infra.engine import Declarations, Declared, Value, declare, look
from tests.infra.examples import KEY, SERVICE

POD = "spec.template.spec"


def declared(args: ServiceArgs = SERVICE) -> Declarations:
    return declare(lambda: Service("orders", args))


@pytest.fixture(scope="module")
def made() -> Declarations:
    return declared()


def test_each_role_is_a_deployment_that_runs_it(made: Declarations) -> None:
    commands = {one.name: one.at(f"{POD}.containers.0.args") for one in made.of("Deployment")}

    assert commands == {"orders-api": ["orders", "api"], "orders-worker": ["orders", "worker"]}


def test_the_migration_has_ended_before_any_role_starts(made: Declarations) -> None:
    migration = made.one("Job")

    assert migration.at(f"{POD}.containers.0.args") == ["migrate", "orders"]
    assert all(migration.urn in one.depends_on for one in made.of("Deployment"))


def test_the_migration_sees_the_database_and_no_other_secret(made: Declarations) -> None:
    secret = look(_volume(made.one("Job"), "secrets"), "secret")

    assert look(secret, "items") == [{"key": "database_url", "path": "database_url"}]


def test_a_setting_is_a_variable_and_a_secret_is_a_file(made: Declarations) -> None:
    variables = made.one("ConfigMap").at("data")

    assert variables == {
        "SOUK_DATABASE_URL_FILE": "/run/secrets/souk/database_url",
        "SOUK_DRAIN_S": "30",
        "SOUK_ENVIRONMENT": "dev",
        "SOUK_GATEWAY_INTERNAL_URL": "http://gateway-internal:8001",
        "SOUK_KEYS_ACTIVATION_S": "1800",
        "SOUK_KEYS_DIR": "/run/secrets/souk-keys",
        "SOUK_METRICS_PORT": "9000",
    }


def test_every_role_reads_the_settings_and_mounts_the_secrets(made: Declarations) -> None:
    for deployment in made.of("Deployment"):
        assert deployment.at(f"{POD}.containers.0.envFrom") == [
            {"configMapRef": {"name": made.one("ConfigMap").at("metadata.name")}}
        ]
        assert look(_volume(deployment, "secrets"), "secret.secretName") == _secret(made, "orders-secrets")
        assert look(_volume(deployment, "keys"), "secret.secretName") == _secret(made, "orders-keys")


def test_a_changed_secret_rolls_the_pods_and_runs_the_migration_again(made: Declarations) -> None:
    other = declared(replace(SERVICE, secrets={"database_url": "postgresql://elsewhere/orders"}))

    assert _secret(other, "orders-secrets") != _secret(made, "orders-secrets")
    assert _secret(other, "orders-keys") == _secret(made, "orders-keys")
    assert other.one("Job").at("metadata.name") != made.one("Job").at("metadata.name")


def test_signing_keys_are_files_in_a_folder(made: Declarations) -> None:
    assert made.one("Secret", "orders-keys").at("stringData") == {"1.pem": KEY}


def test_what_can_wait_goes_before_what_answers(made: Declarations) -> None:
    ranks = {one.name: one.at(f"{POD}.priorityClassName") for one in made.of("Deployment")}

    assert ranks == {"orders-api": "dev-services", "orders-worker": "dev-background"}


def test_a_service_without_a_database_is_refused() -> None:
    with pytest.raises(ValueError, match="secrets hold no database_url"):
        replace(SERVICE, secrets={})


def test_a_key_that_no_process_would_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"ends with \.pem"):
        replace(SERVICE, keys={"1.key": KEY})


def _volume(one: Declared, name: str) -> Value:
    volumes = one.at(f"{POD}.volumes")
    assert isinstance(volumes, list)
    return next(volume for volume in volumes if look(volume, "name") == name)


def _secret(made: Declarations, name: str) -> Value:
    return made.one("Secret", name).at("metadata.name")
