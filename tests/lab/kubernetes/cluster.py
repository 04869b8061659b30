"""Asks the API server: reads, server-side applies and deletes objects of any kind, whose paths it looks up.

What is sent and what the answer means is told in `provider`, `awaiting` and `reading`.
"""

import json
import threading
import time
from collections.abc import Sequence

import httpx
from msgspec import Struct

from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at
from tests.lab.kubernetes.objects import Kind, kind_of, name_of, namespace_of

_APPLY = "application/apply-patch+yaml"
_NOT_FOUND = 404
_INVALID = 422
_BUSY = frozenset({429, 500, 503, 504})
_TRIES = 6
_FIRST_PAUSE_S = 0.25


class ServerRefused(Exception):
    """What the API server said, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def is_missing(self) -> bool:
        """The object, its namespace or its kind is not there."""
        return self.status == _NOT_FOUND

    @property
    def is_invalid(self) -> bool:
        """The object breaks a rule of its kind, or changes a field that may not change."""
        return self.status == _INVALID


class Home(Struct, frozen=True, kw_only=True):
    """Where objects of a kind are."""

    root: str
    plural: str
    is_namespaced: bool


class Cluster:
    """One API server; safe to use from many threads."""

    def __init__(self, client: httpx.Client, *, namespace: str = "default") -> None:
        self._client = client
        self._namespace = namespace
        self._homes: dict[Kind, Home] = {}
        self._lock = threading.Lock()

    def get(self, manifest: Object) -> Object:
        """As it is now; raises `ServerRefused`."""
        return self._ask("GET", self._path(manifest))

    def apply(self, manifest: Object, *, manager: str, dry_run: bool = False, force: bool = False) -> Object:
        """Make the fields of the manifest so, making the object if need be; fields of no schema are refused."""
        asked = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Strict"}
        return self._ask("PATCH", self._path(manifest), manifest, _dry(asked, dry_run=dry_run))

    def create(self, manifest: Object, *, manager: str, dry_run: bool = False) -> Object:
        """Make an object whose name the API server may choose."""
        asked = {"fieldManager": manager, "fieldValidation": "Strict"}
        return self._ask("POST", self._folder(manifest), manifest, _dry(asked, dry_run=dry_run))

    def delete(self, manifest: Object, *, propagation: str, grace_s: int | None = None) -> None:
        """Ask for its end; finalizers may keep it for a while."""
        wish: Object = {"propagationPolicy": propagation}
        grace: Object = {} if grace_s is None else {"gracePeriodSeconds": grace_s}
        self._ask("DELETE", self._path(manifest), wish | grace, {})

    def list(self, kind: Kind) -> Sequence[Object]:
        """All of a kind, of all namespaces."""
        home = self._home(kind)
        found = list_at(self._ask("GET", f"{home.root}/{home.plural}"), "items")
        # In a list the items do not say what they are.
        said: Object = {"apiVersion": kind.api_version, "kind": kind.name}
        return [object_at(one) | said for one in found]

    def select(self, kind: Kind, namespace: str, labels: Object) -> Sequence[Object]:
        """Those in the namespace with these labels."""
        wanted = ",".join(f"{key}={value}" for key, value in labels.items())
        root = f"{self._home(kind).root}/namespaces/{namespace}/{self._home(kind).plural}"
        found = self._ask("GET", root, None, {"labelSelector": wanted})
        return [object_at(one) for one in list_at(found, "items")]

    def _path(self, manifest: Object) -> str:
        return f"{self._folder(manifest)}/{name_of(manifest)}"

    def _folder(self, manifest: Object) -> str:
        home = self._home(kind_of(manifest))
        within = f"/namespaces/{namespace_of(manifest) or self._namespace}" if home.is_namespaced else ""
        return f"{home.root}{within}/{home.plural}"

    def _home(self, kind: Kind) -> Home:
        with self._lock:
            if kind not in self._homes:
                self._homes |= self._discover(kind.api_version)
            if kind not in self._homes:
                raise ServerRefused(_NOT_FOUND, f"the cluster knows no {kind.name} in {kind.api_version}")
            return self._homes[kind]

    def _discover(self, api_version: str) -> dict[Kind, Home]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        served = [object_at(one) for one in list_at(self._ask("GET", root), "resources")]
        return {
            Kind(api_version=api_version, name=text_at(one, "kind")): Home(
                root=root, plural=text_at(one, "name"), is_namespaced=one.get("namespaced") is True
            )
            for one in served
            if "/" not in text_at(one, "name")
        }

    def _ask(self, method: str, path: str, body: Object | None = None, query: dict[str, str] | None = None) -> Object:
        content = None if body is None else json.dumps(body)
        kind = _APPLY if method == "PATCH" else "application/json"
        response = self._answer(
            self._client.build_request(method, path, content=content, params=query, headers={"Content-Type": kind})
        )
        answer: Json = response.json() if response.content else None
        if response.is_success:
            return object_at(answer)
        raise ServerRefused(response.status_code, text_at(answer, "message") or response.reason_phrase)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        """A server that is busy, or just starting, is asked again; every question here may be asked twice."""
        for attempt in range(_TRIES - 1):
            try:
                response = self._client.send(request)
            except httpx.TransportError:
                time.sleep(_FIRST_PAUSE_S * 2**attempt)
                continue
            if response.status_code not in _BUSY:
                return response
            time.sleep(_pause_s(response, attempt))
        try:
            return self._client.send(request)
        except httpx.TransportError as broken:
            raise ServerRefused(0, f"{request.url.host} does not answer: {broken}") from broken


def _pause_s(response: httpx.Response, attempt: int) -> float:
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), 5.0) if asked.isdigit() else _FIRST_PAUSE_S * 2**attempt


def _dry(query: dict[str, str], *, dry_run: bool) -> dict[str, str]:
    return {**query, "dryRun": "All"} if dry_run else query
