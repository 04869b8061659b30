"""What nobody should send is refused in words, as the document says, and leaves no trace in any database."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec import Struct

from services.launch.demonstration import PAST, PastClock
from services.orders.domain.views import CheckoutView
from tests.launch.bad_input import BAD, EXPIRED, USED_KEY, Bad, Who
from tests.launch.belongings import own_everything
from tests.launch.digests import digests
from tests.launch.guest import Guest, Heard, until
from tests.launch.matrix import Node
from tests.launch.shop import HOME, fill_cart, open_shop

pytestmark = pytest.mark.embedded

KINDS_LEAST = 50
_PLACE = re.compile(r"\{[^{}]+\}")
_PROBLEM = frozenset({"type", "title", "status", "detail", "code", "instance"})


class Scene(Struct, frozen=True, kw_only=True):
    """A Souk at rest."""

    guests: Mapping[Who, Guest]
    places: Mapping[str, str]
    data: Path
    rows: Mapping[str, str]
    document: Mapping[str, Mapping[str, Node]]
    """Path, with its places left blank → method → operation."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    data, clock = tmp_path_factory.mktemp("bad"), PastClock(PAST)
    async with open_shop(data, clock) as shop:
        seller = await shop.seller("Potter")
        owned = await own_everything(shop, seller)
        rival = await shop.buyer("rival")
        expired = await let_a_checkout_expire(owned.owner, clock)
        guests: dict[Who, Guest] = {
            "visitor": shop.visitor(),
            "owner": owned.owner,
            "rival": rival,
            "seller": seller.guest,
        }
        for guest in (owned.owner, seller.guest, rival):
            await guest.log_in()
        yield Scene(
            guests=guests,
            places={**owned.places, EXPIRED: expired},
            data=data,
            rows=await at_rest(data),
            document=operations_of(await shop.document()),
        )


async def let_a_checkout_expire(owner: Guest, clock: PastClock) -> str:
    """One that waits for the bank until its hold is over."""
    purchase = {"cart_id": (await fill_cart(owner, "COVETED-1")).id, "address": HOME}
    headers = {"idempotency-key": USED_KEY}
    begun = await owner.ask(
        "POST", "/api/v1/checkouts", {**purchase, "payment_method": "tok_abandoned"}, headers=headers
    )
    checkout = begun.told(CheckoutView)
    clock.catch_up()
    await owner.log_in()

    async def expired() -> bool | None:
        now = (await owner.get(f"/api/v1/checkouts/{checkout.id}")).told(CheckoutView)
        return True if now.state == "expired" else None

    await until(expired)
    return str(checkout.id)


async def at_rest(data: Path) -> Mapping[str, str]:
    """Once nothing moves any more."""

    async def unmoved() -> Mapping[str, str] | None:
        before = digests(data)
        await asyncio.sleep(0.5)
        return before if before == digests(data) else None

    return await until(unmoved)


def operations_of(document: bytes) -> Mapping[str, Mapping[str, Node]]:
    paths = msgspec.convert(msgspec.json.decode(document, type=Node)["paths"], dict[str, dict[str, Node]])
    return {_PLACE.sub("{}", path): methods for path, methods in paths.items()}


def filled(value: object, places: Mapping[str, str]) -> object:
    """Its strings with every place filled."""
    if isinstance(value, str):
        return _PLACE.sub(lambda place: places[place.group()[1:-1]], value)
    if isinstance(value, dict):
        return {key: filled(part, places) for key, part in value.items()}
    return value


async def send(scene: Scene, bad: Bad) -> Heard:
    method, _, target = bad.request.partition(" ")
    body = filled(bad.body, scene.places)
    return await scene.guests[bad.who].ask(method, str(filled(target, scene.places)), body, headers=bad.headers)


def documented(scene: Scene, bad: Bad) -> bool:
    """Whether the operation names this refusal; what is no operation has nothing to say."""
    method, _, target = bad.request.partition(" ")
    methods = scene.document.get(_PLACE.sub("{}", target.partition("?")[0]), {})
    operation = methods.get(method.lower())
    if operation is None:
        return bad.status in {400, 404, 405}
    responses = msgspec.convert(operation["responses"], dict[str, Node])
    return f"`{bad.code}`" in str(responses.get(str(bad.status), {}).get("description"))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("bad", BAD, ids=str)
async def test_it_is_refused_in_words_and_leaves_no_trace(scene: Scene, bad: Bad) -> None:
    heard = await send(scene, bad)

    assert heard.refusal == (bad.status, bad.code), heard.body.decode()
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.facts.keys() >= _PROBLEM
    assert heard.facts["instance"] == f"urn:souk:request:{heard.headers['x-request-id']}"
    assert documented(scene, bad)
    assert digests(scene.data) == scene.rows


def test_there_is_a_row_for_every_kind_that_was_thought_of() -> None:
    assert len({bad.what for bad in BAD}) == len(BAD) >= KINDS_LEAST
