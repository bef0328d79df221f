"""When things happened: between the start of what they are about and the business date; and where the calendar ends."""

import datetime
import sqlite3

import grpc
import pytest

from borrowing import Borrowing, balances, close, close_until, date, months_after, proto, today
from conftest import details, expect_error, request_id
from google.protobuf import timestamp_pb2
from google.rpc import error_details_pb2
from google.type import date_pb2
from life import in_days
from millrace.financing.v1 import application_pb2, business_day_service_pb2 as days
from millrace.financing.v1 import financing_service_pb2 as financing, loan_pb2, policy_service_pb2 as policies
from millrace.financing.v1 import schedule_revision_pb2
from watcher import Watcher

Code = grpc.StatusCode
State = loan_pb2.Loan.State
DAY = datetime.timedelta(days=1)
NEVER = [date_pb2.Date(year=y, month=m, day=d) for y, m, d in ((1, 1, 1), (1900, 1, 1), (2206, 1, 1), (9999, 12, 31))]


class Dated(Borrowing):
    """A loan that is paid out on the day that is asked for."""

    def paid_out(self, day):
        self.until("sign_borrower")
        return self.disburse_on(day)

    def disburse_on(self, day):
        self.loan = self.operator.financing.DisburseLoan(financing.DisburseLoanRequest(
            name=self.application.loan, request_id=request_id(), disbursement_date=day and proto(day)))
        self.installments = self.rows()
        return self.loan


@pytest.fixture
def life(server):
    return Dated(server.caller("operator"), server.caller("enterprise"))


def business_date(life):
    return date(today(life.operator).date)


def paid_out_late(life, days_late, missed):
    """Pays out so long ago that the first of so many missed installments fell due so many days ago."""
    day = business_date(life)
    start = next(start for start in (day - n * DAY for n in range(30 * missed, 1000))
                 if months_after(start, 1) + days_late * DAY <= day)
    assert months_after(start, missed) < day <= months_after(start, missed + 1)
    return start, (day - months_after(start, 1)).days


@pytest.mark.parametrize("days_late, missed, bucket", [(1, 1, 1), (45, 2, 2), (100, 4, 4), (200, 7, 7)])
def test_a_disbursement_dated_back_is_assessed_at_once(server, life, days_late, missed, bucket):
    start, late = paid_out_late(life, days_late, missed)
    loan = life.paid_out(start)
    assert date(loan.next_due_date) == months_after(start, 1)
    assert (loan.state, loan.days_past_due, loan.overdue_bucket) == (State.OVERDUE, late, bucket)
    assert life.read() == loan
    seen = Watcher(server.caller("partner"), kind="loans").take(3)
    assert [(State.Name(e.from_state), State.Name(e.to_state), e.actor) for e in seen][1:] == [
        ("PENDING_DISBURSEMENT", "ACTIVE", "users/operator"), ("ACTIVE", "OVERDUE", "system")]
    assert seen[-1].loan == loan
    # What was missed, received on the days on which it fell due, cures it at once.
    for row in life.installments[:missed]:
        assert life.loan.state == State.OVERDUE
        life.loan = life.pay(row.total.minor_units, received=date(row.due_date))
    assert (life.loan.state, life.loan.days_past_due, life.loan.overdue_bucket) == (State.ACTIVE, 0, 0)
    assert life.loan.next_due_date == life.installments[missed].due_date


def test_a_loan_that_missed_nothing_is_active_though_it_is_dated_back(life):
    start = business_date(life) - 20 * DAY
    loan = life.paid_out(start)
    assert (loan.state, date(loan.disbursement_date), loan.days_past_due) == (State.ACTIVE, start, 0)
    assert date(loan.next_due_date) == months_after(start, 1)
    # On its due date it is not late yet.
    other = Dated(life.operator, life.applicant)
    other.enterprise, other.product = life.enterprise, life.product
    for step in life.STEPS[life.STEPS.index("create"):life.STEPS.index("sign_borrower") + 1]:
        other.run(step)
    day = business_date(life)
    start = next(start for start in (day - n * DAY for n in range(27, 40)) if months_after(start, 1) == day)
    assert other.disburse_on(start).state == State.ACTIVE


