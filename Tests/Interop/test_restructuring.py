"""Restructured loans: the new schedule to the cent, the observation and how it ends, and the books."""

import concurrent.futures
import datetime
import json
import random
import sqlite3
import time

import grpc
import pytest

from borrowing import Borrowing, balances, close, close_until, date, months_after, proto, today
from conftest import cny, details, expect_error, product, request_id
from expected import accrued, schedule
from google.rpc import error_details_pb2
from google.type import date_pb2
from life import AMOUNT
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.financing.v1 import business_day_service_pb2 as days
from millrace.financing.v1 import financing_service_pb2 as financing, loan_pb2, policy_service_pb2 as policies
from millrace.financing.v1 import schedule_revision_pb2
from millrace.ledger.v1 import ledger_service_pb2 as ledger
from millrace.type.v1 import terms_pb2
from watcher import Watcher

Code = grpc.StatusCode
State = loan_pb2.Loan.State
Unpaid = schedule_revision_pb2.ScheduleRevision.UnpaidInterest
RATE = 4_350_000
DAY = datetime.timedelta(days=1)


class Restructuring(Borrowing):
    """A loan, and an approver who gives it new terms."""

    def __init__(self, server):
        super().__init__(server.caller("operator"), server.caller("enterprise"))
        self.approver = server.caller("approver")

    def restructure(self, caller=None, **terms):
        terms = {"installment_count": 24, "unpaid_interest": Unpaid.CARRY, **terms}
        self.loan = self.call("RestructureLoan", caller or self.approver, **terms)
        return self.loan

    def revisions(self):
        return list(self.operator.financing.ListScheduleRevisions(
            financing.ListScheduleRevisionsRequest(parent=self.loan.name)).schedule_revisions)

    def late(self, days, installment=0):
        """Closes days until so many after an installment's due date."""
        close_until(self.operator, date(self.installments[installment].due_date) + days * DAY)
        self.loan = self.read()
        return self.loan

    def pay_in_time(self, rows):
        """Closes up to each due date, and pays on it."""
        for row in rows:
            close_until(self.operator, date(row.due_date))
            self.loan = self.pay(row.total.minor_units)
            assert self.loan.state in (State.RESTRUCTURED, State.SETTLED)


@pytest.fixture
def life(server):
    return Restructuring(server).until("disburse")


def amounts(rows):
    return [(date(row.due_date), row.principal.minor_units, row.interest.minor_units) for row in rows]


def names(events):
    return [(State.Name(event.from_state), State.Name(event.to_state)) for event in events]


@pytest.mark.parametrize("method", ["EQUAL_INSTALLMENT", "EQUAL_PRINCIPAL", "INTEREST_ONLY"])
def test_in_the_middle_of_a_period_with_interest_capitalized(server, life, method):
    """The interest of the running period becomes principal, on which the new schedule is computed."""
    first, second = life.installments[:2]
    close_until(life.operator, date(first.due_date))
    life.pay(first.total.minor_units)
    day = date(first.due_date) + 11 * DAY
    close_until(life.operator, day)
    before = life.read()
    outstanding = AMOUNT - first.principal.minor_units
    unpaid = accrued(outstanding, RATE, date(first.due_date), day)
    assert 0 < unpaid < second.interest.minor_units
    first_due = day + 45 * DAY
    restructure = lambda: life.call(
        "RestructureLoan", life.approver, request_id="new", etag=before.etag, reason="the orders were lost",
        installment_count=30, annual_rate_e8=6_000_000, repayment_method=terms_pb2.RepaymentMethod.Value(method),
        first_due_date=proto(first_due), unpaid_interest=Unpaid.CAPITALIZE)
    loan = restructure()
    assert restructure() == loan, "a request id takes effect once"
    assert life.read() == loan
    assert loan.state == State.RESTRUCTURED and loan.schedule_revision == 2 and loan.etag != before.etag
    assert (loan.principal, loan.outstanding_principal) == (cny(AMOUNT), cny(outstanding + unpaid))
    assert (loan.annual_rate_e8, loan.installment_count, loan.days_past_due) == (6_000_000, 30, 0)
    rows = life.rows()
    assert amounts(rows) == schedule(outstanding + unpaid, 6_000_000, day, 30, method, first_due)
    assert sum(row.principal.minor_units for row in rows) == loan.outstanding_principal.minor_units
    assert [row.number for row in rows] == list(range(13, 43)) and rows[0].schedule_revision == 2
    assert rows[0].name == f"{loan.name}/installments/13" and rows[-1].closing == cny(0)
    assert loan.next_due_date == rows[0].due_date
    assert [date(loan.observation.start_date), date(loan.observation.end_date), loan.observation.months] == [
        first_due, months_after(first_due, 12), 12]
    books = balances(life.operator)
    assert books["loan-principal"] == outstanding + unpaid
    assert books["interest-income"] == first.interest.minor_units + unpaid
    entry = life.operator.ledger.ListEntries(ledger.ListEntriesRequest()).entries[-1]
    assert (entry.kind, entry.subject) == ("capitalization", loan.name)
    seen = Watcher(server.caller("partner"), kind="loans").take(3)
    assert names(seen)[-1] == ("ACTIVE", "RESTRUCTURED")
    assert seen[-1].loan == loan and seen[-1].actor == "users/approver"
    expect_error(Code.ABORTED, lambda: life.call(
        "RestructureLoan", life.approver, etag=before.etag, installment_count=1, unpaid_interest=Unpaid.CARRY))


