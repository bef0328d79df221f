"""Amounts have a limit and sums have none: no receipt, however absurd, takes an account or a report out of service."""

import sqlite3
import subprocess

import grpc
import pytest

from borrowing import Borrowing
from conftest import BINARIES, cny, details, expect_error, product, request_id
from google.rpc import error_details_pb2
from google.type import date_pb2
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing, loan_pb2
from millrace.financing.v1 import policy_service_pb2 as policies
from millrace.ledger.v1 import ledger_service_pb2 as ledger
from millrace.schedule.v1 import schedule_service_pb2 as schedules
from millrace.type.v1 import terms_pb2

Code = grpc.StatusCode
State = loan_pb2.Loan.State
# The largest amount of a request, in minor units.
LIMIT = 10**15


@pytest.fixture
def life(server):
    return Borrowing(server.caller("operator"), server.caller("enterprise"))


def trial(operator):
    return operator.ledger.GetTrialBalance(ledger.GetTrialBalanceRequest())


def exact(holder, name):
    """A sum in full; as Money it is the nearest that 64 bits can hold."""
    in_full = getattr(holder, "exact_" + name)
    nearest = max(-2**63, min(2**63 - 1, int(in_full.minor_units)))
    assert (in_full.currency_code, getattr(holder, name)) == ("CNY", cny(nearest))
    return int(in_full.minor_units)


def test_sums_beyond_64_bits_stay_in_service(server, life):
    """Books as an earlier version left them after absurd receipts and their refunds."""
    life.until("disburse")
    server.stop()
    absurd = 9_000_000_000_000_000_000
    with sqlite3.connect(server.data / "millrace.db") as database:
        database.execute("UPDATE ledger_balance SET debits_minor_units = debits_minor_units + ?1, "
                         "credits_minor_units = credits_minor_units + ?1", (absurd,))
    database.close()
    server.start()
    life = Borrowing(server.caller("operator"), server.caller("enterprise"))
    life.loan, = life.operator.financing.ListLoans(financing.ListLoansRequest()).loans
    before = trial(life.operator)
    assert [exact(before.totals[0], "debits"), exact(before.totals[0], "credits")] == [2 * absurd + 500_000_00] * 2
    # What adds up to more than 2^63 in one account, and goes back.
    held = {"clearing": absurd, "borrower-deposits": 0}
    for _ in range(250):
        received = 2 * LIMIT
        for amount in (LIMIT, LIMIT):
            life.operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
                name=life.loan.name, amount=cny(amount), request_id=request_id(), allow_disproportionate=True))
            life.call("RefundOverpayment")
        held["clearing"] += received
    assert held["clearing"] > 2**63
    after = {account.account.removeprefix("accounts/"): account for account in trial(life.operator).accounts}
    assert exact(after["clearing"], "debits") == held["clearing"]
    alone = life.operator.ledger.GetBalance(ledger.GetBalanceRequest(account="accounts/clearing", currency_code="CNY"))
    assert alone == after["clearing"]
    interest = exact(after["interest-income"], "balance")
    assert exact(after["clearing"], "balance") == interest > 0, "the difference is in order whatever the size of the sums"
    assert exact(after["loan-principal"], "balance") == exact(after["borrower-deposits"], "balance") == 0
    totals, = trial(life.operator).totals
    assert exact(totals, "debits") == exact(totals, "credits") > 2 * absurd
    # Everybody else is served as ever.
    demo = subprocess.run(
        [BINARIES / "millrace", "demo", "--server", f"127.0.0.1:{server.port}", "--data", server.data],
        capture_output=True, text=True, timeout=60)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert str(held["clearing"])[:6] in demo.stdout and "SETTLED" in demo.stdout


def test_an_absurd_overpayment_from_before_the_limit_is_refunded(server, life):
    life.until("disburse")
    server.stop()
    absurd = 5_000_000_000_000_000_000
    with sqlite3.connect(server.data / "millrace.db") as database:
        (document,), = database.execute("SELECT document FROM loan").fetchall()
        loan = loan_pb2.Loan.FromString(document)
        loan.state, loan.overpayment.minor_units = State.OVERPAID, absurd
        database.execute("UPDATE loan SET state = 'OVERPAID', document = ?", (loan.SerializeToString(),))
    database.close()
    server.start()
    life = Borrowing(server.caller("operator"), server.caller("enterprise"))
    life.loan, = life.operator.financing.ListLoans(financing.ListLoansRequest()).loans
    assert life.call("RefundOverpayment").state == State.SETTLED
    totals, = trial(life.operator).totals
    assert exact(totals, "debits") == exact(totals, "credits") == absurd + 500_000_00


