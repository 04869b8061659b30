import pytest

from tests.lab.engine.wire import UNKNOWN, Object, secret
from tests.lab.kubernetes.differing import Change, differences, must_go_first
from tests.lab.kubernetes.objects import AUTONAMED


def thing(kind: str, api_version: str = "v1", **fields: object) -> Object:
    found: Object = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "orders", "namespace": "souk"}}
    return found | {key: value for key, value in fields.items() if isinstance(value, str | int | bool | dict | list)}


def replaced(old: Object, new: Object) -> list[str]:
    return [one.where for one in differences(old, new) if one.replaces]


def changed(old: Object, new: Object) -> list[str]:
    return [one.where for one in differences(old, new)]


def test_the_same_declaration_differs_in_nothing() -> None:
    deployment = thing("Deployment", "apps/v1", spec={"replicas": 2})

    assert differences(deployment, dict(deployment)) == []


def test_a_field_that_became_secret_with_the_same_value_does_not_differ() -> None:
    assert changed(thing("Secret", data={"a": "b"}), thing("Secret", data=secret({"a": "b"}))) == []


def test_an_image_is_changed_in_place_and_its_path_is_told() -> None:
    old, new = (
        thing("Deployment", "apps/v1", spec={"template": {"spec": {"containers": [{"image": image}]}}})
        for image in ("souk:1", "souk:2")
    )

    (found,) = differences(old, new)

    assert found.where == "spec.template.spec.containers[0].image"
    assert found.change is Change.CHANGED
    assert not found.replaces


def test_what_is_new_and_what_is_gone_are_told_apart() -> None:
    old, new = thing("Service", spec={"ports": [1], "type": "NodePort"}), thing("Service", spec={"ports": [1, 2]})

    assert {one.where: one.change for one in differences(old, new)} == {
        "spec.ports[1]": Change.ADDED,
        "spec.type": Change.REMOVED,
    }


def test_a_key_with_dots_is_quoted() -> None:
    old, new = thing("ConfigMap", data={"a.toml": "1"}), thing("ConfigMap", data={"a.toml": "2"})

    assert changed(old, new) == ['data["a.toml"]']


@pytest.mark.parametrize(
    ("kind", "api_version", "old", "new"),
    [
        ("Deployment", "apps/v1", {"selector": {"app": "a"}}, {"selector": {"app": "b"}}),
        ("DaemonSet", "apps/v1", {"selector": {"app": "a"}}, {"selector": {"app": "b"}}),
        ("StatefulSet", "apps/v1", {"serviceName": "a"}, {"serviceName": "b"}),
        ("StatefulSet", "apps/v1", {"volumeClaimTemplates": []}, {"volumeClaimTemplates": [{}]}),
        ("Job", "batch/v1", {"template": {"image": "a"}}, {"template": {"image": "b"}}),
        ("PersistentVolumeClaim", "v1", {"storageClassName": "a"}, {"storageClassName": "b"}),
        ("Pod", "v1", {"nodeName": "a"}, {"nodeName": "b"}),
        ("Service", "v1", {"clusterIP": "None"}, {}),
        ("Deployment", "apps/v1", {"selector": {"app": "a"}}, {"selector": {"app": UNKNOWN}}),
    ],
)
def test_a_field_that_is_fixed_for_life_replaces_the_object(
    kind: str, api_version: str, old: Object, new: Object
) -> None:
    assert replaced(thing(kind, api_version, spec=old), thing(kind, api_version, spec=new))


@pytest.mark.parametrize(
    ("kind", "api_version", "old", "new"),
    [
        ("Deployment", "apps/v1", {"replicas": 1}, {"replicas": 2}),
        ("StatefulSet", "apps/v1", {"template": {"image": "a"}}, {"template": {"image": "b"}}),
        ("Job", "batch/v1", {"suspend": True}, {"suspend": False}),
        ("Job", "batch/v1", {"ttlSecondsAfterFinished": 1}, {"ttlSecondsAfterFinished": 2}),
        (
            "PersistentVolumeClaim",
            "v1",
            {"resources": {"requests": {"storage": "1Gi"}}},
            {"resources": {"requests": {"storage": "2Gi"}}},
        ),
        ("Widget", "example.com/v1", {"selector": "a"}, {"selector": "b"}),
    ],
)
def test_other_fields_are_changed_in_place(kind: str, api_version: str, old: Object, new: Object) -> None:
    assert replaced(thing(kind, api_version, spec=old), thing(kind, api_version, spec=new)) == []


def test_a_role_binding_to_another_role_is_another_binding() -> None:
    old, new = (
        thing("RoleBinding", "rbac.authorization.k8s.io/v1", roleRef={"name": name}) for name in ("view", "edit")
    )

    assert replaced(old, new) == ["roleRef.name"]


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_pods_that_read_contents_once_get_a_new_object(kind: str) -> None:
    old, new = thing(kind, data={"a": "1"}), thing(kind, data={"a": "2"})

    assert replaced(old, new) == ["data.a"]


def test_contents_change_in_place_where_the_stack_says_so() -> None:
    old, new = thing("ConfigMap", data={"a": "1"}), thing("ConfigMap", data={"a": "2"})

    assert not any(one.replaces for one in differences(old, new, mutable=frozenset({"ConfigMap"})))


def test_an_immutable_object_is_replaced_whatever_the_stack_says() -> None:
    old, new = thing("ConfigMap", data={"a": "1"}, immutable=True), thing("ConfigMap", data={"a": "2"}, immutable=True)

    assert any(one.replaces for one in differences(old, new, mutable=frozenset({"ConfigMap"})))


def test_another_namespace_means_another_object() -> None:
    old = thing("Service")
    new = old | {"metadata": {"name": "orders", "namespace": "other"}}

    assert replaced(old, new) == ["metadata.namespace"]


def test_a_newer_version_of_the_api_is_the_same_object_and_another_group_is_not() -> None:
    old = thing("HorizontalPodAutoscaler", "autoscaling/v1")

    assert replaced(old, old | {"apiVersion": "autoscaling/v2"}) == []
    assert replaced(old, old | {"apiVersion": "example.com/v1"}) == ["apiVersion"]


def test_an_object_that_keeps_its_name_must_go_before_its_replacement_comes() -> None:
    old = thing("Service")

    assert must_go_first(old, thing("Service"))
    assert not must_go_first(old, old | {"metadata": {"name": "other", "namespace": "souk"}})


def test_a_replacement_with_a_name_of_the_plugins_choice_comes_first() -> None:
    new: Object = {"metadata": {"name": "orders", "namespace": "souk", "annotations": {AUTONAMED: "true"}}}

    assert not must_go_first(thing("Service"), new)
