"""A database and a role for each service, on any PostgreSQL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from infra.address import Address
from infra.confidential import Confidential
from infra.configuration import Content, config_map, secret
from infra.job import Job, JobArgs
from infra.labels import Labels
from infra.mounts import mount_config, mount_secret, temporary
from infra.pod import Container, Image
from infra.resources import Resources
from infra.scripts import read
from infra.security import STORE_UID

PASSWORD = "password"  # noqa: S105 - the name of an entry.
ADMIN_DIR = "/run/secrets/postgres"
OWNERS_DIR = "/run/secrets/databases"
SCRIPTS_DIR = "/scripts"
SCRIPTS = ("databases.sh", "administrator.sh")


@dataclass(frozen=True, kw_only=True)
class DatabasesArgs:
    """`passwords` are by database; its owner has the same name."""

    namespace: pulumi.Input[str]
    labels: Labels
    server: Address
    image: Image
    """Has PostgreSQL's client programs."""
    passwords: Mapping[str, Confidential]
    priority_class: pulumi.Input[str]


class Databases(pulumi.ComponentResource):
    """A database and a role for each service, made by a Job that is run again when a password changes."""

    addresses: Mapping[str, Address]

    def __init__(self, name: str, args: DatabasesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:databases:Databases", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=args.namespace, labels=args.labels, entries={PASSWORD: args.server.password})
        admin = secret(f"{name}-admin", content, child)
        owners = secret(f"{name}-owners", replace(content, entries=args.passwords), child)
        scripts = config_map(f"{name}-scripts", replace(content, entries=read(*SCRIPTS)), child)
        job = JobArgs(
            namespace=args.namespace,
            labels=args.labels,
            container=_container(args, admin=admin, owners=owners, scripts=scripts),
            priority_class=args.priority_class,
            inputs=(admin, owners, scripts, args.server.host),
        )
        self.job = Job(name, job, child)
        self.addresses = {
            database: replace(args.server, user=database, password=password, secret=None)
            for database, password in args.passwords.items()
        }
        self.register_outputs({})


def _container(
    args: DatabasesArgs, *, admin: pulumi.Input[str], owners: pulumi.Input[str], scripts: pulumi.Input[str]
) -> Container:
    return Container(
        name="databases",
        image=args.image,
        command=("sh", f"{SCRIPTS_DIR}/databases.sh"),
        environment={
            **args.server.environment(),
            "PGCONNECT_TIMEOUT": "10",
            "ADMIN_PASSWORD_FILE": f"{ADMIN_DIR}/{PASSWORD}",
            "DATABASES": OWNERS_DIR,
        },
        resources=Resources(cpu="50m", cpu_limit="500m", memory="64Mi", ephemeral_storage="64Mi"),
        mounts=[
            mount_secret("admin", admin, ADMIN_DIR),
            mount_secret("owners", owners, OWNERS_DIR),
            mount_config("scripts", scripts, SCRIPTS_DIR),
            temporary(),
        ],
        uid=STORE_UID,
    )
