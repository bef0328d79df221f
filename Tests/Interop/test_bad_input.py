"""What bad input gets: each kind its own status, reason and field path, and the server goes on serving."""

import grpc
import pytest

from conftest import CREDIT_CODES, cny, details, expect_error, product, request_id
from life import DIGEST, Life, in_days
from google.protobuf import any_pb2
from google.rpc import error_details_pb2
from google.type import date_pb2
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2 as enterprises
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing, loan_pb2
from millrace.schedule.v1 import schedule_service_pb2 as schedules
from millrace.type.v1 import money_pb2, terms_pb2

Code = grpc.StatusCode


@pytest.fixture
def operator(server):
    return server.caller("operator")


@pytest.fixture
def applicant(server):
    return server.caller("enterprise")


def lived(operator, applicant, until):
    life = Life(operator, applicant)
    for step in Life.STEPS[:Life.STEPS.index(until) + 1]:
        life.run(step)
    return life


def register(caller, code, **rest):
    return caller.enterprise.RegisterEnterprise(enterprises.RegisterEnterpriseRequest(
        enterprise=enterprise_pb2.Enterprise(display_name="A", credit_code=code), **rest))


def test_missing_and_unknown_token(server):
    nobody = server.caller("operator", token="")
    stranger = server.caller("operator", token="not-a-token")
    for caller in (nobody, stranger):
        expect_error(Code.UNAUTHENTICATED, lambda: caller.catalog.ListProducts(catalog.ListProductsRequest()))


def test_wrong_role(applicant):
    expect_error(Code.PERMISSION_DENIED,
                 lambda: applicant.catalog.CreateProduct(catalog.CreateProductRequest(product=product())))


def test_unknown_method_and_service(server, operator):
    for path in ("/millrace.catalog.v1.CatalogService/Nothing", "/millrace.nowhere.v1.Nothing/Get"):
        call = operator.channel.unary_unary(path)
        expect_error(Code.UNIMPLEMENTED, lambda: call(b"", metadata=operator.metadata, timeout=5))


def test_malformed_message(operator):
    call = operator.channel.unary_unary("/millrace.catalog.v1.CatalogService/GetProduct")
    expect_error(Code.INTERNAL, lambda: call(b"\x0a\xff", metadata=operator.metadata, timeout=5))
    expect_error(Code.INTERNAL, lambda: call(b"\x0a\x01\xff", metadata=operator.metadata, timeout=5))  # not UTF-8
    operator.catalog.ListProducts(catalog.ListProductsRequest())


@pytest.mark.parametrize("code", ["91110108717809965C", "9111000060003IOZSV", "", "91440300192203821"])
def test_credit_code_invalid(applicant, code):
    expect_error(Code.INVALID_ARGUMENT, lambda: register(applicant, code), field="enterprise.credit_code",
                 reason="CREDIT_CODE_INVALID" if code else None)


@pytest.mark.parametrize("code, part", [
    ("000000000000000000", "registering department"), ("0144030071526726XR", "registering department"),
    ("B144030071526726XE", "registering department"), ("9444030071526726X7", "kind of organization"),
    ("Y244030071526726XP", "kind of organization"), ("2244030071526726XL", "kind of organization"),
    ("9100000071526726XM", "administrative division"), ("914403A071526726XB", "administrative division"),
    ("9199000071526726X7", "administrative division"), ("91440300000000000E", "organization code"),
])
def test_credit_codes_that_cannot_exist(applicant, code, part):
    """Both checks hold, but no department gives out such a code."""
    error = expect_error(Code.INVALID_ARGUMENT, lambda: register(applicant, code), field="enterprise.credit_code",
                         reason="CREDIT_CODE_INVALID")
    assert part in error.details()


