"""The yearly cost that schedules and offers show, against published figures and the equation that defines it."""

import datetime
from fractions import Fraction

import pytest

from borrowing import months_after
from conftest import product, request_id
from google.type.date_pb2 import Date
from life import Life
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.schedule.v1 import schedule_service_pb2 as schedules
from millrace.type.v1 import money_pb2, terms_pb2


@pytest.fixture
def operator(server):
    return server.caller("operator")


def message(date):
    return Date(year=date.year, month=date.month, day=date.day)


def compute(operator, principal, rate_e8, count, method, day_count, start, first=None, frequency=None, currency="CNY"):
    return operator.schedule.ComputeSchedule(schedules.ComputeScheduleRequest(
        principal=money_pb2.Money(currency_code=currency, minor_units=principal), annual_rate_e8=rate_e8,
        installment_count=count, repayment_method=method, day_count=day_count, frequency=frequency,
        start_date=message(start), first_due_date=message(first) if first else None))


def percent(rate_e8):
    """In percent with two decimals, half up."""
    return (rate_e8 + 5_000) // 10_000 / 100


@pytest.mark.parametrize("rate_e8, day_count, start, first, count, right", [
    # US Regulation Z, 12 CFR 1026, Appendix J, (c)(5)(i) and (ii): 255 days, and six months.
    (11_450_000, terms_pb2.ACTUAL_365_FIXED, "2024-01-01", "2024-09-12", 1, 11.45),
    (8_800_000, terms_pb2.THIRTY_360_US, "1978-07-15", "1979-01-15", 1, 8.80),
    # The term is the period, in months or in days, and longer than a year as well.
    (24_000_000, terms_pb2.THIRTY_360_US, "2024-01-01", None, 12, 24.00),
    (24_000_000, terms_pb2.THIRTY_E_360, "2024-01-31", None, 1, 24.00),
    (12_000_000, terms_pb2.THIRTY_360_US, "2024-01-01", None, 24, 12.00),
    (7_000_000, terms_pb2.ACTUAL_365_FIXED, "2023-05-10", "2026-07-01", 1, 7.00),
])
def test_one_payment_shows_its_rate(operator, rate_e8, day_count, start, first, count, right):
    start, first = datetime.date.fromisoformat(start), first and datetime.date.fromisoformat(first)
    schedule = compute(operator, 1_000_00, rate_e8, count, terms_pb2.SINGLE_PAYMENT, day_count, start, first)
    assert percent(schedule.annualized_cost.nominal_rate_e8) == right


def test_without_interest_the_cost_is_zero(operator):
    for method in (terms_pb2.EQUAL_INSTALLMENT, terms_pb2.EQUAL_PRINCIPAL, terms_pb2.INTEREST_ONLY, terms_pb2.SINGLE_PAYMENT):
        for principal in list(range(1, 30)) + [10_001, 99_999_999, 10**15]:
            schedule = compute(operator, principal, 0, 12, method, terms_pb2.ACTUAL_360, datetime.date(2024, 1, 31))
            cost = schedule.annualized_cost
            assert (schedule.HasField("annualized_cost"), cost.nominal_rate_e8, cost.effective_rate_e8) == (True, 0, 0)


def elapsed(start, first, frequency):
    """Time to the first payment and length of a unit period: months of 30 days counted back, or actual days."""
    if frequency.every_days:
        return (first - start).days, frequency.every_days, 365
    months = 0
    while months_after(first, -months - 1) >= start:
        months += 1
    days = (months_after(first, -months) - start).days
    if days and months_after(start, months + 1) == first:
        months, days = months + 1, 0
    return 30 * months + days, 30 * frequency.every_months, 360


@pytest.mark.parametrize("frequency", [dict(every_months=1), dict(every_months=3), dict(every_months=12), dict(every_days=7)])
@pytest.mark.parametrize("first", ["1978-02-15", "1978-04-01", "1978-09-30"])
def test_the_nominal_rate_solves_the_equation(operator, frequency, first):
    """principal = Σ payment / ((1 + f·i)(1 + i)^t) lies between the rates half a unit below and above."""
    start, first, frequency = datetime.date(1978, 2, 10), datetime.date.fromisoformat(first), terms_pb2.PaymentFrequency(**frequency)
    passed, length, year = elapsed(start, first, frequency)
    whole, odd = passed // length, Fraction(passed % length, length)
    for method in (terms_pb2.EQUAL_INSTALLMENT, terms_pb2.EQUAL_PRINCIPAL, terms_pb2.INTEREST_ONLY):
        for currency in ("CNY", "JPY", "KWD"):
            schedule = compute(
                operator, 6_000_00, 11_820_000, 18, method, terms_pb2.ACTUAL_365_FIXED, start, first, frequency, currency)

            def worth(halves):
                i = Fraction(halves, 2 * 10**8) * Fraction(length, year)
                return sum(row.total.minor_units / ((1 + odd * i) * (1 + i)**(whole + n))
                           for n, row in enumerate(schedule.installments))

            nominal = schedule.annualized_cost.nominal_rate_e8
            assert worth(2 * nominal - 1) >= 6_000_00 > worth(2 * nominal + 1)
            # i compounded over a year.
            compounded = (1 + nominal / 1e8 * length / year)**(year / length) - 1
            assert abs(schedule.annualized_cost.effective_rate_e8 - compounded * 1e8) < 2


@pytest.mark.parametrize("changes, count, right", [
    (dict(annual_rate_e8=24_000_000, repayment_method=terms_pb2.SINGLE_PAYMENT), 12, 24.00),
    (dict(annual_rate_e8=18_000_000, repayment_method=terms_pb2.SINGLE_PAYMENT), 30, 18.00),
    (dict(annual_rate_e8=11_450_000, repayment_method=terms_pb2.SINGLE_PAYMENT, day_count=terms_pb2.ACTUAL_365_FIXED,
          frequency=terms_pb2.PaymentFrequency(every_days=85)), 3, 11.45),
    (dict(annual_rate_e8=0), 12, 0.00),
])
def test_an_offer_shows_its_rate(server, operator, changes, count, right):
    life = Life(operator, server.caller("enterprise"))
    life.register()
    life.verify()
    life.product = operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product(**changes), request_id=request_id()))
    life.test_product()
    life.publish()
    life.count = count
    life.create()
    life.submit()
    life.review()
    life.approve()
    cost = life.application.offer.schedule.annualized_cost
    assert percent(cost.nominal_rate_e8) == right
