"""What a user is told who did something wrong; nothing has been created by then."""

import pytest

from tests.engine.project import GIVEN, Project, resources
from tests.lab.terminal import CommandFailed, Terminal

pytestmark = pytest.mark.engine


def test_a_broken_configuration_is_refused_by_the_paths_of_its_faults(project: Project) -> None:
    environment = project.begin("mistaken", like="dev")
    environment.tell(redis={"sise": "1Gi"}, services={"database_pool": "4"}, edge={"host": "souk.localhost"}, typo=1)

    with pytest.raises(CommandFailed) as refused:
        environment.up()

    assert "souk:redis: Object contains unknown field `sise`" in str(refused.value)
    assert "souk:services.database_pool: Expected `int`, got `str`" in str(refused.value)
    assert "souk:typo: there is no such key" in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert resources(environment.state())[1:] == []


def test_a_stack_without_secrets_is_told_how_to_make_them(project: Project) -> None:
    environment = project.begin("secretless", like="dev")

    with pytest.raises(CommandFailed, match=r"souk:secrets: is missing.*make secrets"):
        environment.run("preview")


def test_secrets_in_plain_text_are_refused(project: Project) -> None:
    environment = project.begin("indiscreet", like="dev")
    environment.tell(secrets={"redis": "hunter2"})

    with pytest.raises(CommandFailed) as refused:
        environment.run("preview")

    assert "souk:secrets: is in the stack's file in plain text" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_another_passphrase_opens_nothing(project: Project, terminal: Terminal) -> None:
    environment = project.begin("forgetful", like="dev")
    environment.keep_secrets()
    stranger = environment.seen_from(terminal.knowing(PULUMI_CONFIG_PASSPHRASE="another"))

    with pytest.raises(CommandFailed, match="incorrect passphrase"):
        stranger.run("preview")


def test_a_stack_that_violates_a_policy_is_refused(project: Project) -> None:
    environment = project.begin("reckless", like="dev")
    environment.keep_secrets()
    environment.tell(images=GIVEN, upstream={"instead": {"redis": "docker.io/somebody/redis:latest"}})

    with pytest.raises(CommandFailed, match=r"\[mandatory\].*redis"):
        environment.run("preview", *environment.judged)
