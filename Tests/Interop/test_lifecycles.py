"""The moves of products and enterprises: the legal ones are watched, the illegal ones name what is allowed."""

import grpc
import pytest

from conftest import CREDIT_CODES, details, expect_error, product, request_id
from google.protobuf import field_mask_pb2
from google.rpc import error_details_pb2
from life import Life
from millrace.catalog.v1 import catalog_service_pb2 as catalog, product_pb2
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2 as enterprises
from millrace.financing.v1 import financing_service_pb2 as financing
from watcher import Watcher

Code = grpc.StatusCode
ProductState = product_pb2.Product.State
EnterpriseState = enterprise_pb2.Enterprise.State

PRODUCT_MOVES = {
    "TestProduct": {"DRAFT": "IN_TEST"},
    "PublishProduct": {"IN_TEST": "PUBLISHED", "SUSPENDED": "PUBLISHED"},
    "SuspendProduct": {"PUBLISHED": "SUSPENDED"},
    "RetireProduct": {"SUSPENDED": "RETIRED"},
}
PRODUCT_PATHS = {
    "DRAFT": [], "IN_TEST": ["TestProduct"], "PUBLISHED": ["TestProduct", "PublishProduct"],
    "SUSPENDED": ["TestProduct", "PublishProduct", "SuspendProduct"],
    "RETIRED": ["TestProduct", "PublishProduct", "SuspendProduct", "RetireProduct"],
}
ENTERPRISE_MOVES = {
    "VerifyEnterprise": {"PENDING_VERIFICATION": "VERIFIED", "SUSPENDED": "VERIFIED"},
    "SuspendEnterprise": {"VERIFIED": "SUSPENDED"},
    "CloseEnterprise": {"SUSPENDED": "CLOSED"},
}
ENTERPRISE_PATHS = {
    "PENDING_VERIFICATION": [], "VERIFIED": ["VerifyEnterprise"],
    "SUSPENDED": ["VerifyEnterprise", "SuspendEnterprise"],
    "CLOSED": ["VerifyEnterprise", "SuspendEnterprise", "CloseEnterprise"],
}


def change(calls, module, method, resource, **rest):
    request = getattr(module, method + "Request")
    if "reason" in request.DESCRIPTOR.fields_by_name:
        rest.setdefault("reason", "as told")
    return getattr(calls, method)(request(name=resource.name, etag=resource.etag, **rest))


def allowed(moves, state):
    return {targets[state] for targets in moves.values() if state in targets}


def check_refusal(error, moves, state):
    info = details(error, error_details_pb2.ErrorInfo)[0]
    assert info.metadata["from"] == state
    assert set(filter(None, info.metadata["allowed"].split(","))) == allowed(moves, state)


@pytest.mark.parametrize("state", PRODUCT_PATHS)
def test_product_moves(server, state):
    operator = server.caller("operator")
    for method, targets in PRODUCT_MOVES.items():
        made = operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product()))
        for step in PRODUCT_PATHS[state]:
            made = change(operator.catalog, catalog, step, made)
        assert ProductState.Name(made.state) == state
        move = lambda **rest: change(operator.catalog, catalog, method, made, **rest)
        if state in targets:
            moved = move(request_id=method)
            assert ProductState.Name(moved.state) == targets[state]
            assert move(request_id=method) == moved, "a request id takes effect once"
            expect_error(Code.ABORTED, move)
        else:
            check_refusal(expect_error(Code.FAILED_PRECONDITION, move, "ILLEGAL_TRANSITION"), PRODUCT_MOVES, state)
            assert operator.catalog.GetProduct(catalog.GetProductRequest(name=made.name)) == made


@pytest.mark.parametrize("state", ENTERPRISE_PATHS)
def test_enterprise_moves(server, state):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    for code, (method, targets) in zip(CREDIT_CODES, ENTERPRISE_MOVES.items()):
        made = applicant.enterprise.RegisterEnterprise(enterprises.RegisterEnterpriseRequest(
            enterprise=enterprise_pb2.Enterprise(display_name="A", credit_code=code)))
        for step in ENTERPRISE_PATHS[state]:
            made = change(operator.enterprise, enterprises, step, made)
        assert EnterpriseState.Name(made.state) == state
        move = lambda: change(operator.enterprise, enterprises, method, made)
        if state in targets:
            moved = move()
            assert EnterpriseState.Name(moved.state) == targets[state]
            expect_error(Code.ABORTED, move)
        else:
            check_refusal(expect_error(Code.FAILED_PRECONDITION, move, "ILLEGAL_TRANSITION"), ENTERPRISE_MOVES, state)
    expect_error(Code.PERMISSION_DENIED, lambda: change(applicant.enterprise, enterprises, "CloseEnterprise", made))