def test_rules_of_the_contract_are_told_all_at_once(applicant):
    error = expect_error(Code.INVALID_ARGUMENT, lambda: register(applicant, "", request_id=request_id()), reason="INVALID_FIELD")
    assert "enterprise.credit_code" in error.details()
    error = expect_error(Code.INVALID_ARGUMENT, lambda: applicant.enterprise.RegisterEnterprise(
        enterprises.RegisterEnterpriseRequest(enterprise=enterprise_pb2.Enterprise())))
    found = [(v.field, v.reason) for bad in details(error, error_details_pb2.BadRequest) for v in bad.field_violations]
    assert found == [("enterprise.display_name", "STRING_MIN_LEN"), ("enterprise.credit_code", "REQUIRED")]


def test_credit_code_taken(applicant):
    register(applicant, CREDIT_CODES[0])
    expect_error(Code.ALREADY_EXISTS, lambda: register(applicant, CREDIT_CODES[0]))


def test_request_id_repeated_with_the_same_and_with_another_body(applicant):
    repeated = request_id()
    first = register(applicant, CREDIT_CODES[0], request_id=repeated)
    assert register(applicant, CREDIT_CODES[0], request_id=repeated) == first
    error = expect_error(Code.FAILED_PRECONDITION, lambda: register(applicant, CREDIT_CODES[1], request_id=repeated),
                         reason="IDEMPOTENCY_MISMATCH")
    assert "enterprise.credit_code" in error.details()
    listed = applicant.enterprise.ListEnterprises(enterprises.ListEnterprisesRequest()).enterprises
    assert [enterprise.credit_code for enterprise in listed] == [CREDIT_CODES[0]]


@pytest.mark.parametrize("name", ["", "enterprises/", "products/x", "enterprises/a/b", "enterprises/../x"])
def test_malformed_names(operator, name):
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.enterprise.GetEnterprise(
        enterprises.GetEnterpriseRequest(name=name)), field="name")


def test_unknown_name(operator):
    expect_error(Code.NOT_FOUND, lambda: operator.enterprise.GetEnterprise(
        enterprises.GetEnterpriseRequest(name="enterprises/none")))


def test_stale_etag(operator, applicant):
    enterprise = register(applicant, CREDIT_CODES[0])
    operator.enterprise.VerifyEnterprise(enterprises.VerifyEnterpriseRequest(name=enterprise.name, etag=enterprise.etag))
    expect_error(Code.ABORTED, lambda: operator.enterprise.VerifyEnterprise(
        enterprises.VerifyEnterpriseRequest(name=enterprise.name, etag=enterprise.etag)))


@pytest.mark.parametrize("changes, field", [
    (dict(display_name=""), "product.display_name"),
    (dict(annual_rate_e8=-1), "product.annual_rate_e8"),
    (dict(min_installment_count=0), "product.min_installment_count"),
    (dict(max_installment_count=0), "product.max_installment_count"),
    (dict(min_amount=cny(-1)), "product.min_amount.minor_units"),
    (dict(max_amount=cny(1)), "product.max_amount.minor_units"),
    (dict(max_amount=money_pb2.Money(currency_code="USD", minor_units=10**9)), "product.max_amount.currency_code"),
    (dict(repayment_method=0), "product.repayment_method"),
    (dict(day_count=99), "product.day_count"),
])
def test_product_terms(operator, changes, field):
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.catalog.CreateProduct(
        catalog.CreateProductRequest(product=product(**changes))), field=field)


def apply(applicant, life, **changes):
    fields = dict(enterprise=life.enterprise.name, product=life.product.name, amount=cny(500_000_00), installment_count=12,
                  purpose="stock")
    fields.update(changes)
    return applicant.financing.CreateApplication(financing.CreateApplicationRequest(
        application=application_pb2.Application(**fields)))


def submit(applicant, application, **rest):
    rest.setdefault("credit_authorization", application_pb2.CreditAuthorization(
        scope="credit-report", purpose="loan", expire_time=in_days(30)))
    return applicant.financing.SubmitApplication(financing.SubmitApplicationRequest(name=application.name, **rest))


