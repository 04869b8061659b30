"""API keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from services.auth.actions import api_keys
from services.auth.actions.api_keys import NewApiKey
from services.auth.api.desk import DisplayName, NamedDesk
from services.auth.domain.api_keys import ApiKey, ApiKeyMissing, ExpiryUnfit, TooManyApiKeys
from services.auth.store import api_keys as store
from services.chassis.http.access import for_users
from services.chassis.http.pages import Page

Scope = Annotated[str, Meta(pattern="^[a-z][a-z-]{0,30}:(read|write)$", examples=["orders:read"])]


class CreateApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a program. It may do what its scopes name, and never more than its owner."""

    name: DisplayName
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=40)]
    """One that is named twice counts once."""
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    """Without it the key is good until it is revoked."""


class ApiKeyView(Struct, frozen=True, kw_only=True):
    """A key, told by its first characters."""

    id: UUID
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None


class CreatedApiKey(Struct, frozen=True, kw_only=True):
    """`secret` is shown this once. Send it as `Authorization: Bearer sk_…`."""

    secret: str
    key: ApiKeyView


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=key.scopes,
        created_at=key.created_at,
        expires_at=key.expires_at,
    )


@post("/api/v1/auth/api-keys", opt=for_users(refuses=(TooManyApiKeys, ExpiryUnfit)))
async def create(data: JSONBody[CreateApiKey], desk: NamedDesk, user_id: NamedDependency[UUID]) -> CreatedApiKey:
    """Make a key. A user has at most 25."""
    wanted = NewApiKey(name=data.name.strip(), scopes=frozenset(data.scopes), expires_at=data.expires_at)
    async with desk.database.unit() as unit:
        key, secret = await api_keys.create(unit, desk.vault, user_id, wanted)
    return CreatedApiKey(secret=secret, key=_view(key))


@get("/api/v1/auth/api-keys", opt=for_users())
async def list_keys(desk: NamedDesk, user_id: NamedDependency[UUID]) -> Page[ApiKeyView]:
    """All keys of the account, newest first, on one page."""
    return Page(items=[_view(key) for key in await store.owned(desk.database, user_id)])


@delete("/api/v1/auth/api-keys/{key_id:uuid}", opt=for_users(refuses=(ApiKeyMissing,)))
async def revoke(key_id: FromPath[UUID], desk: NamedDesk, user_id: NamedDependency[UUID]) -> None:
    """The key is void at once."""
    async with desk.database.unit() as unit:
        await api_keys.revoke(unit, desk.vault, user_id, key_id)


API_KEYS = (create, list_keys, revoke)
