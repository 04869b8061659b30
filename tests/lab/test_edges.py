"""Every pod tries every port of every other: just those connections come about that the table of edges has."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from infra.network import Edge, Pods
from stacks.neighbours import neighbours
from stacks.places import places_of
from tests.lab.engine.wire import Json, Object, list_at, object_at, text_at
from tests.lab.souk.installation import DATA, INGRESS, MONITORING, SERVICES, Installation
from tests.lab.souk.project import STACK
from tests.lab.terminal import Kubectl

pytestmark = pytest.mark.lab

# Reads addresses and ports, tries them all at once, and prints those that let it in.
_TRY = """
import concurrent.futures, json, socket, sys
def lets_in(where):
    try:
        socket.create_connection(where, timeout=5).close()
    except OSError:
        return False
    return True
wheres = [tuple(where) for where in json.load(sys.stdin)]
with concurrent.futures.ThreadPoolExecutor(64) as pool:
    print(json.dumps([where for where, let in zip(wheres, pool.map(lets_in, wheres)) if let]))
"""


class Place(NamedTuple):
    """A pod, as network policies see it, and what listens in it."""

    namespace: str
    pod: str
    labels: frozenset[tuple[str, str]]
    address: str
    ports: frozenset[int]

    @property
    def name(self) -> str:
        return f"{self.namespace}/{self.pod}"


class Way(NamedTuple):
    """A connection between two pods, each as `namespace/name`."""

    source: str
    target: str
    port: int


@pytest.fixture
def outsiders(souk: Installation) -> Iterator[list[Kubectl]]:
    """A pod that stands for the ingress controller, and one that is nothing to Souk."""
    image = text_at(souk.platform.outputs(), "images", "service")
    own = {INGRESS: "app.kubernetes.io/name=ingress", "default": "app.kubernetes.io/name=orders"}
    spaces = [souk.kubectl(namespace) for namespace in own]
    for kubectl, labels in zip(spaces, own.values(), strict=True):
        kubectl("run", "outsider", f"--image={image}", f"--labels={labels}", "--command", "--", "sleep", "900")
    for kubectl in spaces:
        kubectl("wait", "--for=condition=Ready", "pod/outsider", "--timeout=60s")
    yield spaces
    for kubectl in spaces:
        kubectl("delete", "pod", "outsider", "--grace-period=0", "--force")


def test_every_pod_reaches_those_that_the_table_says_and_no_other(souk: Installation, outsiders: list[Kubectl]) -> None:
    configuration = souk.platform.configuration()
    edges = neighbours(configuration, places_of(STACK, configuration))
    inside = [_place(pod) for space in (SERVICES, DATA, MONITORING) for pod in souk.pods(space)]
    strangers = [_place(kubectl.get("pod", "outsider")) for kubectl in outsiders]

    tried = {way for source in (*inside, *strangers) for way in _ways(source, inside)}
    reached = {way for source in (*inside, *strangers) for way in _reached(souk, source, inside)}

    allowed = {
        Way(source.name, target.name, port)
        for source in (*inside, *strangers)
        for target in inside
        for port in target.ports
        if source.name != target.name and any(_allows(edge, source, target, port) for edge in edges)
    }
    assert len(tried) > 800
    assert (reached - allowed, allowed - reached) == (set(), set())


def _place(pod: Object) -> Place:
    containers = [object_at(one) for one in list_at(pod, "spec", "containers")]
    ports = [object_at(port).get("containerPort") for one in containers for port in list_at(one, "ports")]
    return Place(
        namespace=text_at(pod, "metadata", "namespace"),
        pod=text_at(pod, "metadata", "name"),
        labels=frozenset((name, str(value)) for name, value in object_at(pod, "metadata", "labels").items()),
        address=text_at(pod, "status", "podIP"),
        ports=frozenset(port for port in ports if isinstance(port, int)),
    )


def _ways(source: Place, targets: list[Place]) -> Iterator[Way]:
    for target in targets:
        if target.name != source.name:
            yield from (Way(source.name, target.name, port) for port in target.ports)


def _reached(souk: Installation, source: Place, targets: list[Place]) -> Iterator[Way]:
    names = {target.address: target.name for target in targets if target.name != source.name}
    wheres = [[target.address, port] for target in targets if target.name != source.name for port in target.ports]
    command = ("exec", "--stdin", source.pod, "--", "python3", "-c", _TRY)
    let_in: Json = json.loads(souk.kubectl(source.namespace)(*command, given=json.dumps(wheres)).splitlines()[-1])
    for where in let_in if isinstance(let_in, list) else []:
        if isinstance(where, list):
            yield Way(source.name, names[str(where[0])], int(str(where[1])))


def _allows(edge: Edge, source: Place, target: Place, port: int) -> bool:
    return port in edge.ports and _is_among(source, edge.source) and _is_among(target, edge.target)


def _is_among(place: Place, peer: object) -> bool:
    if not isinstance(peer, Pods) or place.namespace != peer.namespace:
        return False
    return set(peer.selector().items()) <= place.labels
