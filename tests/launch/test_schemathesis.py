"""Thousands of made-up requests, well-formed and not, against everything the gateway serves: none may fail it.

Every operation is tried by the least who may call it, so that what is made up gets past the door; who may not call it
is told by the matrix of callers. The Souk is one of its own: made-up requests of staff may do anything to it.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from tests.launch.guest import Guest
from tests.launch.shop import Shop, open_shop

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="module")]

CONFIG = Path(__file__).with_name("schemathesis.toml")
PATIENCE_S = 480
"""Mostly it takes a tenth of that; machines that do other things too are slow."""
SCENARIOS = 20
CASES_LEAST = {"anyone": 400, "user": 700, "seller": 450, "staff": 600}
LEFT_OUT = (
    "/api/v1/auth/logout-everywhere",  # Would end the session that all others are asked in.
    "/api/v1/gateway/overrides/routes",  # Would close routes, which then rightly answer 503.
    "/api/v1/gateway/overrides/limits",  # Would bring back the limits that the shop has lifted.
)
_GENERATED = re.compile(r"(\d+) generated")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tried(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("tried")) as opened:
        await opened.document()
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guests(tried: Shop) -> Mapping[str, Guest]:
    """By who is let in."""
    seller = await tried.seller("Anything")
    return {
        "anyone": tried.visitor(),
        "user": await tried.buyer(),
        "seller": seller.guest,
        "staff": tried.staff,
        "everyone": await with_every_role(tried),
    }


async def with_every_role(shop: Shop) -> Guest:
    """Buys, sells and is staff, so that no operation is closed to them."""
    guest = (await shop.seller("Everyone")).guest
    account = str((await guest.get("/api/v1/auth/me")).facts["id"])
    version = (await shop.staff.get(f"/api/v1/auth/users/{account}")).facts["version"]
    roles = {"roles": ["buyer", "seller", "staff"], "version": version}
    (await shop.staff.ask("PUT", f"/api/v1/auth/users/{account}/roles", roles)).told(object)
    await guest.log_in()
    return guest


async def try_out(shop: Shop, guest: Guest, *options: str) -> tuple[int, str]:
    """How many requests there were, and the report. Fails for one that was not answered as documented."""
    command = [str(Path(sys.executable).with_name("schemathesis")), f"--config-file={CONFIG}", "run"]
    document = f"http://127.0.0.1:{shop.whole.ports.public}/api/v1/openapi.json"
    credentials = [] if guest.token is None else [f"--header=Authorization: Bearer {guest.token}"]
    manner = ["--continue-on-failure", "--no-color", "--warnings=off", *credentials]
    running = await asyncio.create_subprocess_exec(
        *command, document, *manner, *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        report, _ = await asyncio.wait_for(running.communicate(), PATIENCE_S)
    except TimeoutError:
        running.kill()
        await running.wait()
        raise
    told = report.decode()
    generated = _GENERATED.search(told)
    assert running.returncode == 0, told[-6000:]
    assert generated is not None, told
    return int(generated.group(1)), told


@pytest.mark.parametrize("who", CASES_LEAST)
async def test_made_up_requests_are_answered_as_documented(tried: Shop, guests: Mapping[str, Guest], who: str) -> None:
    left_out = [f"--exclude-path={path}" for path in LEFT_OUT]
    theirs = f'--include-by=/x-souk-access/who == "{who}"'

    cases, report = await try_out(tried, guests[who], "--phases=examples,coverage,fuzzing", theirs, *left_out)

    assert cases >= CASES_LEAST[who], report
    assert guests[who].token is None or (await guests[who].get("/api/v1/auth/me")).status == 200


async def test_what_would_disturb_the_others_is_tried_out_by_a_stranger(tried: Shop) -> None:
    chosen = [f"--include-path={path}" for path in LEFT_OUT]

    cases, _ = await try_out(tried, tried.visitor(), "--phases=coverage", *chosen)

    assert cases > 0


async def test_made_up_stories_go_on_with_what_was_answered(tried: Shop, guests: Mapping[str, Guest]) -> None:
    left_out = [f"--exclude-path={path}" for path in LEFT_OUT]
    told = ("--phases=stateful", f"--max-examples={SCENARIOS}")

    cases, report = await try_out(tried, guests["everyone"], *told, *left_out)

    assert cases >= SCENARIOS
    assert "API Links" in report
