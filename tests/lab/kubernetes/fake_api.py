"""An API server in this process, as much of one as the plugin's tests need: no schemas, no controllers."""

import json
from collections.abc import Callable

import httpx

from tests.lab.engine.wire import Json, Object, object_at, text_at
from tests.lab.kubernetes.cluster import Cluster

_SERVED: dict[str, list[tuple[str, str, bool]]] = {
    "/api/v1": [("ConfigMap", "configmaps", True), ("Namespace", "namespaces", False), ("Pod", "pods", True)],
    "/apis/apps/v1": [("Deployment", "deployments", True)],
}

Answer = tuple[int, Json]


class FakeApi:
    """Objects by path. `on` takes the place of the answer to some questions."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.asked: list[httpx.Request] = []
        self.on: Callable[[httpx.Request], Answer | None] = lambda _: None

    def cluster(self) -> Cluster:
        """A client of it; opens no sockets."""
        transport = httpx.MockTransport(self._answer)
        return Cluster(httpx.Client(base_url="http://fake", transport=transport))

    def put(self, path: str, manifest: Object) -> None:
        self.objects[path] = manifest

    def wrote(self) -> list[str]:
        """What was asked for that changes something."""
        return [f"{one.method} {one.url.path}" for one in self.asked if one.method != "GET" and not _is_dry(one)]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status, body = self.on(request) or self._usual(request)
        return httpx.Response(status, json=body)

    def _usual(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if path in _SERVED:
            return 200, {"resources": [_resource(*one) for one in _SERVED[path]]}
        if request.method == "PATCH":
            return 200, self._apply(path, object_at(json.loads(request.content)), dry=_is_dry(request))
        if request.method == "POST":
            return 201, object_at(json.loads(request.content))
        if path.endswith("/pods"):
            return 200, {"items": [one for where, one in self.objects.items() if where.startswith(path)]}
        if path not in self.objects:
            return 404, {"message": f"{path} not found"}
        found = self.objects[path]
        if request.method == "DELETE":
            del self.objects[path]
        return 200, found

    def _apply(self, path: str, manifest: Object, *, dry: bool) -> Object:
        metadata = {"uid": "1", "managedFields": [], **object_at(manifest, "metadata")}
        live = {**self.objects.get(path, {}), **manifest, "metadata": metadata}
        if not dry:
            self.objects[path] = live
        return live


def refusing(method: str, status: int, message: str) -> Callable[[httpx.Request], Answer | None]:
    """For `FakeApi.on`."""
    return lambda request: (status, {"message": message}) if request.method == method else None


def _resource(kind: str, plural: str, namespaced: bool) -> Json:  # noqa: FBT001 - a row of the table.
    return {"kind": kind, "name": plural, "namespaced": namespaced}


def _is_dry(request: httpx.Request) -> bool:
    return text_at({"dry": request.url.params.get("dryRun", "")}, "dry") == "All"