def test_revisions_are_kept_and_never_change(server, life):
    original = life.rows()
    one, = life.revisions()
    assert (one.name, one.number, one.principal, one.annual_rate_e8, one.installment_count) == (
        f"{life.loan.name}/scheduleRevisions/1", 1, cny(AMOUNT), RATE, 12)
    assert (one.start_date, one.first_due_date) == (life.loan.disbursement_date, original[0].due_date)
    life.pay(original[0].total.minor_units + 5)
    partly = life.rows()
    life.late(40, 1)
    life.restructure(installment_count=18, reason="first")
    second_rows = life.rows()
    life.installments = second_rows
    life.late(3)
    life.restructure(installment_count=20, reason="second", observation_months=18)
    assert life.loan.observation.months == 18
    revisions = life.revisions()
    assert [(r.number, r.installment_count, r.reason) for r in revisions] == [(1, 12, ""), (2, 18, "first"), (3, 20, "second")]
    assert revisions[0] == one, "the first one is told as before"
    assert revisions[1].approver == "users/approver" and revisions[1].HasField("create_time")
    assert life.rows(1) == partly and life.rows(2) == second_rows and life.rows() == life.rows(3)
    for revision in revisions:
        assert life.operator.financing.GetScheduleRevision(
            financing.GetScheduleRevisionRequest(name=revision.name)) == revision
        rows = life.rows(revision.number)
        assert sum(row.principal.minor_units for row in rows) == revision.principal.minor_units
        assert (rows[0].due_date, len(rows)) == (revision.first_due_date, revision.installment_count)
    numbers = [row.number for n in (1, 2, 3) for row in life.rows(n)]
    assert numbers == list(range(1, 51))
    # By pages, each of its own query.
    page = lambda **rest: life.operator.financing.ListInstallments(
        financing.ListInstallmentsRequest(parent=life.loan.name, page_size=10, **rest))
    begun = page(schedule_revision=2)
    assert list(begun.installments) + list(
        page(schedule_revision=2, page_token=begun.next_page_token).installments) == second_rows
    expect_error(Code.INVALID_ARGUMENT, lambda: page(schedule_revision=3, page_token=begun.next_page_token), field="page_token")
    listed = life.operator.financing.ListScheduleRevisions(
        financing.ListScheduleRevisionsRequest(parent=life.loan.name, page_size=2))
    rest = life.operator.financing.ListScheduleRevisions(financing.ListScheduleRevisionsRequest(
        parent=life.loan.name, page_size=2, page_token=listed.next_page_token))
    assert list(listed.schedule_revisions) + list(rest.schedule_revisions) == revisions
    for revision in (4, 99):
        expect_error(Code.NOT_FOUND, lambda: page(schedule_revision=revision))
    expect_error(Code.INVALID_ARGUMENT, lambda: page(schedule_revision=-1), field="schedule_revision")
    get = lambda name, caller=life.operator: caller.financing.GetScheduleRevision(
        financing.GetScheduleRevisionRequest(name=name))
    expect_error(Code.NOT_FOUND, lambda: get(f"{life.loan.name}/scheduleRevisions/4"))
    for name in (life.loan.name, f"{life.loan.name}/scheduleRevisions/0", f"{life.loan.name}/scheduleRevisions/01"):
        expect_error(Code.INVALID_ARGUMENT, lambda: get(name), field="name")
    assert get(one.name, life.applicant) == one


