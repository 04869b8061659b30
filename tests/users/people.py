"""Someone who is logged in, and what auth tells of them."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.chassis.identity.tokens import Role
from services.contracts.auth import UserErased, UserRegistered
from services.contracts.message import Message
from tests.chassis.asker import Answer
from tests.stage import Stage

HOME = {
    "recipient": "Ana Pérez",
    "street": "Calle Mayor 1",
    "city": "Madrid",
    "postal_code": "28013",
    "country": "ES",
}


def items(answer: Answer) -> list[dict[str, object]]:
    """What a page holds."""
    return msgspec.convert(answer.json()["items"], list[dict[str, object]])


class Person:
    """One user, through the gateway."""

    def __init__(self, stage: Stage, user_id: UUID, *, roles: frozenset[Role] = frozenset({"buyer"})) -> None:
        self.stage = stage
        self.id = user_id
        self._roles = roles

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        raw = b"" if body is None else msgspec.json.encode(body)
        token = self.stage.asker.identity(user=self.id, roles=self._roles, body=raw)
        return await self.stage.asker.ask(method, f"/api/v1{path}", raw, token=token)

    async def get(self, path: str) -> Answer:
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None) -> Answer:
        return await self.call("POST", path, body)

    async def add_address(self, *, is_default: bool = False, **changed: str) -> str:
        """Its id."""
        body = {"address": {**HOME, **changed}, "is_default": is_default}
        answer = await self.post("/users/me/addresses", body)
        assert answer.status == 201
        return str(answer.json()["id"])

    async def apply(self, name: str = "Ana's Pottery") -> str:
        """The seller's id."""
        answer = await self.post("/sellers", {"name": name, "country": "ES"})
        assert answer.status == 201
        return str(answer.json()["id"])

    async def decide(self, seller_id: str, move: str, version: int, **reason: str) -> Answer:
        """As staff."""
        return await self.post(f"/staff/sellers/{seller_id}/{move}", {"version": version, **reason})

    def registered(self, *, name: str = "Ana", version: int = 1) -> Message:
        event = UserRegistered(user_id=self.id, email="ana@example.org", display_name=name)
        return self._message(event, version)

    def erased(self) -> Message:
        return self._message(UserErased(user_id=self.id), 9)

    def _message(self, event: UserRegistered | UserErased, version: int) -> Message:
        return Message(
            event_id=UUID(int=version),
            kind=event.kind,
            schema_version=1,
            aggregate_id=str(self.id),
            aggregate_version=version,
            occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
            payload=msgspec.json.encode(event),
            headers={},
        )
