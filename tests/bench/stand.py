"""Brings up all that is measured, on one private set of servers, and fills the shops."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from tests.bench import databases
from tests.bench.filling import Shop, fill
from tests.bench.processes import Tree, start_server
from tests.bench.shops import fill_bare_shop, open_bare_shop
from tests.bench.souk import BROWSING, PEOPLE, TRADING, Servers, Souk
from tests.bench.upstream import Stub
from tests.servers.fleet import KINDS, make
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port
from tests.servers.program import Server
from tests.servers.run import Run

Say = Callable[[str], None]


class Origins(Struct, frozen=True, kw_only=True):
    """Where to ask."""

    gateway: str
    items: str
    items_uncached: str
    """Asks the search engine for every search."""
    bare: str
    bare_on_uvicorn: str
    stub: str
    """The cheapest service there can be."""
    nginx: str
    """nginx before the stub."""
    stub_gateway: str
    """A gateway before the stub."""
    second_stub_gateway: str


class Stand(Struct, frozen=True, kw_only=True):
    """All of it, running."""

    folder: Path
    """For what load tools need."""
    keys: Path
    """The gateway's, so that a service can be asked past it."""
    origins: Origins
    shop: Shop
    trees: dict[str, Tree]
    database: dict[str, str]
    """Its version, and how it treats commits."""


class Builder:
    """Starts one thing after the other, and knows what each is called."""

    def __init__(self, run: Run, say: Say) -> None:
        self._run = run
        self._say = say
        self._trees: dict[str, Tree] = {}

    def build(self, *, buyers: int) -> Stand:
        """Takes about a minute."""
        servers = self._start_servers()
        souk = self._start_souk(servers)
        self._say("filling the shops")
        shop = fill(souk.origin("gateway"), buyers=buyers)
        origins = self._start_others(servers, souk)
        databases.settle(servers.postgres)
        return Stand(
            folder=self._run.root,
            keys=souk.keys / "gateway",
            origins=origins,
            shop=shop,
            trees=self._trees,
            database=databases.durability(servers.postgres),
        )

    def _keep(self, tree: Tree) -> None:
        self._trees[tree.name] = tree

    def _start_server(self, name: str, server: Server) -> str:
        self._keep(start_server(name, server))
        return server.url

    def _start_servers(self) -> Servers:
        self._say(f"starting {', '.join(KINDS)}")
        urls = {name: self._start_server(name, make(name, self._run)) for name in KINDS}
        return Servers(**urls)

    def _start_souk(self, servers: Servers) -> Souk:
        self._say("starting Souk's services")
        souk = Souk(self._run, servers)
        souk.migrate()
        # Starting is a process's own work: with as many at once as there are processors it takes half the time.
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for tree in pool.map(souk.start, (*PEOPLE, *BROWSING, *TRADING)):
                self._keep(tree)
        return souk

    def _start_others(self, servers: Servers, souk: Souk) -> Origins:
        stub = Stub(self._run)
        self._start_server("stub", stub)
        return Origins(
            gateway=souk.origin("gateway"),
            items=souk.origin("items"),
            items_uncached=self._start_again(souk, "items api", "items without cache", {"SOUK_SEARCH_CACHE_S": "0"}),
            stub=stub.url,
            nginx=self._start_server("nginx", Nginx(self._run, upstream=f"127.0.0.1:{stub.port}")),
            stub_gateway=self._start_stub_gateway(souk, "gateway as proxy", stub.url),
            second_stub_gateway=self._start_stub_gateway(souk, "second gateway as proxy", stub.url),
            **self._start_bare(servers.postgres),
        )

    def _start_stub_gateway(self, souk: Souk, label: str, stub: str) -> str:
        settings = {
            "SOUK_INTERNAL_PORT": str(free_port()),
            "SOUK_USERS_URL": stub,
            "SOUK_ITEMS_URL": stub,
        }
        return self._start_again(souk, "gateway api", label, settings)

    def _start_again(self, souk: Souk, name: str, label: str, settings: dict[str, str]) -> str:
        port = free_port()
        self._keep(souk.start(name, label=label, settings={**settings, "SOUK_PORT": str(port)}))
        return f"http://127.0.0.1:{port}"

    def _start_bare(self, postgres_url: str) -> dict[str, str]:
        url = fill_bare_shop(postgres_url)
        shops = {"bare": True, "bare_on_uvicorn": False}
        opened = {key: open_bare_shop(self._run, url, name=key, granian=granian) for key, granian in shops.items()}
        for shop in opened.values():
            self._keep(shop.tree)
        return {key: shop.origin for key, shop in opened.items()}
