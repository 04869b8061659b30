"""An object store with S3's API: one server of our own; elsewhere, S3 itself or what a cloud has in its place."""

from dataclasses import dataclass

import pulumi

from infra.address import SecretReference
from infra.confidential import Confidential
from infra.configuration import Content, secret
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import mount_claim, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import http_get, probes
from infra.resources import Resources
from infra.security import STORE_UID
from infra.stateful import DATA, Stateful, StatefulArgs, Storage

PORT = 9000
SECRETS_DIR = "/run/secrets/objects"
DATA_DIR = "/data"


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Where objects go, and the keys to it."""

    url: pulumi.Input[str]
    """`https://s3.eu-central-1.amazonaws.com`; buckets are its folders."""
    region: str
    name: str
    access_key: Confidential
    secret_key: Confidential
    secret: SecretReference | None = None
    """Where the keys are kept for people; None for a store outside the cluster."""


@dataclass(frozen=True, kw_only=True)
class ObjectStoreArgs:
    """`bucket` is a folder of the data volume."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    access_key: Confidential
    secret_key: Confidential
    bucket: str
    storage: Storage
    resources: Resources
    priority_class: pulumi.Input[str]


class ObjectStore(pulumi.ComponentResource):
    """MinIO on one volume. Backups of the cluster that live in the cluster are for development."""

    bucket: Bucket

    def __init__(self, name: str, args: ObjectStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:objects:ObjectStore", name, None, opts)
        labels = Labels(name=name, instance=args.instance, component="object-store")
        child = pulumi.ResourceOptions(parent=self)
        entries = {"access_key": args.access_key, "secret_key": args.secret_key}
        content = Content(namespace=args.namespace, labels=labels, entries=entries)
        keys = secret(f"{name}-keys", content, child)
        shutdown = Shutdown(unlist_s=5, drain_s=30)
        server = StatefulArgs(
            namespace=args.namespace,
            labels=labels,
            container=_server(args, keys, shutdown),
            storage=args.storage,
            priority_class=args.priority_class,
            shutdown=shutdown,
        )
        self.bucket = Bucket(
            url=pulumi.Output.concat("http://", Stateful(name, server, child).host, f":{PORT}"),
            region="us-east-1",
            name=args.bucket,
            access_key=args.access_key,
            secret_key=args.secret_key,
            secret=SecretReference(namespace=args.namespace, name=keys, key="secret_key"),
        )
        self.register_outputs({"url": self.bucket.url})


def _server(args: ObjectStoreArgs, keys: pulumi.Input[str], shutdown: Shutdown) -> Container:
    return Container(
        name="minio",
        image=args.image,
        # MinIO takes each folder of its volume for a bucket.
        command=("sh", "-c", f"mkdir -p {DATA_DIR}/{args.bucket} && exec minio server {DATA_DIR} --address=:{PORT}"),
        environment={
            "MINIO_ROOT_USER_FILE": f"{SECRETS_DIR}/access_key",
            "MINIO_ROOT_PASSWORD_FILE": f"{SECRETS_DIR}/secret_key",
            "MINIO_BROWSER": "off",
            "HOME": "/tmp",  # noqa: S108 - the container's own.
        },
        ports={"s3": PORT},
        probes=probes(
            started=http_get("s3", "/minio/health/live"),
            ready=http_get("s3", "/minio/health/ready"),
            live=http_get("s3", "/minio/health/live"),
        ),
        shutdown=shutdown,
        resources=args.resources,
        mounts=[mount_claim(DATA, DATA_DIR), mount_secret("keys", keys, SECRETS_DIR), temporary()],
        uid=STORE_UID,
    )
