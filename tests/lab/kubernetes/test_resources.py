import httpx
import pytest
from pulumi.runtime.proto.provider_pb2 import ErrorResourceInitFailed

from tests.lab.engine.refusal import Refused
from tests.lab.engine.wire import Json, Object, object_at, received, secret, text_at
from tests.lab.kubernetes.awaiting import seconds
from tests.lab.kubernetes.fake_api import Answer, FakeApi, refusing
from tests.lab.kubernetes.objects import SKIP_AWAIT
from tests.lab.kubernetes.resources import Asked, Live

WHERE = "/api/v1/namespaces/souk/configmaps/settings"
SHOP = "/apis/apps/v1/namespaces/souk/deployments/shop"


def asked(kind: str = "core/v1:ConfigMap", *, timeout_s: float = 0.1) -> Asked:
    token = f"kubernetes:{kind}"
    urn = f"urn:pulumi:dev::souk::{token}::settings"
    return Asked(urn=urn, token=token, timeout_s=timeout_s, is_wanted=lambda: True, tell=lambda _: None)


def settings(**data: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "souk"},
        "data": {**data},
    }


def shop(**annotations: str) -> Object:
    metadata: Object = {"name": "shop", "namespace": "souk", "annotations": {**annotations}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": 1}}


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def live(api: FakeApi) -> Live:
    return Live(api.cluster())


def test_an_object_is_made_and_known_by_its_namespace_and_name(api: FakeApi, live: Live) -> None:
    identity, properties = live.create(settings(key="value"), asked())

    assert identity == "souk/settings"
    assert object_at(properties, "metadata") == {"uid": "1", "name": "settings", "namespace": "souk"}
    assert object_at(api.objects[WHERE], "data") == {"key": "value"}


def test_what_is_secret_reaches_the_cluster_open_and_the_engine_sealed(api: FakeApi, live: Live) -> None:
    _, properties = live.create({**settings(), "data": secret({"key": "value"})}, asked())

    assert api.objects[WHERE]["data"] == {"key": "value"}
    assert properties["data"] == secret({"key": "value"})


def test_a_preview_changes_nothing(api: FakeApi, live: Live) -> None:
    foreseen = live.foresee(settings(key="value"), asked())

    assert object_at(foreseen, "data") == {"key": "value"}
    assert api.wrote() == []


def test_a_namespace_that_comes_with_the_same_update_does_not_fail_the_preview(api: FakeApi, live: Live) -> None:
    api.on = refusing("PATCH", 404, 'namespaces "souk" not found')

    assert live.foresee(settings(), asked()) == settings()


def test_a_kind_that_comes_with_the_same_update_does_not_fail_the_preview(live: Live) -> None:
    widget: Object = {"apiVersion": "v1", "kind": "Widget", "metadata": {"name": "a"}}

    assert live.foresee(widget, asked("core/v1:Widget")) == widget


def test_the_preview_of_a_replacement_tries_the_object_under_another_name(api: FakeApi, live: Live) -> None:
    api.on = refusing("PATCH", 422, "field is immutable")

    foreseen = live.foresee(settings(), asked())

    assert text_at(foreseen, "metadata", "name") == "settings"
    assert [one.method for one in api.asked if one.method != "GET"] == ["PATCH", "POST"]
    assert api.wrote() == []


def test_an_object_that_is_wrong_under_any_name_fails_the_preview(api: FakeApi, live: Live) -> None:
    api.on = lambda request: None if request.method == "GET" else (422, {"message": "port: must be positive"})

    with pytest.raises(Refused, match="port: must be positive"):
        live.foresee(settings(), asked())


def test_a_field_of_another_owner_is_refused_with_a_way_out(api: FakeApi, live: Live) -> None:
    api.on = refusing("PATCH", 409, 'conflict with "kubectl-edit": .data.key')

    with pytest.raises(Refused, match=r'kubectl-edit.*pulumi\.com/patchForce: "true" takes the field over'):
        live.create(settings(), asked())


def test_an_update_takes_fields_over_only_when_it_is_told_to(api: FakeApi, live: Live) -> None:
    live.create(settings(), asked())
    live.create(shop(**{"pulumi.com/patchForce": "true", SKIP_AWAIT: "true"}), asked("apps/v1:Deployment"))

    forced = [one.url.params["force"] for one in api.asked if one.method == "PATCH"]
    assert forced == ["false", "true"]


def test_an_object_that_does_not_become_ready_is_recorded_with_the_reason(live: Live) -> None:
    with pytest.raises(Refused, match="not ready after 0 s: waiting for pods: 0 of 1 available") as refused:
        live.create(shop(), asked("apps/v1:Deployment"))

    partial = refused.value.detail
    assert isinstance(partial, ErrorResourceInitFailed)
    assert partial.id == "souk/shop"
    assert received(partial.inputs) == shop()


def test_a_program_need_not_wait(live: Live) -> None:
    identity, _ = live.create(shop(**{SKIP_AWAIT: "true"}), asked("apps/v1:Deployment"))

    assert identity == "souk/shop"


def test_the_troubles_of_pods_on_their_way_out_are_not_told(api: FakeApi, live: Live) -> None:
    status: Json = {"containerStatuses": [{"name": "shop", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
    for name, deleted in (("old", "now"), ("new", "")):
        metadata: Json = {"name": name, "deletionTimestamp": deleted}
        api.put(f"/api/v1/namespaces/souk/pods/{name}", {"metadata": metadata, "status": status})
    spec: Object = {"replicas": 1, "selector": {"matchLabels": {"app": "shop"}}}
    manifest: Object = {**shop(), "spec": spec}

    with pytest.raises(Refused) as refused:
        live.create(manifest, asked("apps/v1:Deployment"))

    assert "pod new: container shop waits: CrashLoopBackOff" in refused.value.reason
    assert "pod old" not in refused.value.reason


def test_an_object_that_is_gone_is_read_as_nothing(live: Live) -> None:
    assert live.read("souk/settings", settings(), asked()) is None


def test_an_object_that_somebody_changed_is_read_with_the_live_value(api: FakeApi, live: Live) -> None:
    live.create(settings(key="ours"), asked())
    api.objects[WHERE] = {**api.objects[WHERE], "data": {"key": "theirs"}}

    found = live.read("souk/settings", settings(key="ours"), asked())

    assert found is not None
    assert found[0] == settings(key="theirs")


def test_an_object_without_inputs_is_imported(api: FakeApi, live: Live) -> None:
    api.put(WHERE, settings(key="value"))

    found = live.read("souk/settings", {}, asked())

    assert found == (settings(key="value"), settings(key="value"))


def test_deleting_returns_when_the_object_is_gone(api: FakeApi, live: Live) -> None:
    live.create(settings(), asked())

    live.delete("souk/settings", settings(), asked())
    live.delete("souk/settings", settings(), asked())

    assert WHERE not in api.objects


def test_an_object_that_finalizers_keep_fails_the_deletion_by_their_names(api: FakeApi, live: Live) -> None:
    kept: Object = {**settings(), "metadata": {"name": "settings", "namespace": "souk", "finalizers": ["souk/keep"]}}
    api.put(WHERE, kept)
    api.on = lambda request: (200, kept) if request.method == "DELETE" else None

    with pytest.raises(Refused, match=r"still there after 0 s; its finalizers: \['souk/keep'\]"):
        live.delete("souk/settings", settings(), asked())


def test_the_end_of_a_patch_gives_its_fields_back_and_deletes_nothing(api: FakeApi, live: Live) -> None:
    patch = asked("core/v1:ConfigMapPatch")
    live.create(settings(key="value"), patch)

    live.delete("souk/settings", settings(key="value"), patch)

    assert api.wrote() == [f"PATCH {WHERE}", f"PATCH {WHERE}"]
    assert patch.manager != asked().manager


def test_a_server_that_is_busy_is_asked_again(api: FakeApi, live: Live) -> None:
    refusals: list[Answer] = [(429, {"message": "later"}), (503, {"message": "starting"})]

    def busy(request: httpx.Request) -> Answer | None:
        return refusals.pop() if refusals and request.method == "PATCH" else None

    api.on = busy

    assert live.create(settings(), asked())[0] == "souk/settings"


def test_how_long_to_wait_is_told_by_the_resource_then_by_its_annotation() -> None:
    noted = shop(**{"pulumi.com/timeoutSeconds": "20"})

    assert (seconds(noted, 5), seconds(noted, 0), seconds(shop(), 0)) == (5, 20, 600)
