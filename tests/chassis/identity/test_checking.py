import msgspec
import pytest

from services.chassis.errors import Unavailable
from services.chassis.identity.checking import keys_over_http
from services.chassis.identity.keys import JwkSet
from services.chassis.wire.port import Reply
from tests.stage import Answering


async def test_a_signer_that_refuses_for_now_is_away() -> None:
    signer = Answering()
    signer.answer = lambda _call: Reply(status=503, headers=(), body=b'{"code": "unavailable"}')

    with pytest.raises(Unavailable):
        await keys_over_http(signer)()


async def test_a_signer_without_keys_gives_none() -> None:
    signer = Answering()
    signer.answer = lambda _call: Reply(status=200, headers=(), body=msgspec.json.encode(JwkSet(keys=[])))

    assert await keys_over_http(signer)() == {}