def test_a_disbursement_is_not_of_another_time(life):
    life.until("sign_borrower")
    day = business_date(life)
    for wrong in (*NEVER, proto(day + DAY), proto(day - 1831 * DAY)):
        error = expect_error(Code.INVALID_ARGUMENT, lambda: life.disburse_on(date(wrong)), field="disbursement_date")
        assert str(day) in error.details() and str(day - 1830 * DAY) in error.details()
    assert balances(life.operator) == {}
    life.loan = life.read_booked()
    assert life.loan.state == State.PENDING_DISBURSEMENT
    assert life.call("CancelLoan").state == State.CANCELLED


def test_a_receipt_lies_between_the_disbursement_and_the_business_date(life):
    start, _ = paid_out_late(life, 45, 2)
    before = life.paid_out(start)
    day = business_date(life)
    for wrong in (*NEVER, proto(day + DAY), proto(start - DAY)):
        error = expect_error(Code.INVALID_ARGUMENT, lambda: life.pay(1, received=date(wrong)), field="receive_date")
        assert str(start) in error.details() and str(day) in error.details()
    assert life.read() == before
    for right in (start, start + DAY, day - DAY, day, None):
        assert life.pay(1, received=right).state == State.OVERDUE


def test_a_receipt_of_the_future_does_not_hold_a_loan_under_observation(server, life):
    life.until("disburse")
    life.loan = life.call("RestructureLoan", server.caller("approver"), installment_count=24,
                          unpaid_interest=schedule_revision_pb2.ScheduleRevision.CARRY)
    first = life.rows()[0]
    expect_error(Code.INVALID_ARGUMENT, lambda: life.pay(
        first.total.minor_units, received=datetime.date(2099, 1, 1)), field="receive_date")
    close_until(life.operator, date(first.due_date))
    observation = life.pay(first.total.minor_units, received=date(first.due_date)).observation
    close(life.operator)
    assert life.read().observation == observation
    assert date(observation.start_date) == date(first.due_date)


def test_dates_that_other_changes_take_have_bounds(server, life):
    life.until("disburse")
    operator, approver = life.operator, server.caller("approver")
    for wrong in (date_pb2.Date(year=1899, month=12, day=31), date_pb2.Date(year=2200, month=1, day=1), NEVER[0], NEVER[-1]):
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.policies.CreateRateCap(policies.CreateRateCapRequest(
            rate_cap=policies.RateCap(jurisdiction="CN", lender_class="BANK", max_annual_rate_e8=1, basis="the rule",
                                      effective_date=wrong))), field="rate_cap.effective_date")
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.policies.CreateReviewPolicy(
            policies.CreateReviewPolicyRequest(review_policy=policies.ReviewPolicy(
                currency_code="CNY", effective_date=wrong,
                stages=[policies.ReviewPolicy.Stage(role="operator", authority=life.application.amount)]))),
                     field="review_policy.effective_date")
        expect_error(Code.INVALID_ARGUMENT, lambda: life.call(
            "RestructureLoan", approver, installment_count=2, first_due_date=wrong,
            unpaid_interest=schedule_revision_pb2.ScheduleRevision.CARRY), field="first_due_date")
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.days.CloseBusinessDay(days.CloseBusinessDayRequest(
            name=today(operator).name, next_date=wrong)), field="next_date")
    assert life.read() == life.loan and today(operator).state == days.BusinessDay.OPEN


NO_MOMENT = [timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos) for seconds, nanos in (
    (253_402_300_800, 0), (2**62, 0), (-2**63, 0), (2**63 - 1, 999_999_999), (1_900_000_000, -1), (1_900_000_000, 10**9))]


def test_an_offer_and_an_authorization_end_in_time(life):
    life.until("create")
    authorization = lambda end: application_pb2.CreditAuthorization(scope="s", purpose="p", expire_time=end)
    submit = lambda end: life.applicant.financing.SubmitApplication(financing.SubmitApplicationRequest(
        name=life.application.name, credit_authorization=authorization(end)))
    for end in (*NO_MOMENT, in_days(3661), in_days(365 * 200)):
        expect_error(Code.INVALID_ARGUMENT, lambda: submit(end), field="credit_authorization.expire_time")
    submit(in_days(3659))
    life.run("review")
    approve = lambda end: life.operator.financing.RecordDecision(financing.RecordDecisionRequest(
        name=life.application.name, offer_expire_time=end, decision=application_pb2.Decision(
            outcome=application_pb2.Decision.APPROVE, comment="within limits")))
    for end in (*NO_MOMENT, in_days(367), in_days(365 * 200), in_days(-1)):
        expect_error(Code.INVALID_ARGUMENT, lambda: approve(end), field="offer_expire_time")
    assert approve(in_days(365)).state == application_pb2.Application.APPROVED