def test_there_is_no_revision_before_the_disbursement(server):
    life = Restructuring(server).until("sign_borrower")
    life.loan = life.operator.financing.GetLoan(financing.GetLoanRequest(name=life.application.loan))
    assert life.loan.schedule_revision == 0 and life.revisions() == life.rows() == []


def test_a_loan_from_before_schedules_had_revisions(server, life):
    """As an earlier version left it: no number of its revision in the loan."""
    server.stop()
    with sqlite3.connect(server.data / "millrace.db") as database:
        (document,), = database.execute("SELECT document FROM loan").fetchall()
        loan = loan_pb2.Loan.FromString(document)
        loan.ClearField("schedule_revision")
        database.execute("UPDATE loan SET document = ?", (loan.SerializeToString(),))
    database.close()
    server.start()
    life = Restructuring(server)
    life.loan, = life.operator.financing.ListLoans(financing.ListLoansRequest()).loans
    assert life.read().schedule_revision == 1 and len(life.rows()) == 12
    assert [revision.number for revision in life.revisions()] == [1]
    assert life.restructure().schedule_revision == 2
    assert [revision.number for revision in life.revisions()] == [1, 2] and len(life.rows(1)) == 12


def test_overdue_with_interest_carried(server, life):
    """Two installments late, and five days into the third: all that interest falls due with the first new installment."""
    first, second = life.installments[:2]
    life.late(5, 1)
    assert life.loan.state == State.OVERDUE
    life.pay(1000)  # of the first one's interest
    day = date(today(life.operator).date)
    balance = AMOUNT - first.principal.minor_units - second.principal.minor_units
    unpaid = (first.interest.minor_units + second.interest.minor_units - 1000
              + accrued(balance, RATE, date(second.due_date), day))
    entries = len(life.operator.ledger.ListEntries(ledger.ListEntriesRequest()).entries)
    loan = life.restructure(installment_count=24)
    assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.RESTRUCTURED, 0, 0)
    assert loan.outstanding_principal == cny(AMOUNT)
    rows = life.rows()
    expected = schedule(AMOUNT, RATE, day, 24)
    expected[0] = (expected[0][0], expected[0][1], expected[0][2] + unpaid)
    assert amounts(rows) == expected
    assert [row.carried_interest.minor_units for row in rows] == [unpaid] + [0] * 23
    assert life.revisions()[-1].carried_interest == cny(unpaid)
    assert len(life.operator.ledger.ListEntries(ledger.ListEntriesRequest()).entries) == entries, "no money has moved"
    # What comes in pays the carried interest before all else.
    repayment = life.operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
        name=loan.name, amount=cny(unpaid), request_id=request_id()))
    assert (repayment.interest, repayment.principal) == (cny(unpaid), cny(0))
    # Nothing is lost: what is left to pay is what the schedule says, and then the loan is settled.
    left = sum(row.total.minor_units for row in rows) - unpaid
    assert life.pay(left).state == State.SETTLED
    books = balances(life.operator)
    assert books["loan-principal"] == 0
    assert books["interest-income"] == 1000 + sum(row.interest.minor_units for row in rows)


