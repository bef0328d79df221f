"""A loan over days that are closed: the steps of its life after the disbursement, and the books."""

import calendar
import datetime

from conftest import cny, request_id
from google.type import date_pb2
from life import Life
from millrace.financing.v1 import business_day_service_pb2 as days, financing_service_pb2 as financing
from millrace.ledger.v1 import ledger_service_pb2 as ledger


def proto(date):
    return date_pb2.Date(year=date.year, month=date.month, day=date.day)


def date(message):
    return datetime.date(message.year, message.month, message.day)


def months_after(day, count):
    """The same day so many months later, or the month's last where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Borrowing(Life):
    """A life whose loan is paid out on the open business day."""

    def disburse(self):
        self.loan = self.operator.financing.DisburseLoan(financing.DisburseLoanRequest(
            name=self.application.loan, request_id=self.ids["disburse"]))
        self.installments = list(self.operator.financing.ListInstallments(
            financing.ListInstallmentsRequest(parent=self.loan.name)).installments)

    def until(self, step):
        for each in self.STEPS[:self.STEPS.index(step) + 1]:
            self.run(each)
        return self

    def read(self):
        return self.operator.financing.GetLoan(financing.GetLoanRequest(name=self.loan.name))

    def read_booked(self):
        """The loan of the contract, before it is paid out."""
        return self.operator.financing.GetLoan(financing.GetLoanRequest(name=self.application.loan))

    def pay(self, minor_units, received=None):
        return self.operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
            name=self.loan.name, amount=cny(minor_units), request_id=request_id(),
            receive_date=proto(received) if received else None)).loan

    def rows(self, revision=0):
        return list(self.operator.financing.ListInstallments(financing.ListInstallmentsRequest(
            parent=self.loan.name, schedule_revision=revision)).installments)

    def call(self, method, caller=None, **rest):
        request = getattr(financing, method + "Request")
        if "reason" in request.DESCRIPTOR.fields_by_name:
            rest.setdefault("reason", "as told")
        name = self.loan.name if self.loan else self.application.loan
        return getattr((caller or self.operator).financing, method)(
            request(name=name, **{"request_id": request_id(), **rest}))


def today(operator):
    return operator.days.GetBusinessDay(days.GetBusinessDayRequest(name="businessDays/current"))


def close(operator, next_date=None, **rest):
    return operator.days.CloseBusinessDay(days.CloseBusinessDayRequest(
        name=today(operator).name, next_date=proto(next_date) if next_date else None, **rest))


def close_until(operator, day):
    return close(operator, day) if date(today(operator).date) < day else today(operator)


def balances(operator):
    trial = operator.ledger.GetTrialBalance(ledger.GetTrialBalanceRequest())
    assert all(total.debits == total.credits for total in trial.totals)
    return {a.account.removeprefix("accounts/"): a.balance.minor_units for a in trial.accounts}
