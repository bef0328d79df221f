"""The moves of a loan over days that are closed: overdue and back, written off and recovered, overpaid and refunded."""

import concurrent.futures
import datetime
import time

import grpc
import pytest

from borrowing import Borrowing, balances, close, close_until, date, today
from conftest import cny, details, expect_error
from google.rpc import error_details_pb2
from google.type import date_pb2
from life import AMOUNT, Life
from millrace.financing.v1 import application_pb2, business_day_service_pb2 as days
from millrace.financing.v1 import financing_service_pb2 as financing, loan_pb2
from millrace.ledger.v1 import ledger_service_pb2 as ledger
from watcher import Watcher

Code = grpc.StatusCode
State = loan_pb2.Loan.State
Day = days.BusinessDay


@pytest.fixture
def life(server):
    return Borrowing(server.caller("operator"), server.caller("enterprise"))


def test_a_day_closes_once_and_the_next_one_is_open(server):
    operator = server.caller("operator")
    first = today(operator)
    assert first.state == Day.OPEN and first.name == f"businessDays/{date(first.date)}"
    closed = close(operator)
    assert closed.state == Day.CLOSED and closed.name == first.name
    assert date(closed.next_date) == date(first.date) + datetime.timedelta(days=1)
    assert today(operator).date == closed.next_date
    again = lambda **rest: operator.days.CloseBusinessDay(days.CloseBusinessDayRequest(name=first.name, **rest))
    assert again() == again(next_date=closed.next_date) == closed, "closing a closed day changes nothing"
    assert operator.days.GetBusinessDay(days.GetBusinessDayRequest(name=first.name)) == closed
    expect_error(Code.FAILED_PRECONDITION, lambda: again(next_date=date_pb2.Date(year=2100, month=1, day=1)),
                 "IDEMPOTENCY_MISMATCH")
    later = f"businessDays/{date(closed.next_date) + datetime.timedelta(days=9)}"
    expect_error(Code.FAILED_PRECONDITION, lambda: operator.days.CloseBusinessDay(
        days.CloseBusinessDayRequest(name=later)), "BUSINESS_DATE")
    expect_error(Code.FAILED_PRECONDITION, lambda: close(operator, date(first.date)), "BUSINESS_DATE")
    expect_error(Code.NOT_FOUND, lambda: operator.days.GetBusinessDay(days.GetBusinessDayRequest(name=later)))
    for name in ("businessDays/", "businessDays/2026-02-30", "businessDays/x"):
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.days.CloseBusinessDay(
            days.CloseBusinessDayRequest(name=name)), field="name")
    expect_error(Code.PERMISSION_DENIED, lambda: server.caller("partner").days.CloseBusinessDay(
        days.CloseBusinessDayRequest(name=first.name)))


def test_loans_fall_overdue_and_are_cured(server, life):
    operator = life.operator
    life.until("disburse")
    due = date(life.installments[0].due_date)
    assert life.read().next_due_date == life.installments[0].due_date
    close_until(operator, due)
    assert life.read().state == State.ACTIVE, "not overdue on the due date itself"
    for days_late, bucket in ((1, 1), (30, 1), (31, 2)):
        closed = close(operator, due + datetime.timedelta(days=days_late))
        loan = life.read()
        assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.OVERDUE, days_late, bucket)
        assert closed.overdue_loan_count == (days_late != 30)
    entries = operator.ledger.ListEntries(ledger.ListEntriesRequest()).entries
    assert [entry.kind for entry in entries] == ["disbursement"], "a close posts nothing here"
    # Both installments that are due by now.
    loan = life.pay(sum(row.total.minor_units for row in life.installments[:2]))
    assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.ACTIVE, 0, 0)
    assert loan.next_due_date == life.installments[2].due_date
    seen = Watcher(server.caller("partner"), kind="loans").take(5)
    assert [(State.Name(e.from_state), State.Name(e.to_state)) for e in seen] == [
        ("STATE_UNSPECIFIED", "PENDING_DISBURSEMENT"), ("PENDING_DISBURSEMENT", "ACTIVE"), ("ACTIVE", "OVERDUE"),
        ("OVERDUE", "OVERDUE"), ("OVERDUE", "ACTIVE")]
    assert seen[-1].loan == loan


