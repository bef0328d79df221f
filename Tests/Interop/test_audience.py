"""Who sees what: for every role and resource, what a get shows is what the list holds and what the watch brings."""

import json
import secrets

import grpc
import pytest

from borrowing import Borrowing
from conftest import CREDIT_CODES, Server, product, request_id
from life import AMOUNT, INSTALLMENTS, cny
from millrace.catalog.v1 import catalog_service_pb2 as catalog, product_pb2
from millrace.enterprise.v1 import enterprise_pb2, enterprise_service_pb2 as enterprises
from millrace.financing.v1 import application_pb2, financing_service_pb2 as financing, loan_pb2
from test_lifecycles import PRODUCT_PATHS, change, update
from watcher import Watcher

Code = grpc.StatusCode
State = product_pb2.Product.State

# Two enterprises' users, one caller for each other role, and callers with two roles: one that acts for enterprises and
# sees all of them, and one that also sees drafts.
ROLES = {
    "anna": ["enterprise"], "ben": ["enterprise"], "operator": ["operator"], "approver": ["approver"],
    "committee": ["committee"], "partner": ["partner"], "agent": ["enterprise", "partner"],
    "clerk": ["enterprise", "operator"],
}
SEES_DRAFTS = {"operator", "clerk"}
# Whom the rows of one of them are hidden from.
HIDDEN = {"anna": {"ben"}, "ben": {"anna"}}
KINDS = ["products", "enterprises", "applications", "loans"]


def serve(data, roles):
    """A server whose callers have the given roles."""
    tokens = {name: secrets.token_hex(32) for name in roles}
    data.mkdir(parents=True)
    file = data / "callers.json"
    file.write_text(json.dumps([
        {"subject": f"users/{name}", "roles": roles[name], "token": tokens[name]} for name in roles]))
    file.chmod(0o600)
    server = Server(data).start()
    return server, {name: server.caller(name, token=tokens[name]) for name in roles}


def register(caller, code):
    return caller.enterprise.RegisterEnterprise(enterprises.RegisterEnterpriseRequest(
        enterprise=enterprise_pb2.Enterprise(display_name="A", credit_code=code), request_id=request_id()))


def draft(caller, enterprise, offered):
    return caller.financing.CreateApplication(financing.CreateApplicationRequest(
        application=application_pb2.Application(
            enterprise=enterprise.name, product=offered.name, amount=cny(AMOUNT), installment_count=INSTALLMENTS,
            purpose="stock"), request_id=request_id()))


def make_product(operator, state):
    made = operator.catalog.CreateProduct(catalog.CreateProductRequest(product=product(), request_id=request_id()))
    for step in PRODUCT_PATHS[state]:
        made = change(operator.catalog, catalog, step, made)
    return made


