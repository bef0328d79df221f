"""The review of an application and its offer: every move, the legal ones watched, and every refusal with its reason."""

import datetime
import json
import time

import grpc
import pytest

from conftest import cny, details, expect_error, product, request_id
from google.rpc import error_details_pb2
from google.type import date_pb2
from life import Life, in_days
from millrace.catalog.v1 import catalog_service_pb2 as catalog
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing
from millrace.financing.v1 import policy_service_pb2 as policies
from watcher import Watcher

Code = grpc.StatusCode
State = application_pb2.Application.State
Decision = application_pb2.Decision

# How to bring an application into each state, from a published product on.
PATHS = {
    "DRAFT": ["create"],
    "SUBMITTED": ["create", "submit"],
    "UNDER_REVIEW": ["create", "submit", "review"],
    "INFO_REQUESTED": ["create", "submit", "review", "ask"],
    "APPROVED": ["create", "submit", "review", "approve"],
    "DECLINED": ["create", "submit", "review", "decline"],
    "OFFER_ACCEPTED": ["create", "submit", "review", "approve", "accept"],
    "OFFER_DECLINED": ["create", "submit", "review", "approve", "decline_offer"],
    "WITHDRAWN": ["create", "withdraw"],
    "BOOKED": ["create", "submit", "review", "approve", "accept", "sign_lender", "sign_borrower"],
}
# Which states each step leads out of, and where to.
MOVES = {
    "submit": {"DRAFT": "SUBMITTED"},
    "review": {"SUBMITTED": "UNDER_REVIEW"},
    "ask": {"UNDER_REVIEW": "INFO_REQUESTED"},
    "answer": {"INFO_REQUESTED": "UNDER_REVIEW"},
    "approve": {"UNDER_REVIEW": "APPROVED"},
    "decline": {"UNDER_REVIEW": "DECLINED"},
    "accept": {"APPROVED": "OFFER_ACCEPTED"},
    "decline_offer": {"APPROVED": "OFFER_DECLINED"},
    "withdraw": dict.fromkeys(
        ["DRAFT", "SUBMITTED", "UNDER_REVIEW", "INFO_REQUESTED", "APPROVED", "OFFER_ACCEPTED"], "WITHDRAWN"),
}
ALLOWED = {
    "DRAFT": {"SUBMITTED", "WITHDRAWN"},
    "SUBMITTED": {"UNDER_REVIEW", "WITHDRAWN"},
    "UNDER_REVIEW": {"INFO_REQUESTED", "UNDER_REVIEW", "APPROVED", "DECLINED", "WITHDRAWN"},
    "INFO_REQUESTED": {"UNDER_REVIEW", "WITHDRAWN"},
    "APPROVED": {"OFFER_ACCEPTED", "OFFER_DECLINED", "EXPIRED", "WITHDRAWN"},
    "OFFER_ACCEPTED": {"CONTRACTED", "WITHDRAWN"},
    "DECLINED": set(), "OFFER_DECLINED": set(), "WITHDRAWN": set(), "BOOKED": set(),
}


class Review(Life):
    """The steps of a life, and those off the straight way; each may be repeated with its request id."""

    def __init__(self, operator, applicant, amount=500_000_00, **rest):
        super().__init__(operator, applicant, **rest)
        self.amount = amount
        self.ids |= {step: request_id() for step in ("ask", "answer", "decline", "decline_offer", "withdraw")}

    def create(self):
        super().create()
        if self.amount != self.application.amount.minor_units:
            self.application.amount.minor_units = self.amount
            self.application = self.applicant.financing.CreateApplication(
                financing.CreateApplicationRequest(application=self.application, request_id=request_id()))

    def _change(self, caller, method, step, **rest):
        request = getattr(financing, method + "Request")
        self.application = getattr(caller.financing, method)(
            request(name=self.application.name, request_id=self.ids[step], **rest))

    def ask(self):
        self._change(self.operator, "RequestInformation", "ask", question="Which orders?")

    def answer(self):
        self._change(self.applicant, "ProvideInformation", "answer", answer="The spring ones.")

    def decline(self):
        self._change(self.operator, "RecordDecision", "decline", decision=Decision(
            outcome=Decision.DECLINE, comment="too much debt", reason_codes=["DEBT_RATIO"]))

    def accept(self):
        # Before there is an offer, any etag shows that there is nothing to accept.
        self.application = self.applicant.financing.AcceptOffer(financing.AcceptOfferRequest(
            name=self.application.name, offer_etag=self.application.offer.etag or '"1"', request_id=self.ids["accept"]))

    def decline_offer(self):
        self._change(self.applicant, "DeclineOffer", "decline_offer")

    def withdraw(self):
        self._change(self.applicant, "WithdrawApplication", "withdraw")

    def go(self, *steps):
        for step in steps:
            self.run(step)
        return self


