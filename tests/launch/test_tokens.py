"""Forged access tokens at the real gateway, and signing keys that change while everyone is busy."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.chassis.identity.keys import ACTIVATION_S, KeyRing, SigningKey, make_key, to_jwk
from tests.launch.forging import auth_key, claims_of, expired, resign
from tests.launch.guest import Guest, Heard
from tests.launch.shop import Seller, Shop, fill_cart, list_item

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]

Forge = Callable[[str, SigningKey], str]
OPEN, OWN = "/api/v1/items", "/api/v1/orders"
SIGNS_IN_S = 12.0
"""More than all processes take to learn of a key: a folder is read every 5 s, and so are the keys of others."""
WORKERS = 3


def signed(token: str, key: Ed25519PrivateKey, **header: object) -> str:
    return jwt.encode(dict(claims_of(token)), key, algorithm="EdDSA", headers={"typ": "at+jwt", **header})


def unsigned(token: str, key: SigningKey) -> str:
    headers = {"kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(dict(claims_of(token)), "", algorithm="none", headers=headers)


def signed_with_the_public_key_as_secret(token: str, key: SigningKey) -> str:
    secret = key.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    headers = {"kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(dict(claims_of(token)), secret.ljust(64, b"\0"), algorithm="HS512", headers=headers)


def signed_by_a_stranger(token: str, key: SigningKey) -> str:
    return signed(token, Ed25519PrivateKey.generate(), kid=key.kid)


def with_a_kid_that_leads_to_a_file(token: str, _key: SigningKey) -> str:
    return signed(token, Ed25519PrivateKey.generate(), kid="../../gateway/key.pem")


def with_its_own_key_inside(token: str, _key: SigningKey) -> str:
    own = Ed25519PrivateKey.generate()
    jwk = to_jwk(own.public_key())
    return signed(token, own, kid=jwk.kid, jwk={"kty": jwk.kty, "crv": jwk.crv, "x": jwk.x})


def with_a_key_to_be_fetched(token: str, _key: SigningKey) -> str:
    return signed(token, Ed25519PrivateKey.generate(), kid="theirs", jku="http://127.0.0.1:1/jwks.json")


def of_another_type(token: str, key: SigningKey) -> str:
    return resign(token, key, typ="souk-identity+jwt")


def for_another_audience(token: str, key: SigningKey) -> str:
    return resign(token, key, aud="orders")


def of_another_issuer(token: str, key: SigningKey) -> str:
    return resign(token, key, iss="souk-gateway")


FORGERIES: Mapping[str, Forge] = {
    forge.__name__.replace("_", " "): forge
    for forge in (
        unsigned,
        signed_with_the_public_key_as_secret,
        signed_by_a_stranger,
        with_a_kid_that_leads_to_a_file,
        with_its_own_key_inside,
        with_a_key_to_be_fetched,
        of_another_type,
        for_another_audience,
        of_another_issuer,
        expired,
    )
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_opens_nothing_even_where_none_is_needed(shop: Shop, buyer: Guest, forgery: str) -> None:
    assert buyer.token is not None
    forger = Guest(shop.gateway, token=FORGERIES[forgery](buyer.token, auth_key(shop.data)))

    heard = [await forger.get(target) for target in (OWN, OPEN)]

    assert [one.refusal for one in heard] == [(401, "token_refused")] * 2
    assert all(one.headers["www-authenticate"] == 'Bearer realm="souk"' for one in heard)
    assert (await buyer.get(OWN)).status == 200


def add_keys(data: Path) -> Mapping[str, Path]:
    """One for every signer, that will soon sign."""
    added = {folder.name: make_key(folder) for folder in sorted((data / "keys").iterdir())}
    since = time.time() - ACTIVATION_S + SIGNS_IN_S
    for path in added.values():
        os.utime(path, (since, since))
    return added


async def trade(shop: Shop, stop: asyncio.Event) -> list[Heard]:
    """Log in, look, buy: every signature there is on the way."""
    guest = await shop.buyer("busy")
    heard: list[Heard] = []
    while not stop.is_set():
        await guest.log_in()
        heard.append(await guest.get(OWN))
        heard.append(await shop.place(guest, await fill_cart(guest, "ROTATED")))
        heard.append(await guest.get("/api/v1/users/me"))
    return heard


async def test_new_keys_take_over_under_load_and_nobody_notices(shop: Shop, potter: Seller) -> None:
    await list_item(potter, "Turning wheel", "ROTATED", on_hand=100_000)
    stop = asyncio.Event()
    trading = [asyncio.create_task(trade(shop, stop)) for _ in range(WORKERS)]
    before = auth_key(shop.data).kid

    added = add_keys(shop.data)
    await asyncio.sleep(SIGNS_IN_S + 2)
    stop.set()
    heard = [one for answers in await asyncio.gather(*trading) for one in answers]
    latecomer = await shop.buyer("latecomer")

    assert [one.refusal for one in heard if one.status not in {200, 201}] == []
    assert len(heard) > 10 * WORKERS
    assert latecomer.token is not None
    kid = jwt.get_unverified_header(latecomer.token)["kid"]
    assert kid == KeyRing(added["auth"].parent).signing().kid != before
