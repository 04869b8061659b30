"""Becoming a seller, being shown, ceasing to be one."""

from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.database import Unit
from services.contracts.users import SellerApproved, SellerSuspended
from services.users.domain import sellers as domain
from services.users.domain.profiles import Defaults, blank, check_version
from services.users.domain.sellers import Application, Move, Seller, SellerMissing, SlugTaken, State
from services.users.store import profiles, sellers

CLOSED = "the owner's account was erased"


class ShopChange(Struct, frozen=True, kw_only=True):
    """What is to be different; None: as it is."""

    name: str | None
    slug: str | None
    about: str | None
    version: int


async def apply(unit: Unit, owner_id: UUID, wanted: Application, defaults: Defaults) -> Seller:
    """Once, and again after a rejection. Raises `AlreadySeller`, `SlugTaken`, `AccountGone`."""
    await profiles.hold(unit, blank(owner_id, defaults))
    existing = await sellers.find_owned(unit, owner_id)
    await _check_slug(unit, wanted.slug, existing)
    if existing is not None:
        seller = domain.apply_again(existing, wanted, now=unit.now)
        await sellers.save(unit, seller)
        return seller
    seller = _new(unit, owner_id, wanted)
    if not await sellers.add(unit, seller):
        raise SlugTaken(slug=wanted.slug)
    return seller


def _new(unit: Unit, owner_id: UUID, wanted: Application) -> Seller:
    return Seller(
        id=unit.new_id(),
        owner_id=owner_id,
        slug=wanted.slug,
        name=wanted.name,
        about=wanted.about,
        country=wanted.country,
        state=State.APPLIED,
        applied_at=unit.now,
    )


async def change(unit: Unit, owner_id: UUID, wanted: ShopChange) -> Seller:
    """By the owner; a new name or slug is told to everyone. Raises `SellerMissing`, `StaleVersion`, `SlugTaken`."""
    before = await sellers.find_owned(unit, owner_id)
    if before is None or before.state is State.CLOSED:
        raise SellerMissing
    check_version(wanted.version, before.version)
    if wanted.slug is not None:
        await _check_slug(unit, wanted.slug, before)
    after = msgspec.structs.replace(
        before,
        name=wanted.name or before.name,
        slug=wanted.slug or before.slug,
        about=before.about if wanted.about is None else wanted.about,
        version=before.version + 1,
    )
    await sellers.save(unit, after)
    if after.sells:
        _tell_approved(unit, after)
    return after


async def decide(unit: Unit, seller_id: UUID, move: Move, reason: str | None, *, version: int) -> Seller:
    """By staff. Raises `SellerMissing`, `StaleVersion`, `SellerStateWrong`."""
    before = await sellers.load(unit, seller_id)
    check_version(version, before.version)
    after = domain.move(before, move, reason=reason, now=unit.now)
    await sellers.save(unit, after)
    if after.sells:
        _tell_approved(unit, after)
    elif before.sells:
        _tell_suspended(unit, after, reason or "")
    return after


async def close(unit: Unit, owner_id: UUID) -> None:
    """The owner's account was erased; nothing to do for those who own no shop."""
    before = await sellers.find_owned(unit, owner_id)
    if before is None or before.state is State.CLOSED:
        return
    after = domain.close(before, now=unit.now)
    await sellers.save(unit, after)
    if before.sells:
        _tell_suspended(unit, after, CLOSED)


async def _check_slug(unit: Unit, slug: str, seller: Seller | None) -> None:
    if not await sellers.slug_is_free(unit, slug, but=None if seller is None else seller.id):
        raise SlugTaken(slug=slug)


def _tell_approved(unit: Unit, seller: Seller) -> None:
    event = SellerApproved(seller_id=seller.id, owner_id=seller.owner_id, name=seller.name, slug=seller.slug)
    unit.record(event, aggregate_id=seller.id, aggregate_version=seller.version)


def _tell_suspended(unit: Unit, seller: Seller, reason: str) -> None:
    event = SellerSuspended(seller_id=seller.id, owner_id=seller.owner_id, reason=reason)
    unit.record(event, aggregate_id=seller.id, aggregate_version=seller.version)
