"""Random lives of an order: whatever is tried in whatever order, what holds of every order holds of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from services.chassis.errors import SoukError
from services.orders.domain import ledger
from services.orders.domain.carts import put
from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import Group
from services.orders.domain.fulfilment import confirm_delivery, deliver, ship
from services.orders.domain.ledger import Posting
from services.orders.domain.opening import Purchase, open_checkout
from services.orders.domain.orders import CLOSED_STATES, MOVES, Order, dismiss_dispute, dispute
from services.orders.domain.pricing import Terms
from services.orders.domain.refunds import Refund, RefundLine, Wanted, everything, give_back, take_back
from services.orders.domain.saga import advance, confirm
from tests.orders.domain.test_carts import EMPTY
from tests.orders.market import ANNA, HOME, offer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TERMS = Terms(commission_bp=1250, shipping_minor=490, free_shipping_from_minor=10_000)
SHELF = {"MUG": offer("MUG", 1233), "PLATE": offer("PLATE", 777)}


def paid_group(mugs: int, plates: int) -> Group:
    numbers = iter(range(1, 1000))
    cart = put(put(EMPTY, SHELF["MUG"], mugs, NOW), SHELF["PLATE"], plates, NOW)
    purchase = Purchase(buyer_id=ANNA, key="key", address=HOME, provider="fake", method="tok_ok")
    group = open_checkout(cart, SHELF, purchase, TERMS, new_id=lambda: UUID(int=next(numbers)), now=NOW)
    for state in ("stock_held", "authorized", "stock_committed"):
        group = advance(group, state, NOW)
    charge: Charge = replace(group.checkout.charge, state="captured", captured_minor=group.checkout.total_minor)
    return confirm(group, charge, NOW)


class LifeOfAnOrder(RuleBasedStateMachine):
    """Every rule may be refused; what is refused changes nothing."""

    @initialize(mugs=st.integers(1, 4), plates=st.integers(1, 4))
    def buy(self, mugs: int, plates: int) -> None:
        self.now = NOW
        self.group = paid_group(mugs, plates)
        self.order = self.group.orders[0]
        self.postings: list[Posting] = ledger.captured(self.group.checkout.charge, self.group.orders, NOW)
        self.pending: list[Refund] = []

    def _try(self, order: Order) -> None:
        if self.order.state == "disputed":
            assert order.state in MOVES["disputed"] | {self.order.disputed_from}
        assert order.version > self.order.version
        self.order = order

    @rule(number=st.integers(0, 3))
    def ship_one(self, number: int) -> None:
        line = self.order.lines[number % len(self.order.lines)]
        try:
            self._try(ship(self.order, [line.id], UUID(int=5000 + number), self.now))
        except SoukError:
            return

    @rule()
    def ship_rest(self) -> None:
        try:
            self._try(ship(self.order, (), UUID(int=6000), self.now))
        except SoukError:
            return

    @rule()
    def deliver_all(self) -> None:
        try:
            self._try(deliver(self.order, None, self.now))
        except SoukError:
            return

    @rule()
    def confirm(self) -> None:
        try:
            self._try(confirm_delivery(self.order, self.now)[-1])
        except SoukError:
            return

    @rule()
    def dispute(self) -> None:
        try:
            self._try(dispute(self.order, self.now))
        except SoukError:
            return

    @rule()
    def dismiss(self) -> None:
        try:
            self._try(dismiss_dispute(self.order, self.now))
        except SoukError:
            return

    @rule(number=st.integers(0, 3), quantity=st.integers(1, 5), shipping_minor=st.sampled_from([0, 1, 489, 490]))
    def refund(self, number: int, quantity: int, shipping_minor: int) -> None:
        line = self.order.lines[number % len(self.order.lines)]
        lines = (RefundLine(line_id=line.id, quantity=quantity),)
        self._refund(Wanted(lines=lines, shipping_minor=shipping_minor, reason="broken"))

    @rule()
    def refund_everything(self) -> None:
        self._refund(everything(self.order, "all of it"))

    def _refund(self, wanted: Wanted) -> None:
        try:
            group, order, items_minor = give_back(self.group, self.order, wanted, self.now)
        except SoukError:
            return
        refund = _refund_of(self.order, wanted, items_minor, len(self.postings))
        self.postings += ledger.refund_asked(refund, self.order, self.now)
        self.pending.append(refund)
        self.group = group
        self._try(order)

    @rule(succeeds=st.booleans())
    def end_refund(self, *, succeeds: bool) -> None:
        if not self.pending:
            return
        refund = self.pending.pop()
        if succeeds:
            self.postings += ledger.refund_done(refund, self.order, self.group.checkout.charge, self.now)
            return
        self.postings += ledger.refund_failed(refund, self.order, self.now)
        self.group, self.order = take_back(self.group, self.order, refund, self.now)

    @rule()
    def time_passes(self) -> None:
        self.now += timedelta(days=1)

    @invariant()
    def nothing_is_given_back_twice(self) -> None:
        assert 0 <= self.order.refunded_minor <= self.order.total_minor
        assert all(0 <= line.refunded_quantity <= line.quantity for line in self.order.lines)
        assert self.group.checkout.charge.refunded_minor == self.order.refunded_minor

    @invariant()
    def the_books_balance_and_the_seller_gets_what_is_left(self) -> None:
        assert sum(posting.amount_minor for posting in self.postings) == 0
        held = sum(posting.amount_minor for posting in self.postings if posting.account == "provider:fake")
        pending = sum(refund.amount_minor for refund in self.pending)
        assert held == self.order.total_minor - self.order.refunded_minor + pending
        owed = sum(posting.amount_minor for posting in self.postings if posting.account == "commission")
        assert -self.order.commission_minor <= owed <= 0

    @invariant()
    def states_and_lines_agree(self) -> None:
        states = {line.fulfilment for line in self.order.lines}
        if self.order.state == "paid":
            assert "shipped" not in states
        if self.order.state in {"delivered", "completed"}:
            assert states <= {"delivered", "cancelled"}
        if self.order.state in CLOSED_STATES - {"completed"}:
            assert states == {"cancelled"}


def _refund_of(order: Order, wanted: Wanted, items_minor: int, number: int) -> Refund:
    return Refund(
        id=UUID(int=9000 + number),
        order_id=order.id,
        checkout_id=order.checkout_id,
        seller_id=order.seller_id,
        lines=wanted.lines,
        items_minor=items_minor,
        shipping_minor=wanted.shipping_minor,
        commission_minor=order.commission_share(items_minor),
        currency=order.currency,
        state="pending",
        reason=wanted.reason,
        restock=False,
        actor="seller",
        created_at=NOW,
    )


TestLifeOfAnOrder = LifeOfAnOrder.TestCase
TestLifeOfAnOrder.settings = settings(max_examples=150, stateful_step_count=25)