def test_interest_paid_ahead_is_not_lost(server, life):
    first, second = life.installments[:2]
    ahead = first.total.minor_units + second.interest.minor_units
    life.pay(ahead)
    day = date(today(life.operator).date)
    loan = life.restructure(unpaid_interest=Unpaid.CAPITALIZE, installment_count=24)
    outstanding = AMOUNT - first.principal.minor_units
    assert loan.outstanding_principal == cny(outstanding)
    credit, rows = first.interest.minor_units + second.interest.minor_units, life.rows()
    plain = [interest for _, _, interest in schedule(outstanding, RATE, day, 24)]
    assert sum(plain[:2]) < credit < sum(plain[:3])
    assert [row.interest.minor_units for row in rows] == [0, 0, sum(plain[:3]) - credit] + plain[3:]
    assert sum(row.carried_interest.minor_units for row in rows) == -credit
    # Without interest there is nothing that it could be set against.
    other = Restructuring(server)
    other.enterprise, other.product = life.enterprise, life.product
    for step in life.STEPS[life.STEPS.index("create"):life.STEPS.index("disburse") + 1]:
        other.run(step)
    other.pay(ahead)
    expect_error(Code.FAILED_PRECONDITION, lambda: other.restructure(annual_rate_e8=0), "INTEREST_PAID_AHEAD")


def test_the_observation_is_passed_by_the_clock(server, life):
    life.late(1)
    life.restructure(installment_count=36)
    rows = life.rows()
    end = months_after(date(rows[0].due_date), 12)
    assert date(life.loan.observation.end_date) == end
    observed = [row for row in rows if date(row.due_date) <= end]
    assert len(observed) >= 12
    life.pay_in_time(observed)
    close_until(life.operator, end)
    assert life.read().state == State.RESTRUCTURED, "not before its last day is over"
    closed = close(life.operator)
    loan = life.read()
    assert loan.state == State.ACTIVE and not loan.HasField("observation") and loan.schedule_revision == 2
    assert (closed.observed_loan_count, closed.cured_loan_count, closed.overdue_loan_count) == (1, 0, 0)
    assert close(life.operator).observed_loan_count == 0
    seen = Watcher(server.caller("partner"), kind="loans").take(5)
    assert names(seen)[-2:] == [("OVERDUE", "RESTRUCTURED"), ("RESTRUCTURED", "ACTIVE")]
    assert seen[-1].actor == "system" and seen[-1].loan == loan
    # From now on it is a loan as any other.
    life.installments = rows[len(observed):]
    assert life.late(1).state == State.OVERDUE
    assert life.pay(life.installments[0].total.minor_units).state == State.ACTIVE


def test_what_is_missed_starts_the_observation_anew(server, life):
    life.restructure(installment_count=36)
    rows = life.installments = life.rows()
    life.pay_in_time(rows[:2])
    loan = life.late(1, 2)
    missed = date(rows[2].due_date)
    assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.OVERDUE, 1, 1)
    assert [date(loan.observation.start_date), date(loan.observation.end_date)] == [missed, months_after(missed, 12)]
    loan = life.late(32, 2)
    assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.OVERDUE, 32, 2)
    missed = date(rows[3].due_date)
    assert date(loan.observation.start_date) == missed, "the last one of those that were missed"
    # Cured, but not out of it: nothing of the time before counts.
    loan = life.pay(rows[2].total.minor_units + rows[3].total.minor_units)
    assert loan.state == State.RESTRUCTURED and date(loan.observation.start_date) == missed
    end = date(loan.observation.end_date)
    life.pay_in_time([row for row in rows[4:] if date(row.due_date) <= end])
    close_until(life.operator, end)
    assert life.read().state == State.RESTRUCTURED
    close(life.operator)
    assert life.read().state == State.ACTIVE
    seen = Watcher(server.caller("partner"), kind="loans").take(7)
    assert names(seen)[2:] == [
        ("ACTIVE", "RESTRUCTURED"), ("RESTRUCTURED", "OVERDUE"), ("OVERDUE", "OVERDUE"), ("OVERDUE", "RESTRUCTURED"),
        ("RESTRUCTURED", "ACTIVE")]


def test_a_backdated_receipt_restores_the_observation(server, life):
    life.restructure(installment_count=36)
    rows = life.installments = life.rows()
    observation = life.loan.observation
    life.pay_in_time(rows[:1])
    missed = life.late(4, 1)
    assert missed.state == State.OVERDUE and missed.observation != observation
    loan = life.pay(rows[1].total.minor_units, received=date(rows[1].due_date))
    assert (loan.state, loan.observation) == (State.RESTRUCTURED, observation)