def test_an_offer_is_made_on_a_business_date_ahead_of_the_clock(life):
    """An offer that is not told when to end stands 30 days from the business date on."""
    life.until("review")
    day = business_date(life) + 400 * DAY
    close_until(life.operator, day)
    life.run("approve")
    assert life.application.offer.expire_time.ToDatetime().date() == day + 30 * DAY
    life.run("accept")
    assert life.application.state == application_pb2.Application.OFFER_ACCEPTED


LAST = datetime.date(2199, 12, 31)


def test_the_last_business_day_stays_open(server, life):
    life.until("disburse")
    operator = life.operator
    expect_error(Code.INVALID_ARGUMENT, lambda: close(operator, datetime.date(9999, 12, 31)), field="next_date")
    expect_error(Code.INVALID_ARGUMENT, lambda: close(operator, LAST + DAY), field="next_date")
    assert close(operator, LAST).state == days.BusinessDay.CLOSED
    for _ in range(2):
        error = expect_error(Code.FAILED_PRECONDITION, lambda: close(operator), "CALENDAR_END")
        assert details(error, error_details_pb2.ErrorInfo)[0].metadata["last_year"] == "2199"
    expect_error(Code.FAILED_PRECONDITION, lambda: close(operator, LAST), "BUSINESS_DATE")
    assert date(today(operator).date) == LAST and today(operator).state == days.BusinessDay.OPEN
    # Everything but the close goes on.
    assert life.read().state == State.OVERDUE and life.read().days_past_due == (LAST - date(life.installments[0].due_date)).days
    owed = sum(row.total.minor_units for row in life.installments)
    assert life.pay(owed).state == State.SETTLED


def test_a_platform_that_was_closed_to_the_calendars_end_is_told_so(server, life):
    """As an earlier version let it be."""
    life.until("disburse")
    server.stop()
    with sqlite3.connect(server.data / "millrace.db") as database:
        database.execute("UPDATE store_business_date SET date = '9999-12-31'")
    database.close()
    server.start()
    operator = server.caller("operator")
    for _ in range(2):
        expect_error(Code.FAILED_PRECONDITION, lambda: close(operator), "CALENDAR_END")
    assert today(operator).state == days.BusinessDay.OPEN
    loan, = operator.financing.ListLoans(financing.ListLoansRequest()).loans
    owed = sum(row.total.minor_units for row in operator.financing.ListInstallments(
        financing.ListInstallmentsRequest(parent=loan.name)).installments)
    life.operator, life.loan = operator, loan
    assert life.pay(owed).state == State.SETTLED


def test_a_schedule_beyond_the_calendar_is_refused_by_name(server, life):
    """A disbursement, a restructuring and an approval at the end of the calendar have no schedule; nothing else breaks."""
    life.until("sign_borrower")
    other = Dated(life.operator, life.applicant)
    other.enterprise, other.product = life.enterprise, life.product
    for step in life.STEPS[life.STEPS.index("create"):life.STEPS.index("review") + 1]:
        other.run(step)
    third = Dated(life.operator, life.applicant)
    third.enterprise, third.product = life.enterprise, life.product
    for step in life.STEPS[life.STEPS.index("create"):life.STEPS.index("disburse") + 1]:
        third.run(step)
    server.stop()
    with sqlite3.connect(server.data / "millrace.db") as database:
        database.execute("UPDATE store_business_date SET date = '9999-12-01'")
    database.close()
    server.start()
    operator = server.caller("operator")
    disburse = lambda: operator.financing.DisburseLoan(financing.DisburseLoanRequest(name=life.application.loan))
    approve = lambda: operator.financing.RecordDecision(financing.RecordDecisionRequest(
        name=other.application.name, decision=application_pb2.Decision(
            outcome=application_pb2.Decision.APPROVE, comment="within limits")))
    restructure = lambda: server.caller("approver").financing.RestructureLoan(financing.RestructureLoanRequest(
        name=third.loan.name, request_id=request_id(), reason="late", installment_count=12,
        unpaid_interest=schedule_revision_pb2.ScheduleRevision.CARRY))
    for call in (disburse, approve, restructure):
        expect_error(Code.INVALID_ARGUMENT, call, "DATE_OUT_OF_RANGE", field="installment_count")
    assert operator.financing.GetLoan(financing.GetLoanRequest(name=third.loan.name)) == third.loan
