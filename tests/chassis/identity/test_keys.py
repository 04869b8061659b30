import os
from pathlib import Path

import pytest

from services.chassis.identity.keys import ACTIVATION_S, RELOAD_S, KeyRing, NoSigningKey, from_jwk, make_key, to_jwk


class Watch:
    """A clock that is set by hand."""

    def __init__(self, path: Path) -> None:
        self.now = path.stat().st_mtime

    def __call__(self) -> float:
        return self.now


def test_a_new_key_is_published_before_it_signs(tmp_path: Path) -> None:
    first = make_key(tmp_path, name="1")
    watch = Watch(first)
    ring = KeyRing(tmp_path, now=watch)
    watch.now += ACTIVATION_S * 2
    old = ring.signing().kid

    second = make_key(tmp_path, name="2")
    os.utime(second, (watch.now, watch.now))
    watch.now += RELOAD_S + 1
    signing_meanwhile, published = ring.signing().kid, len(ring.jwks().keys)
    watch.now += ACTIVATION_S

    assert (signing_meanwhile, published) == (old, 2)
    assert ring.signing().kid != old


def test_keys_that_came_with_the_pod_wait_until_every_pod_has_them(tmp_path: Path) -> None:
    first, second = make_key(tmp_path, name="1"), make_key(tmp_path, name="2")
    watch = Watch(first)
    os.utime(second, (watch.now, watch.now))
    ring = KeyRing(tmp_path, activation_s=1800, now=watch)

    watch.now += 1799
    meanwhile = ring.signing().kid
    watch.now += 1
    afterwards = ring.signing().kid

    kids = [key.kid for key in ring.jwks().keys]
    assert [meanwhile, afterwards] == kids


def test_a_deleted_key_is_forgotten(tmp_path: Path) -> None:
    path = make_key(tmp_path)
    watch = Watch(path)
    ring = KeyRing(tmp_path, now=watch)
    ring.signing()

    path.unlink()
    watch.now += RELOAD_S + 1

    with pytest.raises(NoSigningKey):
        ring.signing()


def test_private_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = make_key(tmp_path / "keys")

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_public_key_survives_the_way_through_its_jwk(tmp_path: Path) -> None:
    make_key(tmp_path)
    key = KeyRing(tmp_path).signing()

    jwk = to_jwk(key.public)

    assert jwk.kid == key.kid
    assert to_jwk(from_jwk(jwk)) == jwk