def test_settled_overpaid_and_refunded_from_the_observation(server, life):
    life.restructure(unpaid_interest=Unpaid.CAPITALIZE, repayment_method=terms_pb2.SINGLE_PAYMENT, installment_count=6)
    row, = life.rows()
    assert date(row.due_date) == months_after(date(today(life.operator).date), 6)
    assert life.pay(row.total.minor_units - 1).state == State.RESTRUCTURED
    loan = life.pay(8)
    assert loan.state == State.OVERPAID and not loan.HasField("observation")
    assert life.call("RefundOverpayment").state == State.SETTLED
    assert balances(life.operator)["loan-principal"] == 0


def test_written_off_under_observation(server, life):
    life.restructure()
    loan = life.call("WriteOffLoan", life.approver)
    assert loan.state == State.WRITTEN_OFF and not loan.HasField("observation")
    rows = life.rows()
    assert life.pay(1000).state == State.WRITTEN_OFF
    assert life.pay(sum(row.total.minor_units for row in rows) - 1000).state == State.SETTLED
    books = balances(life.operator)
    assert (books["loan-principal"], books["loan-loss-allowance"]) == (0, 0)


@pytest.mark.parametrize("days_late, suspended", [(90, False), (91, True)])
def test_capitalized_interest_of_a_loan_long_overdue_is_not_income_yet(server, life, days_late, suspended):
    life.late(days_late)
    loan = life.restructure(unpaid_interest=Unpaid.CAPITALIZE)
    capitalized = life.revisions()[-1].capitalized_interest.minor_units
    assert loan.outstanding_principal == cny(AMOUNT + capitalized)
    books = balances(life.operator)
    assert books["loan-principal"] == AMOUNT + capitalized
    if not suspended:
        assert books["interest-income"] == capitalized and not loan.HasField("suspended_interest")
        return
    assert books["interest-suspense"] == capitalized and "interest-income" not in books
    assert loan.suspended_interest == cny(capitalized)
    # It becomes income as the last of the principal comes in.
    rows = life.rows()
    interest = sum(row.interest.minor_units for row in rows)
    loan = life.pay(AMOUNT + interest - 7)
    assert loan.outstanding_principal == cny(capitalized + 7) and loan.suspended_interest == cny(capitalized)
    loan = life.pay(10)
    assert loan.suspended_interest == loan.outstanding_principal == cny(capitalized - 3)
    assert balances(life.operator)["interest-income"] == interest + 3
    loan = life.pay(capitalized - 3)
    assert loan.state == State.SETTLED and not loan.HasField("suspended_interest")
    books = balances(life.operator)
    assert (books["interest-suspense"], books["interest-income"]) == (0, interest + capitalized)


def test_interest_in_suspense_is_no_loss(server, life):
    life.late(100)
    loan = life.restructure(unpaid_interest=Unpaid.CAPITALIZE)
    loan = life.call("WriteOffLoan", life.approver)
    books = balances(life.operator)
    assert (books["loan-principal"], books["interest-suspense"], books["provision-expense"]) == (0, 0, AMOUNT)
    assert loan.written_off_principal.minor_units > AMOUNT and not loan.HasField("suspended_interest")


def test_who_may(server, life):
    for role in ("operator", "enterprise", "partner"):
        error = expect_error(Code.PERMISSION_DENIED, lambda: life.restructure(server.caller(role)))
        assert details(error, error_details_pb2.ErrorInfo)[0].metadata["permission"] == "financing.loans.restructure"
    assert life.restructure(server.caller("committee")).state == State.RESTRUCTURED


def test_nobody_restructures_the_own_loan(server):
    server.stop()
    path = server.data / "callers.json"
    callers = json.loads(path.read_text())
    callers.append({"subject": "users/both", "roles": ["enterprise", "approver"], "token": "b" * 64})
    path.write_text(json.dumps(callers))
    server.start()
    life = Restructuring(server)
    life.applicant = both = server.caller("both", token="b" * 64)
    life.until("disburse")
    expect_error(Code.PERMISSION_DENIED, lambda: life.restructure(both), "SELF_APPROVAL")
    assert life.read() == life.loan
    assert life.restructure().state == State.RESTRUCTURED


