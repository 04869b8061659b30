"""Paying sellers what is theirs."""

from collections.abc import Sequence

from services.chassis.database import Unit
from services.contracts.money import Money
from services.contracts.orders import PayoutIssued
from services.orders.domain.ledger import paid_out
from services.orders.domain.payouts import Balance, Payout, is_due
from services.orders.store import ledger


async def pay_out(unit: Unit, *, at_least_minor: int, actor: str) -> Sequence[Payout]:
    """Every free balance that is worth a transfer, to its seller."""
    due = [one for one in await ledger.lock_balances(unit) if is_due(one, at_least_minor=at_least_minor)]
    payouts = [_payout(unit, balance, actor) for balance in due]
    if payouts:
        ledger.add_payouts(unit, payouts)
        ledger.book(
            unit,
            [
                posting
                for one in payouts
                for posting in paid_out(one.id, one.seller_id, one.amount_minor, one.currency, unit.now)
            ],
        )
    for one in payouts:
        amount = Money(minor=one.amount_minor, currency=one.currency)
        told = PayoutIssued(payout_id=one.id, seller_id=one.seller_id, amount=amount)
        unit.record(told, aggregate_id=one.id, aggregate_version=1)
    return payouts


def _payout(unit: Unit, balance: Balance, actor: str) -> Payout:
    return Payout(
        id=unit.new_id(),
        seller_id=balance.seller_id,
        amount_minor=balance.free_minor,
        currency=balance.currency,
        issued_at=unit.now,
        actor=actor,
    )