def apply(life, amount):
    return life.applicant.financing.CreateApplication(financing.CreateApplicationRequest(
        application=application_pb2.Application(
            enterprise=life.enterprise.name, product=life.product.name, amount=amount, installment_count=12)))


def repay(life, amount, **rest):
    return life.operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
        name=life.loan.name, amount=amount, request_id=request_id(), **rest))


def create_policy(life, authority):
    return life.operator.policies.CreateReviewPolicy(policies.CreateReviewPolicyRequest(
        review_policy=policies.ReviewPolicy(
            currency_code="CNY", effective_date=date_pb2.Date(year=2030, month=1, day=1),
            stages=[policies.ReviewPolicy.Stage(role="operator", authority=authority)])))


def compute(life, principal):
    return life.operator.schedule.ComputeSchedule(schedules.ComputeScheduleRequest(
        principal=principal, annual_rate_e8=1, installment_count=2, repayment_method=terms_pb2.EQUAL_INSTALLMENT,
        day_count=terms_pb2.THIRTY_360_US, start_date=date_pb2.Date(year=2024, month=1, day=1)))


def create_product(life, **changes):
    return life.operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product(**changes)))


@pytest.mark.parametrize("field, call", [
    ("product.min_amount", lambda life, amount: create_product(life, min_amount=amount, max_amount=amount)),
    ("product.max_amount", lambda life, amount: create_product(life, max_amount=amount)),
    ("application.amount", apply),
    ("amount", lambda life, amount: repay(life, amount, allow_disproportionate=True)),
    ("review_policy.stages[0].authority", create_policy),
    ("principal", compute),
])
def test_every_amount_has_the_same_limit(life, field, call):
    life.until("disburse")
    for amount in (LIMIT + 1, 2**62, 2**63 - 1, 0, -1, -2**63):
        expect_error(Code.INVALID_ARGUMENT, lambda: call(life, cny(amount)), field=f"{field}.minor_units")
    call(life, cny(LIMIT))


def test_a_receipt_out_of_all_proportion_is_refused_unless_it_is_meant(life):
    life.until("disburse")
    owed = sum(row.total.minor_units for row in life.installments)
    for amount in (2 * owed + 1, 1000 * owed, LIMIT):
        error = expect_error(Code.FAILED_PRECONDITION, lambda: repay(life, cny(amount)), "DISPROPORTIONATE_RECEIPT")
        info = details(error, error_details_pb2.ErrorInfo)[0].metadata
        assert info["field"] == "amount" and info["max_overpayment_minor_units"] == str(owed)
        assert "allow_disproportionate" in error.details()
    assert life.read() == life.loan and len(life.operator.ledger.ListEntries(ledger.ListEntriesRequest()).entries) == 1
    # Twice what is owed is a payment that came twice.
    assert life.pay(owed).state == State.SETTLED
    assert life.pay(owed).overpayment == cny(owed)
    expect_error(Code.FAILED_PRECONDITION, lambda: life.pay(1), "DISPROPORTIONATE_RECEIPT")
    meant = repay(life, cny(7 * owed), allow_disproportionate=True)
    assert (meant.loan.state, meant.loan.overpayment, meant.overpayment) == (State.OVERPAID, cny(8 * owed), cny(7 * owed))
    # What is meant is an amount nevertheless.
    expect_error(Code.FAILED_PRECONDITION, lambda: repay(life, cny(LIMIT), allow_disproportionate=True), "OVERPAYMENT_LIMIT")
    assert life.call("RefundOverpayment").state == State.SETTLED
    assert repay(life, cny(LIMIT), allow_disproportionate=True).loan.overpayment == cny(LIMIT)


def test_the_limits_are_listed():
    listed = subprocess.run([BINARIES / "millrace", "limits"], capture_output=True, text=True, check=True).stdout.split()
    for limit in ("amounts.maxAmountMinorUnits=1000000000000000", "financing.maxOverpaymentPerSchedule=1",
                  "financing.closeBatchCount=200", "maxConnections=10000", "schedule.maxInstallmentCount=1200",
                  "store.maximumPageSize=500"):
        assert limit in listed