class World:
    """Resources of every kind, by name: for each, whom it is hidden from."""

    def __init__(self, callers):
        self.callers = callers
        operator = callers["operator"]
        self.hidden = {kind: {} for kind in KINDS}
        # The event after which all of these have been seen, by whose rows a caller sees.
        self.last = {kind: {} for kind in KINDS}
        for state in PRODUCT_PATHS:
            self.add("products", make_product(operator, state),
                     set(ROLES) - SEES_DRAFTS if state in ("DRAFT", "IN_TEST") else set())
        changed = make_product(operator, "PUBLISHED")
        update(operator, changed, annual_rate_e8=6_000_000)
        self.add("products", changed, set())
        self.lives = {}
        codes = iter(CREDIT_CODES)
        for user in ("anna", "ben"):
            life = self.lives[user] = Borrowing(operator, callers[user], next(codes)).until("disburse")
            self.add("products", life.product, set())
            self.add("enterprises", life.enterprise, HIDDEN[user])
            self.add("applications", life.application, HIDDEN[user])
            self.add("loans", life.loan, HIDDEN[user])
            # Made for the enterprise by others than its own user.
            for other in ("agent", "clerk"):
                made = draft(callers[other], life.enterprise, life.product)
                self.add("applications", made, HIDDEN[user])
        for user in ("anna", "ben"):
            life = self.lives[user]
            self.end("enterprises", user, register(callers[user], next(codes)), "DRAFT")
            self.end("applications", user, draft(callers[user], life.enterprise, life.product), "DRAFT")
            # A second life of the same parties, up to the contract; its loan is cancelled.
            second = Borrowing(operator, callers[user], life.credit_code)
            second.enterprise, second.product = life.enterprise, life.product
            for step in second.STEPS[second.STEPS.index("create"):second.STEPS.index("disburse")]:
                second.run(step)
            self.add("applications", second.application, HIDDEN[user])
            second.call("CancelLoan")
            self.end("loans", user, operator.financing.GetLoan(
                financing.GetLoanRequest(name=second.application.loan)), "CANCELLED")
        # One more, so that the applications above are seen before the last.
        for user in ("anna", "ben"):
            self.end("applications", user, draft(callers[user], self.lives[user].enterprise, self.lives[user].product), "DRAFT")
        last = make_product(operator, "PUBLISHED")
        for user in ("anna", "ben"):
            self.end("products", user, last, "PUBLISHED")
            self.hidden["products"][last.name] = set()

    def add(self, kind, resource, hidden):
        self.hidden[kind][resource.name] = hidden

    def end(self, kind, user, resource, state):
        self.add(kind, resource, HIDDEN[user])
        self.last[kind][user] = (resource.name, state)

    def expected(self, kind, who):
        return {name for name, hidden in self.hidden[kind].items() if who not in hidden}

    def gets(self, kind, who):
        """The resources of a kind that a caller gets by name."""
        get = GETS[kind](self.callers[who])
        return {name for name in self.hidden[kind] if found(lambda: get(name)) is not None}

    def lists(self, kind, who, **request):
        return {each.name for each in pages(*LISTS[kind](self.callers[who]), **request)}

    def watches(self, kind, who, **request):
        """The events of a kind, in order, up to the last that the world's making caused for this caller."""
        name, state = self.last[kind][who if who in HIDDEN else "ben"]
        watcher, events = Watcher(self.callers[who], kind=kind, **request), []
        while not events or (body(events[-1]).name, label(events[-1])) != (name, state):
            events += watcher.take(1)
        watcher.call.cancel()
        return events


GETS = {
    "products": lambda c: lambda name: c.catalog.GetProduct(catalog.GetProductRequest(name=name)),
    "enterprises": lambda c: lambda name: c.enterprise.GetEnterprise(enterprises.GetEnterpriseRequest(name=name)),
    "applications": lambda c: lambda name: c.financing.GetApplication(financing.GetApplicationRequest(name=name)),
    "loans": lambda c: lambda name: c.financing.GetLoan(financing.GetLoanRequest(name=name)),
}
LISTS = {
    "products": lambda c: (c.catalog.ListProducts, catalog.ListProductsRequest, "products"),
    "enterprises": lambda c: (c.enterprise.ListEnterprises, enterprises.ListEnterprisesRequest, "enterprises"),
    "applications": lambda c: (c.financing.ListApplications, financing.ListApplicationsRequest, "applications"),
    "loans": lambda c: (c.financing.ListLoans, financing.ListLoansRequest, "loans"),
}


def found(call):
    """What a call gives; None where it says that there is nothing."""
    try:
        return call()
    except grpc.RpcError as error:
        assert error.code() == Code.NOT_FOUND, error
        return None


def pages(call, message, field, **request):
    token, items = "", []
    while True:
        page = call(message(page_size=2, page_token=token, **request))
        items += getattr(page, field)
        token = page.next_page_token
        if not token:
            return items


def body(event):
    return getattr(event, event.DESCRIPTOR.name.removesuffix("Event").lower())


def label(event):
    return type(body(event)).State.Name(event.to_state)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server, callers = serve(tmp_path_factory.mktemp("audience") / "data", ROLES)
    yield World(callers)
    server.stop()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ROLES)
def test_get_list_and_watch_agree(world, who, kind):
    expected = world.expected(kind, who)
    assert world.gets(kind, who) == expected
    assert world.lists(kind, who) == expected
    assert {body(event).name for event in world.watches(kind, who)} == expected


