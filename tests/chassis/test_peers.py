import msgspec
import pytest
from msgspec import Struct

from services.chassis.clock import utc_now
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.identity.tokens import INTERNAL_AUDIENCE, CallerClaims, verify
from services.chassis.ids import uuid7
from services.chassis.peers import PeerRefused, Peers, PeerSilent
from services.chassis.telemetry.context import begin, served
from services.chassis.wire.port import Call, Reply, UpstreamError

GONE = UpstreamError("connection reset", sent=True)


class Ask(Struct, frozen=True):
    size: int


class Told(Struct, frozen=True):
    size: int


class FakeGateway:
    """Answers what it is given, in order, the last one again and again."""

    def __init__(self, *answers: Reply | UpstreamError) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []

    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 0) -> Reply:
        assert timeout_s > 0
        assert max_bytes >= 0
        self.calls.append(call)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, UpstreamError):
            raise answer
        return answer

    async def close(self) -> None: ...


def reply(status: int, body: object) -> Reply:
    return Reply(status=status, headers=(), body=msgspec.json.encode(body))


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder)
    return KeyRing(folder)


def peers_of(gateway: FakeGateway, keys: KeyRing) -> Peers:
    return Peers(gateway, service="orders", keys=keys, clock=utc_now, ids=uuid7)


async def test_a_call_is_signed_for_exactly_what_it_asks(keys: KeyRing) -> None:
    gateway = FakeGateway(reply(200, {"size": 2}))
    token = served.set(begin(request_id="r-1", traceparent=None, identity="the-user's"))

    answer = await peers_of(gateway, keys).ask("POST", "/internal/v1/holds", Ask(1), Told)
    served.reset(token)

    headers = dict(gateway.calls[0].headers)
    claims = verify(
        headers[b"authorization"].decode().removeprefix("Bearer "),
        CallerClaims,
        issuer="orders",
        audience=INTERNAL_AUDIENCE,
        keys=keys.publics(),
        now=utc_now(),
    )
    assert answer == Told(2)
    assert (claims.target, claims.on_behalf) == ("POST /internal/v1/holds", "the-user's")
    assert claims.body is not None
    assert headers[b"x-request-id"] == b"r-1"


@pytest.mark.parametrize("fault", [GONE, reply(503, {}), reply(502, {}), reply(504, {})])
async def test_no_answer_is_asked_for_once_more(fault: Reply | UpstreamError, keys: KeyRing) -> None:
    gateway = FakeGateway(fault, reply(200, {"size": 2}))

    answer = await peers_of(gateway, keys).ask("GET", "/internal/v1/x", None, Told)

    assert (answer, len(gateway.calls)) == (Told(2), 2)


async def test_an_outage_is_not_doubled_by_retries(keys: KeyRing) -> None:
    gateway = FakeGateway(GONE)
    peers = peers_of(gateway, keys)

    for _ in range(100):
        with pytest.raises(PeerSilent):
            await peers.ask("GET", "/internal/v1/x", None, Told)

    assert len(gateway.calls) <= 125


async def test_a_refusal_is_told_with_its_code_and_not_repeated(keys: KeyRing) -> None:
    gateway = FakeGateway(reply(409, {"code": "out_of_stock", "detail": "none left", "sku": "MUG"}))

    with pytest.raises(PeerRefused) as refused:
        await peers_of(gateway, keys).ask("POST", "/internal/v1/holds", Ask(1), Told)

    assert (refused.value.status, refused.value.code, refused.value.facts["sku"]) == (409, "out_of_stock", "MUG")
    assert len(gateway.calls) == 1
