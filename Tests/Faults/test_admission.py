"""Whether a call may be made is decided on its headers: a body that will be refused is neither waited for nor kept."""

import json
import re

import pytest

from hostile.peer import NO_ERROR, Peer, message

LEDGER = "/millrace.ledger.v1.LedgerService/GetTrialBalance"
REPAY = "/millrace.financing.v1.FinancingService/RecordRepayment"
APPLY = "/millrace.financing.v1.FinancingService/CreateApplication"
CHECK = "/grpc.health.v1.Health/Check"
OK, PERMISSION_DENIED, UNAUTHENTICATED = 0, 7, 16


def resident_mib(server):
    with open(f"/proc/{server.process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) / 1024


def headers_of(server, role):
    """The authorization that a role has; None is no authorization at all."""
    if role is None:
        return []
    return [("authorization", f"Bearer {server.token(role) if role != 'stranger' else 'x' * 64}")]


@pytest.mark.parametrize("role, path, status", [
    (None, LEDGER, UNAUTHENTICATED), ("stranger", LEDGER, UNAUTHENTICATED), ("stranger", CHECK, UNAUTHENTICATED),
    ("enterprise", LEDGER, PERMISSION_DENIED), ("enterprise", REPAY, PERMISSION_DENIED)])
def test_refused_before_the_body(server, role, path, status):
    with Peer(server.port) as peer:
        stream, headers = peer.request(peer.fields(path, extra=headers_of(server, role)))
        peer.send(headers)
        response = peer.answer(stream)
        assert response.status == status and response.reset in (None, NO_ERROR)
        assert peer.answer(peer.call(CHECK)).status == OK


@pytest.mark.parametrize("role", [None, "stranger", "partner"])
def test_bodies_of_refused_calls_are_not_kept(server, role):
    with Peer(server.port) as other, Peer(server.port) as peer:
        assert other.answer(other.call(CHECK)).status == OK
        before = resident_mib(server)
        part = message(bytes(4 << 20))[:200_000]
        streams = []
        for _ in range(200):
            stream, headers = peer.request(peer.fields(APPLY, extra=headers_of(server, role)))
            peer.send(headers, *peer.data(stream, part, end=False))
            streams.append(stream)
            assert other.answer(other.call(CHECK)).status == OK
        assert resident_mib(server) - before < 24
        wanted = PERMISSION_DENIED if role == "partner" else UNAUTHENTICATED
        assert [peer.answer(stream).status for stream in streams] == [wanted] * 200


def test_connect_is_answered_at_the_end_of_the_request(server):
    """As clients of HTTP that send first and listen then like it; the body is dropped all the same."""
    with Peer(server.port) as peer:
        stream, headers = peer.request(peer.fields(LEDGER, content_type="application/json", te=False))
        peer.send(headers, *peer.data(stream, b"{", end=False))
        assert peer.answer(peer.call(CHECK)).status == OK
        assert not peer.responses[stream].headers
        peer.send(*peer.data(stream, b"}" * 100_000))
        response = peer.answer(stream)
        assert response.headers[":status"] == "401" and response.reset is None
        assert json.loads(response.body)["code"] == "unauthenticated"
