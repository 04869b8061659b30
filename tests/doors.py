"""Knocks at every route of a service as somebody, to see which of them open."""

import re
from collections.abc import Mapping

from services.chassis.http.access import Who, access_of
from tests.stage import Stage

_PLACE = re.compile(r"\{[^}]+\}")
ID = "01900000-0000-7000-8000-000000000000"


def routes(stage: Stage) -> Mapping[tuple[str, str], Who]:
    """Method and path, with an id in every place, → who is let in."""
    return {
        (method, _PLACE.sub(ID, path)): access_of(handler.opt).who
        for handler in stage.service.handlers
        for path in handler.paths
        for method in sorted(handler.http_methods)
    }


async def knock(stage: Stage, token: str | None) -> dict[Who, set[int]]:
    """Statuses by who is let in, for a request without a body."""
    found: dict[Who, set[int]] = {}
    for (method, path), who in routes(stage).items():
        answer = await stage.asker.ask(method, path, token=token)
        found.setdefault(who, set()).add(answer.status)
    return found