@pytest.fixture
def published(server):
    """A verified enterprise and a published product, to apply with again and again."""
    life = Review(server.caller("operator"), server.caller("enterprise"))
    life.go("register", "verify", "create_product", "test_product", "publish")

    def another(amount=500_000_00):
        review = Review(life.operator, life.applicant, amount)
        review.enterprise, review.product = life.enterprise, life.product
        return review
    return another


@pytest.mark.parametrize("state", PATHS)
def test_application_moves(published, server, state):
    for step, targets in MOVES.items():
        review = published().go(*PATHS[state])
        before = review.application
        assert State.Name(before.state) == state
        review.ids[step] = request_id()  # on the way here the step may have been taken
        if state in targets:
            review.run(step)
            moved = review.application
            assert State.Name(moved.state) == targets[state]
            review.run(step)
            assert review.application == moved, "a request id takes effect once"
        else:
            error = expect_error(Code.FAILED_PRECONDITION, lambda: review.run(step), "ILLEGAL_TRANSITION")
            info = details(error, error_details_pb2.ErrorInfo)[0]
            assert info.metadata["from"] == state
            allowed = set(filter(None, info.metadata["allowed"].split(",")))
            assert allowed <= ALLOWED[state] and (allowed == ALLOWED[state] or targets_are_others(error))
            assert review.operator.financing.GetApplication(
                financing.GetApplicationRequest(name=before.name)) == before


def targets_are_others(error):
    """The move exists but is for somebody else: then what that caller may do is named."""
    return ", not by " in error.details()


def test_questions_keep_the_stage_and_stop_the_clock(published, server):
    review = published().go("create", "submit", "review")
    stage = review.application.review
    assert (stage.policy, stage.stage, stage.role) == ("reviewPolicies/initial", 1, "operator")
    assert review.application.decision_clock.HasField("run_since")
    review.go("ask")
    clock = review.application.decision_clock
    assert not clock.HasField("run_since") and clock.elapsed.ToMicroseconds() > 0
    review.go("answer")
    assert review.application.decision_clock.elapsed == clock.elapsed
    assert review.application.decision_clock.HasField("run_since") and review.application.review == stage
    asked, = review.application.information_requests
    assert (asked.question, asked.answer) == ("Which orders?", "The spring ones.")
    review.go("approve")
    assert not review.application.decision_clock.HasField("run_since")
    seen = Watcher(server.caller("partner")).take(6)
    assert [State.Name(event.to_state) for event in seen] == [
        "DRAFT", "SUBMITTED", "UNDER_REVIEW", "INFO_REQUESTED", "UNDER_REVIEW", "APPROVED"]


def decide(caller, application, **rest):
    rest.setdefault("decision", Decision(outcome=Decision.APPROVE, comment="within limits"))
    return caller.financing.RecordDecision(financing.RecordDecisionRequest(name=application.name, **rest))


def test_stages_by_amount(published, server):
    operator, approver, committee = (server.caller(role) for role in ("operator", "approver", "committee"))
    review = published(5_000_000_00).go("create", "submit", "review")
    for caller in (approver, committee):
        error = expect_error(Code.FAILED_PRECONDITION, lambda: decide(caller, review.application), "STAGE_MISMATCH")
        assert details(error, error_details_pb2.ErrorInfo)[0].metadata["role"] == "operator"
    first = decide(operator, review.application, request_id="first")
    assert (first.state, first.review.stage, first.review.role) == (State.UNDER_REVIEW, 2, "approver")
    assert decide(operator, review.application, request_id="first") == first
    expect_error(Code.FAILED_PRECONDITION, lambda: decide(operator, first), "DUPLICATE_DECISION")
    approved = decide(approver, first)
    assert approved.state == State.APPROVED
    assert [(d.stage, d.approver) for d in approved.decisions] == [(1, "users/operator"), (2, "users/approver")]
    seen = [event for event in Watcher(server.caller("partner")).take(6) if event.application.name == approved.name]
    assert [(State.Name(e.from_state), State.Name(e.to_state)) for e in seen[3:]] == [
        ("UNDER_REVIEW", "UNDER_REVIEW"), ("UNDER_REVIEW", "APPROVED")]


def test_a_later_stage_may_decline(published, server):
    review = published(5_000_000_00).go("create", "submit", "review")
    decide(server.caller("operator"), review.application)
    refusal = Decision(outcome=Decision.DECLINE, comment="no")
    expect_error(Code.INVALID_ARGUMENT, lambda: decide(server.caller("approver"), review.application, decision=refusal),
                 field="decision.reason_codes")
    refusal.reason_codes.append("CONCENTRATION")
    declined = decide(server.caller("approver"), review.application, decision=refusal)
    assert declined.state == State.DECLINED and list(declined.decisions[-1].reason_codes) == ["CONCENTRATION"]