def test_enterprise_is_watched_by_whose_it_is(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    made = applicant.enterprise.RegisterEnterprise(enterprises.RegisterEnterpriseRequest(
        enterprise=enterprise_pb2.Enterprise(display_name="A", credit_code=CREDIT_CODES[0])))
    for step in ENTERPRISE_PATHS["CLOSED"]:
        made = change(operator.enterprise, enterprises, step, made)
    for role in ("enterprise", "operator", "partner"):
        seen = Watcher(server.caller(role), kind="enterprises").take(5)
        assert [EnterpriseState.Name(event.to_state) for event in seen] == [
            "DRAFT", "PENDING_VERIFICATION", "VERIFIED", "SUSPENDED", "CLOSED"]
        assert seen[-1].enterprise == made


def test_drafts_are_the_staffs_and_what_is_published_is_everybodys(server):
    operator = server.caller("operator")
    made = operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product()))
    steps = ("TestProduct", "PublishProduct", "SuspendProduct", "PublishProduct", "SuspendProduct", "RetireProduct")
    for step in steps:
        made = change(operator.catalog, catalog, step, made)
    assert made.version == made.name + "/versions/1", "what is offered again is the same version"
    everybody, staff = (Watcher(server.caller(role), kind="products") for role in ("enterprise", "operator"))
    states = ["DRAFT", "IN_TEST", "PUBLISHED", "SUSPENDED", "PUBLISHED", "SUSPENDED", "RETIRED"]
    seen = staff.take(7)
    assert [ProductState.Name(event.to_state) for event in seen] == states and seen[-1].product == made
    assert [ProductState.Name(event.to_state) for event in everybody.take(5)] == states[2:]
    everybody.nothing_more()


def update(operator, made, *paths, **changes):
    return operator.catalog.UpdateProduct(catalog.UpdateProductRequest(
        product=product_pb2.Product(name=made.name, etag=made.etag, **changes),
        update_mask=field_mask_pb2.FieldMask(paths=paths or list(changes)), request_id=request_id()))


def test_a_published_version_never_changes_and_applications_pin_it(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    life = Life(operator, applicant)
    for step in Life.STEPS[:Life.STEPS.index("review") + 1]:
        life.run(step)
    changed = update(operator, life.product, annual_rate_e8=6_000_000)
    assert changed.version == life.product.name + "/versions/2" and changed.state == ProductState.PUBLISHED
    versions = operator.catalog.ListProductVersions(
        catalog.ListProductVersionsRequest(parent=life.product.name)).product_versions
    assert [(v.name, v.product.annual_rate_e8) for v in versions] == [
        (life.product.version, 4_350_000), (changed.version, 6_000_000)]
    assert applicant.catalog.GetProductVersion(
        catalog.GetProductVersionRequest(name=life.product.version)) == versions[0]
    # The application was submitted under the first version, and stays under it to the end.
    for step in ("approve", "accept", "sign_lender", "sign_borrower"):
        life.run(step)
    assert life.application.offer.annual_rate_e8 == 4_350_000
    loan = operator.financing.GetLoan(financing.GetLoanRequest(name=life.application.loan))
    assert loan.product_version == life.product.version and loan.annual_rate_e8 == 4_350_000


def test_updates_of_a_product(server):
    operator = server.caller("operator")
    made = operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product()))
    made = update(operator, made, display_name="Other", min_installment_count=2)
    assert (made.display_name, made.min_installment_count, made.version) == ("Other", 2, "")
    expect_error(Code.INVALID_ARGUMENT, lambda: update(operator, made, "state"), field="update_mask")
    expect_error(Code.INVALID_ARGUMENT, lambda: update(operator, made, display_name="x" * 201), field="product.display_name")
    expect_error(Code.INVALID_ARGUMENT, lambda: update(operator, made, annual_rate_e8=-1), field="product.annual_rate_e8")
    for step in PRODUCT_PATHS["RETIRED"]:
        made = change(operator.catalog, catalog, step, made)
    expect_error(Code.FAILED_PRECONDITION, lambda: update(operator, made, display_name="B"), "PRODUCT_RETIRED")
    expect_error(Code.NOT_FOUND, lambda: operator.catalog.GetProductVersion(
        catalog.GetProductVersionRequest(name=made.name + "/versions/9")))
    for name in (made.name, made.name + "/versions/0", made.name + "/versions/01"):
        expect_error(Code.INVALID_ARGUMENT, lambda: operator.catalog.GetProductVersion(
            catalog.GetProductVersionRequest(name=name)), field="name")