@pytest.mark.parametrize("field, terms", [
    ("request_id", {"request_id": ""}),
    ("reason", {"reason": ""}),
    ("reason", {"reason": "x" * 2001}),
    ("installment_count", {"installment_count": 0}),
    ("installment_count", {"installment_count": 1201}),
    ("annual_rate_e8", {"annual_rate_e8": -1}),
    ("annual_rate_e8", {"annual_rate_e8": 1_000_000_001}),
    ("repayment_method", {"repayment_method": 9}),
    ("frequency.every_months", {"frequency": terms_pb2.PaymentFrequency(every_months=0)}),
    ("frequency.every_days", {"frequency": terms_pb2.PaymentFrequency(every_days=9999)}),
    ("first_due_date", {"first_due_date": proto(datetime.date(2020, 1, 31))}),
    ("first_due_date", {"first_due_date": date_pb2.Date(year=2030, month=2, day=30)}),
    ("unpaid_interest", {"unpaid_interest": 0}),
    ("unpaid_interest", {"unpaid_interest": 7}),
    ("observation_months", {"observation_months": 11}),
    ("observation_months", {"observation_months": -1}),
    ("observation_months", {"observation_months": 121}),
])
def test_bad_terms_are_named(life, field, terms):
    expect_error(Code.INVALID_ARGUMENT, lambda: life.restructure(**terms), field=field)
    assert life.read() == life.loan and len(life.revisions()) == 1


def fields(error):
    return details(error, error_details_pb2.ErrorInfo)[0].metadata["fields"]


def test_the_products_limits_hold(server, life):
    """36 months at most, and 5 000 000.00."""
    day = date(today(life.operator).date)
    late = proto(months_after(day, 2))
    quarters = terms_pb2.PaymentFrequency(every_months=3)
    for terms in ({"installment_count": 37}, {"installment_count": 36, "first_due_date": late},
                  {"installment_count": 13, "frequency": quarters}):
        error = expect_error(Code.FAILED_PRECONDITION, lambda: life.restructure(**terms), "LIMIT_EXCEEDED")
        assert fields(error) == "installment_count"
    loan = life.restructure(installment_count=12, frequency=quarters)
    assert (loan.state, loan.frequency) == (State.RESTRUCTURED, quarters)
    assert date(life.rows()[-1].due_date) == months_after(day, 36)


def test_capitalized_interest_keeps_to_the_largest_amount(server):
    life = Restructuring(server)
    life.create_product = lambda: setattr(life, "product", life.operator.catalog.CreateProduct(
        catalog.CreateProductRequest(product=product(max_amount=cny(AMOUNT)))))
    life.until("disburse").late(1)
    error = expect_error(
        Code.FAILED_PRECONDITION, lambda: life.restructure(unpaid_interest=Unpaid.CAPITALIZE), "LIMIT_EXCEEDED")
    assert fields(error) == "unpaid_interest"
    assert life.restructure().state == State.RESTRUCTURED


def test_the_rate_cap_holds(server):
    life = Restructuring(server)
    cap = life.operator.policies.CreateRateCap(policies.CreateRateCapRequest(
        request_id=request_id(), rate_cap=policies.RateCap(
            jurisdiction="CN", lender_class="MICRO_LOAN_COMPANY", max_annual_rate_e8=24_000_000, basis="the rule",
            effective_date=today(life.operator).date)))
    life.create_product = lambda: setattr(life, "product", life.operator.catalog.CreateProduct(
        catalog.CreateProductRequest(product=product(jurisdiction="CN", lender_class="MICRO_LOAN_COMPANY"))))
    life.until("disburse")
    error = expect_error(
        Code.FAILED_PRECONDITION, lambda: life.restructure(annual_rate_e8=24_000_001), "RATE_CAP_EXCEEDED")
    assert details(error, error_details_pb2.ErrorInfo)[0].metadata["rate_cap"] == cap.name
    assert life.read() == life.loan
    assert life.restructure(annual_rate_e8=24_000_000).annual_rate_e8 == 24_000_000