@pytest.mark.parametrize("who", [who for who in ROLES if who not in SEES_DRAFTS])
def test_a_watch_does_not_bring_what_a_product_was_before_its_publication(world, who):
    events = world.watches("products", who)
    assert all(event.product.version for event in events)
    assert {label(event) for event in events} == {"PUBLISHED", "SUSPENDED", "RETIRED"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ROLES)
def test_a_resumed_watch_goes_on_with_what_is_visible(world, who, kind):
    """From every event of the kind on, also from those that the caller does not see."""
    every, own = world.watches(kind, "operator"), world.watches(kind, who)
    for event in every[::7]:
        position = int(event.resume_token)
        rest = [each for each in own if int(each.resume_token) > position]
        if rest:
            assert world.watches(kind, who, resume_token=event.resume_token) == rest


@pytest.mark.parametrize("kind", ["applications", "loans"])
@pytest.mark.parametrize("who", ROLES)
def test_one_enterprises_rows(world, who, kind):
    get = GETS[kind](world.callers[who])
    for user, life in world.lives.items():
        expected = {name for name in world.expected(kind, who) if get(name).enterprise == life.enterprise.name}
        assert bool(expected) == (who not in HIDDEN[user])
        assert world.lists(kind, who, enterprise=life.enterprise.name) == expected
        if user == (who if who in HIDDEN else "ben"):
            events = world.watches(kind, who, enterprise=life.enterprise.name)
            assert {body(event).name for event in events} == expected


@pytest.mark.parametrize("who", ROLES)
def test_a_products_versions_are_seen_with_it(world, who):
    caller = world.callers[who]
    for name in world.hidden["products"]:
        listed = found(lambda: pages(
            caller.catalog.ListProductVersions, catalog.ListProductVersionsRequest, "product_versions", parent=name))
        got = {version for version in (f"{name}/versions/{n}" for n in (1, 2)) if found(
            lambda: caller.catalog.GetProductVersion(catalog.GetProductVersionRequest(name=version)))}
        assert (listed is not None) == (name in world.expected("products", who))
        assert {version.name for version in listed or []} == got


@pytest.mark.parametrize("who", ROLES)
def test_a_loans_schedule_is_seen_with_it(world, who):
    caller = world.callers[who].financing
    for life in world.lives.values():
        loan = life.loan.name
        seen = loan in world.expected("loans", who)
        revisions = found(lambda: pages(caller.ListScheduleRevisions, financing.ListScheduleRevisionsRequest,
                                        "schedule_revisions", parent=loan))
        revision = found(lambda: caller.GetScheduleRevision(
            financing.GetScheduleRevisionRequest(name=f"{loan}/scheduleRevisions/1")))
        rows = found(lambda: pages(
            caller.ListInstallments, financing.ListInstallmentsRequest, "installments", parent=loan))
        assert (revisions is not None, revision is not None, rows is not None) == (seen, seen, seen)
        assert not seen or (revisions == [revision] and len(rows) == INSTALLMENTS)


def test_a_product_is_seen_by_its_watchers_from_its_publication_on(data):
    server, callers = serve(data, ROLES)
    watchers = {who: Watcher(caller, kind="products") for who, caller in callers.items()}
    operator, made = callers["operator"], None
    states = ["DRAFT", "IN_TEST", "PUBLISHED", "SUSPENDED", "PUBLISHED", "SUSPENDED", "RETIRED"]
    steps = [None, "TestProduct", "PublishProduct", "SuspendProduct", "PublishProduct", "SuspendProduct",
             "RetireProduct"]
    try:
        for step, state in zip(steps, states):
            made = change(operator.catalog, catalog, step, made) if step else make_product(operator, state)
            for who, caller in callers.items():
                shown = [made] if who in SEES_DRAFTS or made.version else []
                got = found(lambda: GETS["products"](caller)(made.name))
                assert ([got] if got else []) == pages(*LISTS["products"](caller)) == shown, (who, state)
                if shown:
                    event, = watchers[who].take(1)
                    assert (event.product, label(event)) == (made, state), who
        for watcher in watchers.values():
            watcher.nothing_more()
    finally:
        server.stop()
