"""A process on the embedded bus, to be killed: `python -m tests.chassis.bus.victim publish|consume FILE SERVICE KIND`.

It tells on standard output what the bus has promised it: the ids it was told are taken, or whose handling has begun.
"""

import asyncio
import sys
from pathlib import Path

from services.chassis.bus.embedded import EmbeddedBus
from services.chassis.bus.port import Binding
from services.contracts.message import Message
from tests.chassis.bus.scene import make_message

_FOREVER_S = 600


async def publish(bus: EmbeddedBus, kind: str) -> None:
    while True:
        taken = await bus.publish([make_message(kind) for _ in range(10)])
        sys.stdout.write("".join(f"{event_id}\n" for event_id in taken))
        sys.stdout.flush()


async def consume(bus: EmbeddedBus, service: str) -> None:
    async def never_end(message: Message) -> None:
        sys.stdout.write(f"{message.event_id}\n")
        sys.stdout.flush()
        await asyncio.sleep(_FOREVER_S)

    await bus.consume(service, never_end)


async def main(part: str, file: Path, service: str, kind: str) -> None:
    bus = EmbeddedBus(file)
    await bus.declare([Binding(service=service, kinds=frozenset({kind}))])
    await (publish(bus, kind) if part == "publish" else consume(bus, service))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))