def test_without_interest(server, life):
    """A rate of nothing is not the same as none given."""
    loan = life.restructure(annual_rate_e8=0, installment_count=12)
    assert loan.annual_rate_e8 == 0
    assert amounts(life.rows()) == schedule(AMOUNT, 0, date(today(life.operator).date), 12)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_books_and_the_loan_agree(server, seed):
    """Days, receipts and new terms at random, to the settlement: all that came in is principal or interest, to the cent."""
    chance = random.Random(seed)
    life = Restructuring(server)
    life.create_product = lambda: setattr(life, "product", life.operator.catalog.CreateProduct(
        catalog.CreateProductRequest(product=product(
            annual_rate_e8=chance.randrange(1, 20_000_000), repayment_method=chance.randrange(1, 4),
            day_count=chance.randrange(1, 6)))))
    life.until("disburse")
    received = 0

    def check(loan):
        books = balances(life.operator)
        owed = sum(row.principal.minor_units - row.paid_principal.minor_units for row in life.rows())
        assert books["loan-principal"] == loan.outstanding_principal.minor_units == owed
        assert books.get("interest-suspense", 0) == loan.suspended_interest.minor_units
        assert books["clearing"] == received - AMOUNT
        unpaid = [row for row in life.rows() if row.paid_principal != row.principal or row.paid_interest != row.interest]
        assert unpaid[0].due_date == loan.next_due_date

    def try_restructuring(**terms):
        try:
            assert life.restructure(**terms).state == State.RESTRUCTURED
        except grpc.RpcError as error:
            # More interest was paid ahead than the new terms ask for.
            assert [info.reason for info in details(error, error_details_pb2.ErrorInfo)] == ["INTEREST_PAID_AHEAD"]

    for _ in range(14):
        step = chance.choice(["late", "pay", "restructure"])
        loan = life.read()
        if step == "late":
            close(life.operator, date(today(life.operator).date) + chance.randrange(1, 70) * DAY)
        elif step == "pay":
            amount = chance.randrange(1, 30_000_00)
            life.pay(amount)
            received += amount
        elif loan.state in (State.ACTIVE, State.OVERDUE):
            try_restructuring(
                installment_count=chance.randrange(1, 37), annual_rate_e8=chance.randrange(1_000_000, 20_000_000),
                repayment_method=chance.randrange(1, 5), unpaid_interest=chance.randrange(1, 3))
        check(life.read())
    rest = sum(row.total.minor_units - row.paid_principal.minor_units - row.paid_interest.minor_units for row in life.rows())
    assert life.pay(rest).state == State.SETTLED
    books = balances(life.operator)
    assert (books["loan-principal"], books.get("interest-suspense", 0), books.get("borrower-deposits", 0)) == (0, 0, 0)
    assert books["interest-income"] == received + rest - AMOUNT


def test_a_close_ends_many_observations_and_survives_a_crash(server, life):
    """More than one batch; without interest and with the principal at the end, all of them are in order meanwhile."""

    def another(_):
        other = Restructuring(server)
        other.enterprise, other.product = life.enterprise, life.product
        for step in life.STEPS[life.STEPS.index("create"):life.STEPS.index("disburse") + 1]:
            other.run(step)
        return other

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        lives = [life, *pool.map(another, range(220))]
        list(pool.map(lambda each: each.restructure(
            annual_rate_e8=0, repayment_method=terms_pb2.INTEREST_ONLY, installment_count=36), lives))
    close_until(life.operator, date(life.loan.observation.end_date))
    name = today(life.operator).name

    def close_it(_):
        return server.caller("operator").days.CloseBusinessDay(days.CloseBusinessDayRequest(name=name))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        cut_off = pool.submit(close_it, None)
        time.sleep(0.02)
        server.kill()  # before, within or after the close: the next call goes on from there
        cut_off.exception()
        server.start()
        closed = list(pool.map(close_it, range(2)))  # twice at once is as once
    assert closed[0] == closed[1] and closed[0].observed_loan_count == len(lives)
    operator = server.caller("operator")
    for each in lives:
        loan = operator.financing.GetLoan(financing.GetLoanRequest(name=each.loan.name))
        assert loan.state == State.ACTIVE and not loan.HasField("observation")
