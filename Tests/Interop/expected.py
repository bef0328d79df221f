"""Schedules by the formulas of the trade, computed here once more and exactly: monthly, 30/360, half up to the cent."""

from fractions import Fraction

from borrowing import months_after


def cents(amount):
    """Half up, for an amount that is not negative."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def days_360(start, end):
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def accrued(balance, rate_e8, start, end):
    return cents(Fraction(balance * rate_e8 * days_360(start, end), 10**8 * 360))


def schedule(principal, rate_e8, start, count, method="EQUAL_INSTALLMENT", first=None):
    """Rows of due date, principal and interest."""
    dues = [months_after(first, n) if first else months_after(start, n + 1) for n in range(count)]
    month = Fraction(rate_e8, 12 * 10**8)
    odd = Fraction(rate_e8 * days_360(start, dues[0]), 360 * 10**8)
    rates = [month if dues[0] == months_after(start, 1) else odd] + [month] * (count - 1)
    if method == "EQUAL_INSTALLMENT":
        installment = _equal(principal, rates)
        rows = _run(principal, rates, lambda balance, interest: installment - interest)
        gap = sum(rows[-1]) - installment
        if count > 1 and abs(gap) * 2 > count:
            other = _run(principal, rates, lambda balance, interest: cents(
                installment + Fraction(gap, count)) - interest)
            if abs(sum(other[-1]) - cents(installment + Fraction(gap, count))) < abs(gap):
                rows = other
    elif method == "EQUAL_PRINCIPAL":
        part = cents(Fraction(principal, count))
        rows = _run(principal, rates, lambda balance, interest: part)
    else:
        rows = _run(principal, rates, lambda balance, interest: 0)
    return [(due, *row) for due, row in zip(dues, rows)]


def _equal(principal, rates):
    product, factor = Fraction(1), Fraction(0)
    for rate in rates:
        product *= 1 + rate
        factor = factor * (1 + rate) + 1 if factor else Fraction(1)
    return cents(principal * product / factor)


def _run(principal, rates, repaid):
    rows, balance = [], principal
    for number, rate in enumerate(rates):
        interest = cents(balance * rate)
        part = balance if number == len(rates) - 1 else repaid(balance, interest)
        rows.append((part, interest))
        balance -= part
    return rows
