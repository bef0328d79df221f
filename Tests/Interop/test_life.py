"""One application's whole life over the socket, watched while it happens and again from the middle."""

import calendar

from conftest import CREDIT_CODES, cny
from google.type.date_pb2 import Date
from life import AMOUNT, TRANSITIONS, Life
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing
from millrace.ledger.v1 import ledger_pb2, ledger_service_pb2
from millrace.schedule.v1 import schedule_service_pb2
from millrace.type.v1 import terms_pb2
from watcher import Watcher


def moves(events):
    return [(event.from_state, event.to_state) for event in events]


def test_whole_life_is_watched_once_and_in_order(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    before = Watcher(server.caller("partner"))
    life = Life(operator, applicant).run_all()
    life.check_end()

    seen = before.take(len(TRANSITIONS))
    assert moves(seen) == TRANSITIONS
    assert len({event.resume_token for event in seen}) == len(seen)
    assert all(event.application.name == life.application.name for event in seen)
    assert [event.application.state for event in seen] == [to for _, to in TRANSITIONS]

    middle = Watcher(server.caller("partner"), resume_token=seen[3].resume_token)
    assert moves(middle.take(len(TRANSITIONS) - 4)) == TRANSITIONS[4:]
    middle.nothing_more()
    before.nothing_more()


def test_ledger_balances_after_the_whole_life(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    life = Life(operator, applicant).run_all()
    interest = sum(row.interest.minor_units for row in life.installments)

    trial = operator.ledger.GetTrialBalance(ledger_service_pb2.GetTrialBalanceRequest())
    assert len(trial.totals) == 1
    assert trial.totals[0].debits == trial.totals[0].credits
    balances = {account.account: account.balance.minor_units for account in trial.accounts}
    assert balances["accounts/loan-principal"] == 0
    assert balances["accounts/interest-income"] == interest
    assert balances["accounts/clearing"] == interest

    entries = operator.ledger.ListEntries(ledger_service_pb2.ListEntriesRequest(subject=life.loan.name)).entries
    assert [entry.sequence for entry in entries] == list(range(1, 14))
    for entry in entries:
        sides = {side: sum(p.amount.minor_units for p in entry.postings if p.side == side)
                 for side in (ledger_pb2.Posting.DEBIT, ledger_pb2.Posting.CREDIT)}
        assert sides[ledger_pb2.Posting.DEBIT] == sides[ledger_pb2.Posting.CREDIT] > 0
    assert entries[0].kind == "disbursement"
    paid_out = [p for p in entries[0].postings if p.account == "accounts/loan-principal"]
    assert [(p.side, p.amount) for p in paid_out] == [(ledger_pb2.Posting.DEBIT, cny(AMOUNT))]


def test_watch_is_filtered_by_enterprise(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    first = Life(operator, applicant, CREDIT_CODES[0])
    second = Life(operator, applicant, CREDIT_CODES[1])
    for life in (first, second):
        for step in Life.STEPS[:Life.STEPS.index("create")]:
            life.run(step)
    watcher = Watcher(server.caller("partner"), enterprise=second.enterprise.name)
    for life in (first, second):
        for step in ("create", "submit"):
            life.run(step)
    seen = watcher.take(2)
    assert moves(seen) == TRANSITIONS[:2]
    assert {event.application.name for event in seen} == {second.application.name}
    watcher.nothing_more()


def test_month_ends_are_clamped(server):
    life = Life(server.caller("operator"), server.caller("enterprise")).run_all()
    days = [(row.due_date.month, row.due_date.day) for row in life.installments]
    february = calendar.monthrange(life.installments[0].due_date.year, 2)[1]
    assert days[:3] == [(2, february), (3, 31), (4, 30)]


def test_an_offer_tells_what_it_costs_in_a_year(server):
    """100.00 at 12 % in six installments: 12 % by the month, which compounds to 12.68 %, but for the rounding to cents."""
    operator = server.caller("operator")
    request = schedule_service_pb2.ComputeScheduleRequest(
        principal=cny(100_00), annual_rate_e8=12_000_000, installment_count=6, repayment_method=terms_pb2.EQUAL_INSTALLMENT,
        day_count=terms_pb2.THIRTY_360_US, start_date=Date(year=2024, month=1, day=1))
    cost = operator.schedule.ComputeSchedule(request).annualized_cost
    assert abs(cost.nominal_rate_e8 - 12_000_000) < 20_000 and abs(cost.effective_rate_e8 - 12_682_503) < 20_000
    # One payment after a year at 12 % costs 12 %.
    request.repayment_method, request.installment_count = terms_pb2.SINGLE_PAYMENT, 12
    assert operator.schedule.ComputeSchedule(request).annualized_cost.effective_rate_e8 == 12_000_000