def test_nobody_approves_beyond_the_last_authority_and_policies_are_dated(published, server):
    operator = server.caller("operator")
    day = datetime.datetime.now(datetime.timezone.utc).date()

    def policy(authority, date, role="operator"):
        return operator.policies.CreateReviewPolicy(policies.CreateReviewPolicyRequest(
            request_id=request_id(), review_policy=policies.ReviewPolicy(
                currency_code="CNY", effective_date=date_pb2.Date(year=date.year, month=date.month, day=date.day),
                stages=[policies.ReviewPolicy.Stage(role=role, authority=authority)])))

    policy(cny(1), day + datetime.timedelta(days=2))  # not in force yet
    small = policy(cny(499_999_99), day)
    review = published().go("create", "submit", "review")
    assert review.application.review.policy == small.name
    error = expect_error(Code.FAILED_PRECONDITION, review.approve, "LIMIT_EXCEEDED")
    assert details(error, error_details_pb2.ErrorInfo)[0].metadata["authority_minor_units"] == "49999999"
    policy(cny(500_000_00), day)
    # A review keeps to the policy that it was started under.
    expect_error(Code.FAILED_PRECONDITION, review.approve, "LIMIT_EXCEEDED")
    assert published().go("create", "submit", "review", "approve").application.state == State.APPROVED
    expect_error(Code.INVALID_ARGUMENT, lambda: policy(cny(0), day), field="review_policy.stages[0].authority.minor_units")
    expect_error(Code.INVALID_ARGUMENT, lambda: policy(cny(1), day, role="king"), field="review_policy.stages[0].role")
    listed = operator.policies.ListReviewPolicies(policies.ListReviewPoliciesRequest()).review_policies
    assert len(listed) == 4 and small in listed
    expect_error(Code.PERMISSION_DENIED, lambda: server.caller("enterprise").policies.ListReviewPolicies(
        policies.ListReviewPoliciesRequest()))


def test_rate_caps(server):
    operator, applicant = server.caller("operator"), server.caller("enterprise")
    day = datetime.datetime.now(datetime.timezone.utc).date()

    def cap(rate, date, lender_class="MICRO_LOAN_COMPANY"):
        return operator.policies.CreateRateCap(policies.CreateRateCapRequest(
            request_id=request_id(), rate_cap=policies.RateCap(
                jurisdiction="CN", lender_class=lender_class, max_annual_rate_e8=rate, basis="the rule",
                effective_date=date_pb2.Date(year=date.year, month=date.month, day=date.day))))

    cap(30_000_000, day - datetime.timedelta(days=400))
    held = cap(24_000_000, day - datetime.timedelta(days=1))
    cap(10_000_000, day + datetime.timedelta(days=2))
    cap(10_000_000, day, lender_class="BANK")
    review = Review(operator, applicant).go("register", "verify")
    review.create_product = lambda: setattr(review, "product", operator.catalog.CreateProduct(
        catalog.CreateProductRequest(product=product(jurisdiction="CN", lender_class="MICRO_LOAN_COMPANY"))))
    review.go("create_product", "test_product", "publish", "create", "submit", "review")
    error = expect_error(Code.FAILED_PRECONDITION, lambda: decide(operator, review.application, annual_rate_e8=24_000_001),
                         "RATE_CAP_EXCEEDED")
    assert details(error, error_details_pb2.ErrorInfo)[0].metadata["rate_cap"] == held.name
    assert not operator.financing.GetApplication(
        financing.GetApplicationRequest(name=review.application.name)).decisions
    approved = decide(operator, review.application, annual_rate_e8=24_000_000)
    assert (approved.offer.annual_rate_e8, approved.offer.rate_cap) == (24_000_000, held.name)
    assert len(operator.policies.ListRateCaps(policies.ListRateCapsRequest()).rate_caps) == 4


def test_nobody_decides_the_own_application(server):
    server.stop()
    path = server.data / "callers.json"
    callers = json.loads(path.read_text())
    callers.append({"subject": "users/both", "roles": ["enterprise", "operator"], "token": "b" * 64})
    path.write_text(json.dumps(callers))
    server.start()
    both = server.caller("both", token="b" * 64)
    review = Review(both, both).go("register", "verify", "create_product", "test_product", "publish", "create", "submit",
                                   "review")
    expect_error(Code.PERMISSION_DENIED, review.approve, "SELF_APPROVAL")
    assert decide(server.caller("operator"), review.application).state == State.APPROVED


def test_an_offer_that_has_ended_is_refused_and_expires(published, server):
    review = published().go("create", "submit", "review")
    expect_error(Code.INVALID_ARGUMENT, lambda: decide(review.operator, review.application, offer_expire_time=in_days(-1)),
                 field="offer_expire_time")
    review.application = decide(review.operator, review.application, offer_expire_time=in_days(2 / 86_400))
    time.sleep(2.2)
    for _ in range(2):  # the same request gets the same refusal
        expect_error(Code.FAILED_PRECONDITION, review.accept, "OFFER_EXPIRED")
    assert review.operator.financing.GetApplication(
        financing.GetApplicationRequest(name=review.application.name)).state == State.EXPIRED
    last = Watcher(server.caller("partner")).take(5)[-1]
    assert (State.Name(last.from_state), State.Name(last.to_state), last.actor) == ("APPROVED", "EXPIRED", "system")