@pytest.mark.parametrize("changes, field", [
    (dict(amount=cny(1)), "application.amount"),
    (dict(amount=cny(10**15)), "application.amount"),
    (dict(amount=money_pb2.Money(currency_code="USD", minor_units=500_000_00)), "application.amount.currency_code"),
    (dict(installment_count=37), "application.installment_count"),
])
def test_amount_and_term_outside_the_product(operator, applicant, changes, field):
    life = lived(operator, applicant, "publish")
    # A draft may hold it; submitting it may not.
    draft = apply(applicant, life, **changes)
    expect_error(Code.FAILED_PRECONDITION, lambda: submit(applicant, draft), reason="LIMIT_EXCEEDED")


def test_credit_authorization_is_needed(operator, applicant):
    life = lived(operator, applicant, "create")
    for authorization in (None, application_pb2.CreditAuthorization(scope="s", purpose="p", expire_time=in_days(-1))):
        expect_error(Code.FAILED_PRECONDITION,
                     lambda: submit(applicant, life.application, credit_authorization=authorization),
                     reason="AUTHORIZATION_MISSING")


def test_illegal_transition_names_the_allowed_ones(operator, applicant):
    life = lived(operator, applicant, "create")
    error = expect_error(Code.FAILED_PRECONDITION, life.review, reason="ILLEGAL_TRANSITION")
    assert "SUBMITTED" in error.details()
    still = operator.financing.GetApplication(financing.GetApplicationRequest(name=life.application.name))
    assert still == life.application


def test_offer_must_be_the_one_that_was_made(operator, applicant):
    life = lived(operator, applicant, "approve")
    expect_error(Code.ABORTED, lambda: applicant.financing.AcceptOffer(
        financing.AcceptOfferRequest(name=life.application.name, offer_etag="other")))


def test_contract_digests_must_agree(operator, applicant):
    life = lived(operator, applicant, "sign_lender")
    expect_error(Code.INVALID_ARGUMENT, lambda: applicant.financing.SignContract(financing.SignContractRequest(
        name=life.application.name, document_digest=b"short")), field="document_digest")
    expect_error(Code.FAILED_PRECONDITION, lambda: applicant.financing.SignContract(financing.SignContractRequest(
        name=life.application.name, document_digest=bytes(32))))


@pytest.mark.parametrize("amount, field", [
    (cny(0), "amount.minor_units"),
    (cny(-5), "amount.minor_units"),
    (money_pb2.Money(currency_code="USD", minor_units=100), "amount.currency_code"),
])
def test_repayment_amounts(operator, applicant, amount, field):
    life = lived(operator, applicant, "disburse")
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.financing.RecordRepayment(
        financing.RecordRepaymentRequest(name=life.loan.name, amount=amount, request_id=request_id())), field=field)


def test_repayment_needs_a_request_id(operator, applicant):
    life = lived(operator, applicant, "disburse")
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.financing.RecordRepayment(
        financing.RecordRepaymentRequest(name=life.loan.name, amount=cny(100))), field="request_id")


def test_overpayment_is_kept_apart(operator, applicant):
    life = lived(operator, applicant, "disburse")
    owed = sum(row.total.minor_units for row in life.installments)
    repayment = operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
        name=life.loan.name, amount=cny(owed + 77), request_id=request_id()))
    parts = repayment.interest.minor_units + repayment.principal.minor_units + repayment.overpayment.minor_units
    assert parts == owed + 77 and repayment.overpayment == cny(77)
    assert repayment.loan.state == loan_pb2.Loan.OVERPAID


def test_page_tokens(operator):
    for _ in range(5):
        operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product()))
    names, token = [], ""
    while True:
        page = operator.catalog.ListProducts(catalog.ListProductsRequest(page_size=2, page_token=token))
        assert len(page.products) <= 2
        names += [listed.name for listed in page.products]
        token = page.next_page_token
        if not token:
            break
    assert len(names) == len(set(names)) == 5
    for bad in ("x", "AAAA", "not base64!"):
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.catalog.ListProducts(
            catalog.ListProductsRequest(page_size=2, page_token=bad)), field="page_token")
    first = operator.catalog.ListProducts(catalog.ListProductsRequest(page_size=2)).next_page_token
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.enterprise.ListEnterprises(
        enterprises.ListEnterprisesRequest(page_token=first)), field="page_token")  # another list's token
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.catalog.ListProducts(
        catalog.ListProductsRequest(page_size=-1)), field="page_size")