def test_a_close_expires_many_offers_and_survives_a_crash(server, life):
    operator, applicant = life.operator, life.applicant
    life.until("approve")
    first = life.application
    count = 230  # more than one batch

    def another(_):
        other = Borrowing(operator, applicant)
        other.enterprise, other.product = life.enterprise, life.product
        for step in ("create", "submit", "review", "approve"):
            other.run(step)
        return other.application

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        others = list(pool.map(another, range(count)))
    end = first.offer.expire_time.ToDatetime().date()
    close_until(operator, end)
    assert operator.financing.GetApplication(
        financing.GetApplicationRequest(name=first.name)).state == application_pb2.Application.APPROVED
    name = today(operator).name

    def close_it(_):
        return server.caller("operator").days.CloseBusinessDay(days.CloseBusinessDayRequest(name=name))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        cut_off = pool.submit(close_it, None)
        time.sleep(0.02)
        server.kill()  # before, within or after the close: the next call goes on from there
        cut_off.exception()
        server.start()
        operator = server.caller("operator")
        closed = list(pool.map(close_it, range(2)))  # twice at once is as once
    ended = [made for made in (first, *others) if made.offer.expire_time.ToDatetime().date() == end]
    assert closed[0] == closed[1] and closed[0].state == Day.CLOSED
    assert closed[0].expired_offer_count == len(ended) > 200
    for application in ended:
        read = operator.financing.GetApplication(financing.GetApplicationRequest(name=application.name))
        assert read.state == application_pb2.Application.EXPIRED


def test_cancelled_before_disbursement_only(server, life):
    life.until("sign_borrower")
    cancelled = life.call("CancelLoan")
    assert cancelled.state == State.CANCELLED
    life.loan = cancelled
    error = expect_error(Code.FAILED_PRECONDITION, lambda: life.call("DisburseLoan"), "ILLEGAL_TRANSITION")
    assert details(error, error_details_pb2.ErrorInfo)[0].metadata["allowed"] == ""
    expect_error(Code.FAILED_PRECONDITION, lambda: life.pay(1), "NO_RECEIPTS")
    assert balances(life.operator) == {}


# How to bring a loan into each state, from a contract signed by both on.
PATHS = {
    "PENDING_DISBURSEMENT": [],
    "ACTIVE": ["disburse"],
    "OVERDUE": ["disburse", "late"],
    "RESTRUCTURED": ["disburse", "RestructureLoan"],
    "WRITTEN_OFF": ["disburse", "late", "WriteOffLoan"],
    "OVERPAID": ["disburse", "overpay"],
    "SETTLED": ["disburse", "overpay", "RefundOverpayment"],
    "CANCELLED": ["CancelLoan"],
}
# Which states each step leads out of, and where to.
MOVES = {
    "DisburseLoan": {"PENDING_DISBURSEMENT": "ACTIVE"},
    "CancelLoan": {"PENDING_DISBURSEMENT": "CANCELLED"},
    "RestructureLoan": {"ACTIVE": "RESTRUCTURED", "OVERDUE": "RESTRUCTURED"},
    "WriteOffLoan": {"OVERDUE": "WRITTEN_OFF", "RESTRUCTURED": "WRITTEN_OFF"},
}
ALLOWED = {
    "PENDING_DISBURSEMENT": {"ACTIVE", "CANCELLED"},
    "ACTIVE": {"OVERDUE", "RESTRUCTURED", "SETTLED", "OVERPAID"},
    "OVERDUE": {"OVERDUE", "ACTIVE", "RESTRUCTURED", "SETTLED", "OVERPAID", "WRITTEN_OFF"},
    "RESTRUCTURED": {"ACTIVE", "OVERDUE", "SETTLED", "OVERPAID", "WRITTEN_OFF"},
    "WRITTEN_OFF": {"SETTLED"}, "OVERPAID": {"SETTLED"}, "SETTLED": {"OVERPAID"}, "CANCELLED": set(),
}


