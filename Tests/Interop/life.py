"""The whole life of a financing application, step by step, as its parties live it."""

import datetime
import hashlib

from google.protobuf import timestamp_pb2
from google.type import date_pb2
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2 as enterprises
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing, loan_pb2

from conftest import CREDIT_CODES, cny, product, request_id

AMOUNT = 500_000_00
INSTALLMENTS = 12
# A 31st, so long ago that every installment has fallen due since.
TODAY = datetime.datetime.now(datetime.timezone.utc).date()
DISBURSED = date_pb2.Date(year=TODAY.year - (2 if TODAY < datetime.date(TODAY.year, 1, 31) else 1), month=1, day=31)
DIGEST = hashlib.sha256(b"the contract").digest()
State = application_pb2.Application.State

# What a watcher of the application must see, in order.
TRANSITIONS = [
    (State.STATE_UNSPECIFIED, State.DRAFT), (State.DRAFT, State.SUBMITTED), (State.SUBMITTED, State.UNDER_REVIEW),
    (State.UNDER_REVIEW, State.APPROVED), (State.APPROVED, State.OFFER_ACCEPTED),
    (State.OFFER_ACCEPTED, State.CONTRACTED), (State.CONTRACTED, State.BOOKED),
]


def in_days(days):
    moment = timestamp_pb2.Timestamp()
    moment.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days))
    return moment


class Life:
    """Each step is one mutating call, with a request id of its own that a retry repeats."""

    STEPS = ["register", "verify", "create_product", "test_product", "publish", "create", "submit", "review", "approve",
             "accept",
             "sign_lender", "sign_borrower", "disburse"] + [f"repay_{n}" for n in range(1, INSTALLMENTS + 1)]

    def __init__(self, operator, applicant, credit_code=CREDIT_CODES[0]):
        self.operator, self.applicant, self.credit_code = operator, applicant, credit_code
        self.ids = {step: request_id() for step in self.STEPS}
        self.enterprise = self.product = self.application = self.loan = None
        self.count = INSTALLMENTS
        self.installments = []
        self.authorization = application_pb2.CreditAuthorization(
            scope="credit-report", purpose="this application", expire_time=in_days(90))

    def run(self, step):
        number = step.removeprefix("repay_")
        return self.repay(int(number)) if number != step else getattr(self, step)()

    def run_all(self):
        for step in self.STEPS:
            self.run(step)
        return self

    def register(self):
        self.enterprise = self.applicant.enterprise.RegisterEnterprise(enterprises.RegisterEnterpriseRequest(
            enterprise=enterprise_pb2.Enterprise(display_name="Hangzhou Example Trading Co., Ltd.",
                                                 credit_code=self.credit_code),
            request_id=self.ids["register"]))

    def verify(self):
        self.enterprise = self.operator.enterprise.VerifyEnterprise(enterprises.VerifyEnterpriseRequest(
            name=self.enterprise.name, evidence="business license seen", request_id=self.ids["verify"]))

    def create_product(self):
        self.product = self.operator.catalog.CreateProduct(catalog.CreateProductRequest(
            product=product(), request_id=self.ids["create_product"]))

    def test_product(self):
        self.product = self.operator.catalog.TestProduct(catalog.TestProductRequest(
            name=self.product.name, request_id=self.ids["test_product"]))

    def publish(self):
        self.product = self.operator.catalog.PublishProduct(catalog.PublishProductRequest(
            name=self.product.name, request_id=self.ids["publish"]))

    def create(self):
        self.application = self.applicant.financing.CreateApplication(financing.CreateApplicationRequest(
            application=application_pb2.Application(
                enterprise=self.enterprise.name, product=self.product.name, amount=cny(AMOUNT),
                installment_count=self.count, purpose="working capital for the spring orders"),
            request_id=self.ids["create"]))

    def submit(self):
        self.application = self.applicant.financing.SubmitApplication(financing.SubmitApplicationRequest(
            name=self.application.name, request_id=self.ids["submit"],
            credit_authorization=self.authorization))

    def review(self):
        self.application = self.operator.financing.StartReview(financing.StartReviewRequest(
            name=self.application.name, request_id=self.ids["review"],
            assessment=application_pb2.Assessment(score=712, grade="BBB", comment="steady cash flow")))

    def approve(self):
        self.application = self.operator.financing.RecordDecision(financing.RecordDecisionRequest(
            name=self.application.name, request_id=self.ids["approve"],
            decision=application_pb2.Decision(outcome=application_pb2.Decision.APPROVE, comment="within limits")))

    def accept(self):
        self.application = self.applicant.financing.AcceptOffer(financing.AcceptOfferRequest(
            name=self.application.name, offer_etag=self.application.offer.etag, request_id=self.ids["accept"]))

    def sign_lender(self):
        self.application = self.operator.financing.SignContract(financing.SignContractRequest(
            name=self.application.name, document_digest=DIGEST, request_id=self.ids["sign_lender"]))

    def sign_borrower(self):
        self.application = self.applicant.financing.SignContract(financing.SignContractRequest(
            name=self.application.name, document_digest=DIGEST, request_id=self.ids["sign_borrower"]))

    def disburse(self):
        self.loan = self.operator.financing.DisburseLoan(financing.DisburseLoanRequest(
            name=self.application.loan, disbursement_date=DISBURSED, request_id=self.ids["disburse"]))
        self.installments = list(self.operator.financing.ListInstallments(
            financing.ListInstallmentsRequest(parent=self.loan.name)).installments)

    def repay(self, number):
        due = self.installments[number - 1]
        repayment = self.operator.financing.RecordRepayment(financing.RecordRepaymentRequest(
            name=self.loan.name, amount=due.total, receive_date=due.due_date, request_id=self.ids[f"repay_{number}"]))
        assert repayment.principal == due.principal and repayment.interest == due.interest
        self.loan = repayment.loan

    def check_end(self):
        """The loan is settled, the principal came back to the cent, and the books balance."""
        assert self.loan.state == loan_pb2.Loan.SETTLED
        assert self.loan.outstanding_principal == cny(0)
        assert len(self.installments) == INSTALLMENTS
        assert sum(row.principal.minor_units for row in self.installments) == AMOUNT
        assert [row.closing.minor_units for row in self.installments][-1] == 0
