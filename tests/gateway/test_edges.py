"""The table itself: what must hold for every line of it."""

import pytest

from services.gateway.domain.concurrency import Priority
from services.gateway.domain.refusals import AmbiguousTarget, NoSuchRoute
from services.gateway.domain.routes import Access, Route, admitted, lead
from services.gateway.edges import EDGES, INTERNAL_OWN, PURGES, ROUTES
from services.gateway.proxy.routing import Table


def table(*routes: Route) -> Table[Route]:
    return Table(routes)


def test_everything_public_is_under_the_api_but_health() -> None:
    assert {route.path for route in ROUTES if not route.path.startswith("/api/v1/")} == {"/health"}


def test_nothing_internal_is_public() -> None:
    public = table(*ROUTES)

    for edge in EDGES:
        with pytest.raises(NoSuchRoute):
            public.find(edge.path.replace("{", "").replace("}", "").encode())


def test_what_is_cached_is_public_and_only_read() -> None:
    for route in ROUTES:
        if route.cache is not None:
            assert route.access is Access.PUBLIC
            assert route.methods <= {"GET", "HEAD"}
            assert not route.cookies


def test_every_purge_forgets_tags_that_answers_have() -> None:
    kept = {tag.split(":")[0] for route in ROUTES if route.cache for tag in route.cache.tags}

    for purge in PURGES:
        assert {tag.split(":")[0] for tag in purge.tags} <= kept
        for tag in purge.tags:
            assert tag.format(**dict.fromkeys(purge.event.__struct_fields__, "x"))


def test_checkout_is_shed_last() -> None:
    assert {route.priority for route in ROUTES if "checkouts" in route.path and "staff" not in route.path} == {
        Priority.CHECKOUT
    }


def test_every_edge_stands_in_the_internal_listeners_table() -> None:
    inner = Table([*INTERNAL_OWN, *lead(EDGES)], exact=True)

    for edge in EDGES:
        target = edge.path.replace("{", "").replace("}", "").encode()
        for method in edge.methods:
            row = inner.find(target).rows[method]
            assert (row.service, row.access) == (edge.target, Access.SERVICE)
            assert edge.caller in admitted(EDGES)[row.path, method]


def test_the_longest_path_wins() -> None:
    routes = table(
        Route(path="/api/v1/items", methods=frozenset({"GET"}), service="list"),
        Route(path="/api/v1/items/{id}", methods=frozenset({"GET"}), service="one"),
        Route(path="/api/v1/items/by-slug", methods=frozenset({"GET"}), service="slug"),
    )
    targets = {
        b"/api/v1/items": "list",
        b"/api/v1/items?a=b": "list",
        b"/api/v1/items/7": "one",
        b"/api/v1/items/7/reviews/2": "one",
        b"/api/v1/items/by-slug/mug": "slug",
    }

    found = {target: routes.find(target).rows["GET"].service for target in targets}

    assert found == targets


def test_names_in_a_path_are_read_from_the_target() -> None:
    routes = table(Route(path="/a/{one}/b/{two}", methods=frozenset({"GET"}), service="x"))

    assert routes.find(b"/a/1/b/2/c?d").names == {"one": "1", "two": "2"}


def test_a_prefix_is_whole_segments() -> None:
    routes = table(Route(path="/api/v1/items", methods=frozenset({"GET"}), service="x"))

    with pytest.raises(NoSuchRoute):
        routes.find(b"/api/v1/itemsets")


def test_one_line_for_a_method_and_path() -> None:
    route = Route(path="/a", methods=frozenset({"GET"}), service="x")

    with pytest.raises(ValueError, match="stands twice"):
        table(route, route)


def test_what_was_refused_once_is_refused_again() -> None:
    routes = table(Route(path="/a", methods=frozenset({"GET"}), service="x"))

    for _ in range(2):
        with pytest.raises(AmbiguousTarget):
            routes.find(b"/a/../b")