@pytest.mark.parametrize("state", PATHS)
def test_loan_moves(server, life, state):
    life.until("sign_borrower")
    approver = server.caller("approver")
    callers = {"RestructureLoan": approver, "WriteOffLoan": approver}

    def another():
        other = Borrowing(life.operator, life.applicant)
        other.enterprise, other.product = life.enterprise, life.product
        for step in Life.STEPS[Life.STEPS.index("create"):Life.STEPS.index("sign_borrower") + 1]:
            other.run(step)
        other.loan = other.operator.financing.GetLoan(financing.GetLoanRequest(name=other.application.loan))
        return other

    def go(other, step, **rest):
        if step == "disburse":
            other.disburse()
        elif step == "late":
            close_until(other.operator, date(other.installments[0].due_date) + datetime.timedelta(days=1))
            other.loan = other.read()
        elif step == "overpay":
            other.loan = other.pay(sum(row.total.minor_units for row in other.installments) + 5)
        else:
            if step == "RestructureLoan":
                rest |= {"installment_count": 9, "unpaid_interest": "CAPITALIZE"}
            other.loan = other.call(step, callers.get(step), **rest)

    # All of them at each step: once days are closed, the offers of a new application would be of the past.
    loans = [another() for _ in MOVES]
    for step in PATHS[state]:
        for other in loans:
            go(other, step)
    for other, (step, targets) in zip(loans, MOVES.items()):
        before = other.loan
        assert State.Name(before.state) == state
        move = lambda: go(other, step, etag=before.etag, request_id=step + other.loan.name)
        if state in targets:
            move()
            moved = other.loan
            assert State.Name(moved.state) == targets[state]
            move()
            assert other.loan == moved, "a request id takes effect once"
        else:
            error = expect_error(Code.FAILED_PRECONDITION, move, "ILLEGAL_TRANSITION")
            info = details(error, error_details_pb2.ErrorInfo)[0].metadata
            # The move may exist, but for somebody else: then what that caller may do is named.
            expected = set() if ", not by OFFICER" in error.details() else ALLOWED[state]
            assert info["from"] == state and set(filter(None, info["allowed"].split(","))) == expected
            assert other.read() == before


def test_illegal_moves_name_the_allowed_ones(server, life):
    approver = server.caller("approver")
    life.until("disburse")
    expect_error(Code.FAILED_PRECONDITION, lambda: life.call("RefundOverpayment"), "NOT_OVERPAID")
    for method, caller in (("CancelLoan", None), ("WriteOffLoan", approver), ("DisburseLoan", None)):
        error = expect_error(Code.FAILED_PRECONDITION, lambda: life.call(method, caller), "ILLEGAL_TRANSITION")
        info = details(error, error_details_pb2.ErrorInfo)[0].metadata
        assert info["from"] == "ACTIVE"
        assert set(info["allowed"].split(",")) == {"OVERDUE", "RESTRUCTURED", "SETTLED", "OVERPAID"}
    expect_error(Code.PERMISSION_DENIED, lambda: life.call("WriteOffLoan"))
    for method, caller in (("RefundOverpayment", None), ("WriteOffLoan", approver)):
        expect_error(Code.INVALID_ARGUMENT, lambda: life.call(method, caller, request_id=""), field="request_id")


def test_an_overpayment_goes_back(server, life):
    life.until("disburse")
    owed = sum(row.total.minor_units for row in life.installments)
    assert life.pay(owed + 77).state == State.OVERPAID
    assert life.pay(23).overpayment == cny(100), "what comes in later goes back, too"
    before = balances(life.operator)
    refund = lambda: life.call("RefundOverpayment", request_id="refund")
    refunded = refund()
    assert (refunded.state, refunded.overpayment) == (State.SETTLED, cny(0))
    assert refund() == refunded
    after = balances(life.operator)
    assert before["borrower-deposits"] == 100 and after["borrower-deposits"] == 0
    assert before["clearing"] - after["clearing"] == 100
    assert life.pay(5).state == State.OVERPAID


def test_written_off_and_recovered(server, life):
    operator, approver = life.operator, server.caller("approver")
    life.until("disburse")
    paid = life.installments[0]
    life.pay(paid.total.minor_units)
    close_until(operator, date(life.installments[1].due_date) + datetime.timedelta(days=1))
    lost = AMOUNT - paid.principal.minor_units
    write_off = lambda: life.call("WriteOffLoan", approver, request_id="loss")
    written_off = write_off()
    assert (written_off.state, written_off.outstanding_principal) == (State.WRITTEN_OFF, cny(0))
    assert written_off.written_off_principal == cny(lost)
    assert write_off() == written_off
    books = balances(operator)
    assert (books["loan-principal"], books["loan-loss-allowance"], books["provision-expense"]) == (0, 0, lost)
    # A close leaves it alone; what comes in is a recovery, until everything owed is in.
    close(operator)
    assert life.read() == written_off
    assert life.pay(1000).state == State.WRITTEN_OFF
    assert balances(operator)["recovery-income"] == 1000
    owed = sum(row.total.minor_units for row in life.installments[1:])
    assert life.pay(owed - 1000 + 7).state == State.OVERPAID
    books = balances(operator)
    assert (books["recovery-income"], books["borrower-deposits"], books["loan-principal"]) == (owed, 7, 0)
    assert life.call("RefundOverpayment").state == State.SETTLED