def test_a_page_token_goes_with_its_filter_and_any_page_size(operator, applicant):
    life = lived(operator, applicant, "create")
    for _ in range(2):
        apply(applicant, life)

    def page(**request):
        return applicant.financing.ListApplications(financing.ListApplicationsRequest(**request))

    of_enterprise = dict(enterprise=life.enterprise.name)
    first = page(page_size=1, **of_enterprise)
    rest = page(page_size=5, page_token=first.next_page_token, **of_enterprise)
    assert len({listed.name for listed in [*first.applications, *rest.applications]}) == 3 and not rest.next_page_token
    expect_error(Code.INVALID_ARGUMENT, lambda: page(page_token=first.next_page_token), field="page_token")
    expect_error(Code.INVALID_ARGUMENT, lambda: operator.financing.ListApplications(financing.ListApplicationsRequest(
        page_token=first.next_page_token, **of_enterprise)), field="page_token")  # another caller's


def test_resume_tokens(operator):
    call = operator.financing.WatchApplications(financing.WatchApplicationsRequest(resume_token="garbage"))
    expect_error(Code.INVALID_ARGUMENT, lambda: next(call), field="resume_token")


def compute(caller, **changes):
    terms = dict(principal=cny(100_00), annual_rate_e8=12_000_000, installment_count=6,
                 repayment_method=terms_pb2.EQUAL_INSTALLMENT, day_count=terms_pb2.THIRTY_360_US,
                 start_date=date_pb2.Date(year=2024, month=1, day=1))
    terms.update(changes)
    return caller.schedule.ComputeSchedule(schedules.ComputeScheduleRequest(**terms))


@pytest.mark.parametrize("changes, field", [
    (dict(principal=cny(0)), "principal.minor_units"),
    (dict(principal=cny(2**63 - 1), annual_rate_e8=1_000_000_000, installment_count=1200), "principal.minor_units"),
    (dict(principal=money_pb2.Money(currency_code="cny", minor_units=1)), "principal.currency_code"),
    (dict(annual_rate_e8=-1), "annual_rate_e8"),
    (dict(installment_count=0), "installment_count"),
    (dict(installment_count=2**31 - 1), "installment_count"),
    (dict(repayment_method=0), "repayment_method"),
    (dict(day_count=0), "day_count"),
    (dict(start_date=date_pb2.Date(year=2023, month=2, day=29)), "start_date"),
    (dict(start_date=None), "start_date"),
    (dict(frequency=terms_pb2.PaymentFrequency(every_days=0)), "frequency.every_days"),
    (dict(first_due_date=date_pb2.Date(year=2023, month=12, day=31)), "first_due_date"),
])
def test_schedule_terms(operator, changes, field):
    expect_error(Code.INVALID_ARGUMENT, lambda: compute(operator, **changes), field=field)


@pytest.mark.parametrize("day_count, rows", [
    (terms_pb2.THIRTY_360_US, [(1625, 100), (1641, 84), (1658, 67), (1674, 51), (1691, 34), (1711, 17)]),
    (terms_pb2.ACTUAL_365_FIXED, [(1623, 102), (1645, 80), (1656, 69), (1675, 50), (1690, 35), (1711, 17)]),
])
def test_schedule_to_the_cent(operator, day_count, rows):
    schedule = compute(operator, day_count=day_count)
    assert [(row.principal.minor_units, row.interest.minor_units) for row in schedule.installments] == rows
    assert schedule.total_principal == cny(100_00)


def test_enterprises_see_their_own_only(server, operator, applicant):
    life = lived(operator, applicant, "create")
    # The operator registers another enterprise's application path cannot be seen by this applicant.
    partner = server.caller("partner")
    assert partner.financing.GetApplication(
        financing.GetApplicationRequest(name=life.application.name)).name == life.application.name
    expect_error(Code.PERMISSION_DENIED, lambda: partner.financing.WithdrawApplication(
        financing.WithdrawApplicationRequest(name=life.application.name)))
