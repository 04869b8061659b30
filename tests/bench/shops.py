"""The bare shop under a server, and identities for asking a service of Souk past the gateway."""

import time
from pathlib import Path

from msgspec import Struct

from services.chassis.identity.checking import GATEWAY_ISSUER
from services.chassis.identity.keys import KeyRing
from services.chassis.identity.tokens import IDENTITY_TTL_S, IdentityClaims, sign
from tests.bench.databases import driver_url, fill_bare, make_database
from tests.bench.processes import Tree, answers_ok, python, start
from tests.servers.ports import free_port
from tests.servers.run import Run

_APP = "tests.bench.bare.app:make_app"


class BareShop(Struct, frozen=True, kw_only=True):
    """A running one."""

    origin: str
    tree: Tree


def fill_bare_shop(postgres_url: str) -> str:
    """A database for bare shops, which may share it."""
    url = make_database(postgres_url, "bare")
    fill_bare(url)
    return url


def open_bare_shop(run: Run, url: str, *, name: str, granian: bool) -> BareShop:
    """One process, on granian or on uvicorn."""
    port = free_port()
    if granian:
        served = ["granian", "--interface", "asgi", "--workers", "1", "--loop", "uvloop", "--no-ws"]
    else:
        served = ["uvicorn", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    tree = start(
        run,
        name,
        python("-m", *served, "--factory", "--host", "127.0.0.1", "--port", str(port), _APP),
        environment={"BARE_DATABASE_URL": driver_url(url)},
        ready=lambda: answers_ok(port, "/items"),
    )
    return BareShop(origin=f"http://127.0.0.1:{port}", tree=tree)


def identify(keys: Path, audience: str) -> dict[str, str]:
    """The header by which a service knows that the gateway asks for a stranger; good for half a minute."""
    now = int(time.time())
    claims = IdentityClaims(iss=GATEWAY_ISSUER, aud=audience, iat=now, exp=now + IDENTITY_TTL_S)
    return {"X-Souk-Identity": sign(claims, KeyRing(keys).signing())}
