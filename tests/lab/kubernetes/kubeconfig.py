"""Finds out where the API server is and how to prove who asks: a kubeconfig, read by the rules of kubectl."""

import base64
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
import yaml
from msgspec import Struct

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at

_TIMEOUT_S = 35.0


class Access(Struct, frozen=True, kw_only=True):
    """One context of a kubeconfig, with the folder that its relative paths start from."""

    cluster: Object
    user: Object
    namespace: str
    folder: Path


def find(given: str, environment: Mapping[str, str], *, context: str = "", cluster: str = "") -> Access:
    """`given` is a path, the text of a kubeconfig, or empty for the one that kubectl would take."""
    usual = environment.get("KUBECONFIG", "").split(":")[0] or str(Path.home() / ".kube" / "config")
    is_text = "\n" in given or given.lstrip().startswith("{")
    path = Path(given or usual).expanduser()
    if not is_text and not path.is_file():
        raise Refused(f"there is no kubeconfig {path}")
    loaded: Json = yaml.safe_load(given if is_text else path.read_text())
    return choose(loaded, folder=Path() if is_text else path.parent, context=context, cluster=cluster)


def choose(loaded: Json, *, folder: Path, context: str, cluster: str) -> Access:
    """The context that is named, else the current one."""
    named = context or text_at(loaded, "current-context")
    chosen = _entry(loaded, "contexts", "context", named)
    return Access(
        cluster=_entry(loaded, "clusters", "cluster", cluster or text_at(chosen, "cluster")),
        user=_entry(loaded, "users", "user", text_at(chosen, "user")),
        namespace=text_at(chosen, "namespace"),
        folder=folder,
    )


def client(access: Access) -> httpx.Client:
    """Speaks to the API server as the user of the context."""
    if "exec" in access.user or "auth-provider" in access.user:
        raise Refused("this kubeconfig runs a program to log in, which only the official plugin does")
    token = text_at(access.user, "token") or _content(access, access.user, "tokenFile").strip()
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return httpx.Client(
        base_url=text_at(access.cluster, "server"),
        verify=_trust(access),
        headers=headers,
        timeout=_TIMEOUT_S,
        limits=httpx.Limits(max_connections=None),
        trust_env=False,
    )


def _trust(access: Access) -> ssl.SSLContext:
    authority = _content(access, access.cluster, "certificate-authority")
    trust = ssl.create_default_context(cadata=authority or None)
    if access.cluster.get("insecure-skip-tls-verify") is True:
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    certificate, key = (_content(access, access.user, name) for name in ("client-certificate", "client-key"))
    if certificate:
        # Python reads a certificate chain from files only.
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(f"{certificate}\n{key}\n")
            file.flush()
            trust.load_cert_chain(file.name)
    return trust


def _content(access: Access, entry: Object, name: str) -> str:
    """Of a file, or given as base64 under the same name with `-data`."""
    data = text_at(entry, f"{name}-data")
    if data:
        return base64.b64decode(data).decode()
    path = text_at(entry, name)
    return (access.folder / path).read_text() if path else ""


def _entry(loaded: Json, plural: str, singular: str, name: str) -> Object:
    found = [one for one in list_at(loaded, plural) if text_at(one, "name") == name]
    if not found:
        raise Refused(f"the kubeconfig has no {singular} {name!r}")
    return object_at(found[0], singular)
