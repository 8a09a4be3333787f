"""Ten thousand random deeds against a naive ledger: nothing overspent, lost or altered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from maintenance import ledger
from maintenance.ledger import LedgerError
from maintenance.models import LedgerEntry
from tests.factories import make_line, paper

RUNS, STEPS = 112, 102
SUMS = """SELECT SUM(ceiling_rupiah), SUM(reserved_rupiah), SUM(committed_rupiah),
    SUM(realised_rupiah) FROM maintenance_ledgerentry WHERE line_id = %s"""

amounts = st.one_of(st.integers(1, 100), st.integers(1, 2_000))
signed = st.integers(-1_500, 1_500)
chosen = st.integers(0, 10**6)


class Contract:
    def __init__(self, entry: LedgerEntry, value: int, used: "Hold | None") -> None:
        self.entry, self.value, self.paid, self.first = entry, value, 0, value
        self.used, self.took = used, used.left if used else 0


class Hold:
    def __init__(self, entry: LedgerEntry, left: int) -> None:
        self.entry, self.left = entry, left


class Ledgers(RuleBasedStateMachine):
    """The real ledger, and one of plain numbers that says what must come out."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        # Undone at the end of the run; the guards do not mind.
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.line = make_line(1_000)
        self.ceiling, self.petty = 1_000, 0
        self.holds: list[Hold] = []
        self.contracts: list[Contract] = []
        self.written = {entry.pk: columns(entry) for entry in self.line.entries.all()}

    def teardown(self) -> None:
        self.compare_all()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @property
    def available(self) -> int:
        held = sum(hold.left for hold in self.holds)
        return self.ceiling - held - sum(each.value for each in self.contracts) - self.petty

    def attempt(self, allowed: bool, deed: Callable[[], LedgerEntry]) -> LedgerEntry | None:
        """Do it; it must succeed exactly when the naive ledger allows it."""
        Ledgers.steps += 1
        try:
            entry = deed()
        except LedgerError:
            assert not allowed
            return None
        assert allowed
        assert entry.pk not in self.written
        self.written[entry.pk] = columns(entry)
        return entry

    @rule(amount=amounts)
    def allocate(self, amount: int) -> None:
        self.attempt(True, lambda: ledger.allocate(self.line, amount, paper(), None))
        self.ceiling += amount

    @rule(amount=signed)
    def revise(self, amount: int) -> None:
        allowed = amount != 0 and self.available + amount >= 0
        deed = lambda: ledger.revise(self.line, amount, paper(), None, reason="-")  # noqa: E731
        if self.attempt(allowed, deed):
            self.ceiling += amount

    @rule(amount=amounts)
    def reserve(self, amount: int) -> None:
        allowed = amount <= self.available
        entry = self.attempt(allowed, lambda: ledger.reserve(self.line, amount, paper(), None))
        if entry:
            self.holds.append(Hold(entry, amount))

    @rule(amount=amounts)
    def commit(self, amount: int) -> None:
        allowed = amount <= self.available
        entry = self.attempt(allowed, lambda: ledger.commit(self.line, amount, paper(), None))
        if entry:
            self.contracts.append(Contract(entry, amount, None))

    @precondition(lambda self: self.holds)
    @rule(which=chosen, amount=amounts)
    def commit_what_is_reserved(self, which: int, amount: int) -> None:
        hold = self.holds[which % len(self.holds)]
        entry = self.attempt(
            amount <= hold.left,
            lambda: ledger.commit(self.line, amount, paper(), None, reservation=hold.entry),
        )
        if entry:
            self.contracts.append(Contract(entry, amount, hold))
            hold.left = 0

    @precondition(lambda self: self.contracts)
    @rule(which=chosen, amount=signed)
    def amend(self, which: int, amount: int) -> None:
        contract = self.contracts[which % len(self.contracts)]
        raised = contract.value - contract.first
        within = amount <= max(contract.first * 10 // 100 - raised, 0)
        covered = amount <= self.available and contract.value + amount >= contract.paid
        entry = self.attempt(
            amount != 0 and within and covered,
            lambda: ledger.amend(contract.entry, amount, paper(), None, reason="-"),
        )
        if entry:
            contract.value += amount

    @precondition(lambda self: self.contracts)
    @rule(which=chosen, amount=amounts)
    def pay(self, which: int, amount: int) -> None:
        contract = self.contracts[which % len(self.contracts)]
        entry = self.attempt(
            amount <= contract.value - contract.paid,
            lambda: ledger.realise(self.line, amount, paper(), None, commitment=contract.entry),
        )
        if entry:
            contract.paid += amount

    @rule(amount=amounts)
    def pay_by_petty_cash(self, amount: int) -> None:
        allowed = amount <= self.available
        if self.attempt(allowed, lambda: ledger.realise(self.line, amount, paper(), None)):
            self.petty += amount

    @precondition(lambda self: self.holds)
    @rule(which=chosen, amount=amounts)
    def release(self, which: int, amount: int) -> None:
        hold = self.holds[which % len(self.holds)]
        deed = lambda: ledger.release(hold.entry, None, amount_rupiah=amount)  # noqa: E731
        if self.attempt(amount <= hold.left, deed):
            hold.left -= amount

    @precondition(lambda self: self.written)
    @rule(which=chosen)
    def reverse(self, which: int) -> None:
        entry = LedgerEntry.objects.get(pk=list(self.written)[which % len(self.written)])
        Ledgers.steps += 1
        try:
            undone = ledger.reverse(entry, None, reason="-")
        except LedgerError:
            return
        self.written[undone.pk] = columns(undone)
        self.take_back(entry)

    def take_back(self, entry: LedgerEntry) -> None:
        self.ceiling -= entry.ceiling_rupiah
        for hold in self.holds:
            if hold.entry.pk in (entry.pk, entry.reservation_id):
                hold.left -= entry.reserved_rupiah
        for contract in self.contracts:
            if contract.entry.pk in (entry.pk, entry.commitment_id):
                contract.value -= entry.committed_rupiah
                contract.paid -= entry.realised_rupiah
        if entry.commitment_id is None:
            self.petty -= entry.realised_rupiah
        self.contracts = [each for each in self.contracts if each.entry.pk != entry.pk]
        self.holds = [each for each in self.holds if each.entry.pk != entry.pk]

    @invariant()
    def the_balance_is_what_the_naive_ledger_says(self) -> None:
        paid = sum(contract.paid for contract in self.contracts)
        expected = (
            self.ceiling,
            sum(hold.left for hold in self.holds),
            sum(contract.value for contract in self.contracts),
            paid + self.petty,
        )
        with connection.cursor() as cursor:
            cursor.execute(SUMS, [self.line.pk])
            assert cursor.fetchone() == expected
        assert self.available >= 0
        if self.steps % 10 == 0:
            now = ledger.balance(self.line)
            assert now == ledger.Balance(*expected, available=self.available)
            assert now.outstanding == now.committed - paid

    @invariant()
    def nothing_is_lost_or_altered(self) -> None:
        if self.steps % 50 == 0:
            self.compare_all()

    def compare_all(self) -> None:
        entries = LedgerEntry.objects.filter(line=self.line)
        assert {entry.pk: columns(entry) for entry in entries} == self.written


def columns(entry: LedgerEntry) -> dict[str, Any]:
    return {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}


@pytest.mark.long
@pytest.mark.django_db
def test_ten_thousand_random_deeds_never_overspend_lose_or_alter_anything() -> None:
    Ledgers.steps = 0
    run(
        Ledgers,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Ledgers.steps >= 10_000
