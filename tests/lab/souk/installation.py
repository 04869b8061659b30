"""Souk as a lab holds it: images, the stack, and the proof that somebody can buy there."""

import asyncio
import os
from collections.abc import Callable, Mapping

from tests.cluster.town import reach
from tests.lab.cluster.places import HTTP_PORT
from tests.lab.engine.wire import Object, list_at, object_at
from tests.lab.lab import Lab
from tests.lab.souk.platform import Platform
from tests.lab.souk.smoke import open_shop, purchase
from tests.lab.souk.stores import Stores
from tests.lab.terminal import Kubectl, Terminal

GATEWAY = f"http://localhost:{HTTP_PORT}"
SERVICES, DATA, MONITORING, INGRESS = "souk", "souk-data", "souk-monitoring", "ingress"
"""Namespaces."""


class Installation:
    """Of a lab that runs."""

    def __init__(self, lab: Lab, tell: Callable[[str], None]) -> None:
        self.environment: Mapping[str, str] = {**os.environ, **lab.variables()}
        self.platform = Platform(lab.places.root / "souk", self.environment, tell)
        self._tell = tell

    def up(self) -> dict[str, int]:
        """Return when every pod is ready. How many resources were created, updated, deleted, left the same."""
        self.platform.configure(Stores(self.environment, self._tell).build())
        return self.platform.up()

    def kubectl(self, namespace: str = SERVICES) -> Kubectl:
        return Kubectl(Terminal(self.environment), namespace)

    def pods(self, namespace: str) -> list[Object]:
        """Those that run on; not those of Jobs."""
        return self.objects("pods", namespace, "--selector=!job-name")

    def objects(self, kinds: str, namespace: str, *options: str) -> list[Object]:
        """As the API server has them."""
        return [object_at(one) for one in list_at(self.kubectl(namespace).get(kinds, *options), "items")]

    def smoke(self) -> str:
        """The state of the order that was bought."""
        return asyncio.run(self._buy())

    async def _buy(self) -> str:
        async with reach(GATEWAY) as gateway:
            market = await open_shop(gateway, self.platform.staff())
            bought = await purchase(market, self.kubectl())
        return bought.order.state
