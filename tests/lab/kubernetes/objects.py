"""What a Kubernetes object is called, where it lives, and the annotations by which a program steers the plugin."""

from msgspec import Struct

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Json, Object, object_at, text_at

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
PATCH_FORCE = "pulumi.com/patchForce"
WAIT_FOR = "pulumi.com/waitFor"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"

# Kinds of the built-in groups that belong to no namespace; of other groups the API server is asked.
_CLUSTER_WIDE = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)


class Kind(Struct, frozen=True, kw_only=True):
    """A version of an API and a kind in it."""

    api_version: str
    name: str

    @property
    def group(self) -> str:
        """Empty for the core group."""
        group, slash, _ = self.api_version.partition("/")
        return group if slash else ""


def kind_of(manifest: Object) -> Kind:
    return Kind(api_version=text_at(manifest, "apiVersion"), name=text_at(manifest, "kind"))


def kind_of_type(token: str) -> Kind:
    """Of a type token of the engine, `kubernetes:apps/v1:Deployment`; a patch resource is of the kind it patches."""
    _, version, name = token.split(":")
    api_version = version.removeprefix("core/")
    return Kind(api_version=api_version, name=name.removesuffix("Patch") if is_patch(token) else name)


def is_patch(token: str) -> bool:
    """Whether the resource owns some fields of an object that something else has made."""
    return token.endswith("Patch")


def is_cluster_wide(kind: Kind) -> bool:
    """Of a built-in kind; that of a custom resource is in its definition alone."""
    return kind.name in _CLUSTER_WIDE and (not kind.group or "." not in kind.group or kind.group.endswith(".k8s.io"))


def annotation(manifest: Json, name: str) -> str:
    return text_at(manifest, "metadata", "annotations", name)


def is_set(manifest: Json, name: str) -> bool:
    return annotation(manifest, name).lower() == "true"


def name_of(manifest: Json) -> str:
    return text_at(manifest, "metadata", "name")


def namespace_of(manifest: Json) -> str:
    return text_at(manifest, "metadata", "namespace")


def identity(live: Object) -> str:
    """The engine's id of an object: `namespace/name`, or its name alone."""
    name, namespace = name_of(live), namespace_of(live)
    return f"{namespace}/{name}" if namespace else name


def stub(kind: Kind, identity: str) -> Object:
    """As much of an object as finds it again."""
    namespace, _, name = identity.rpartition("/")
    if not name:
        raise Refused(f"{identity!r} is no id: NAME or NAMESPACE/NAME")
    metadata: Object = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata}


def labels_match(selector: Object, labels: Object) -> bool:
    """Whether the labels satisfy `matchLabels`; an empty selector matches nothing here."""
    return bool(selector) and all(labels.get(key) == wanted for key, wanted in selector.items())


def labels_of(manifest: Json) -> Object:
    return object_at(manifest, "metadata", "labels")
