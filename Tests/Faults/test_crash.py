"""kill -9 between and during the steps of a whole life: what was acknowledged is there, and retries take effect once."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "Interop"))

from conftest import BINARIES
from life import AMOUNT, TRANSITIONS, Life
from test_life import Watcher, moves
from millrace.ledger.v1 import ledger_service_pb2


def retried(server, step):
    """Runs a step, again and again while the server is away."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return step()
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN,
                                    grpc.StatusCode.INTERNAL) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def check_whole(server, life):
    """Everything of the life is there once: state, money, events, books, and the audit chain."""
    operator = server.caller("operator")
    life.check_end()
    trial = operator.ledger.GetTrialBalance(ledger_service_pb2.GetTrialBalanceRequest())
    assert [total.debits for total in trial.totals] == [total.credits for total in trial.totals]
    entries = operator.ledger.ListEntries(ledger_service_pb2.ListEntriesRequest(subject=life.loan.name)).entries
    assert len(entries) == 1 + len(life.installments)
    paid = sum(row.total.minor_units for row in life.installments)
    accrued = sum(row.interest.minor_units for row in life.installments)
    assert trial.totals[0].debits.minor_units == AMOUNT + paid + accrued
    watcher = Watcher(operator)
    assert moves(watcher.take(len(TRANSITIONS))) == TRANSITIONS
    watcher.nothing_more()
    server.stop()
    verify_audit(server)


def verify_audit(server):
    verified = subprocess.run([BINARIES / "millrace", "verify", "--data", server.data], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_kill_between_the_steps(server):
    life = Life(server.caller("operator"), server.caller("enterprise"))
    for step in Life.STEPS:
        retried(server, lambda: life.run(step))
        server.kill()
        server.start()
    check_whole(server, life)


@pytest.mark.parametrize("seed", range(3))
def test_kill_during_the_steps(server, seed):
    randomness = random.Random(seed)
    done = threading.Event()

    def killer():
        while not done.wait(randomness.uniform(0.02, 0.25)):
            server.kill()
            server.start()

    life = Life(server.caller("operator"), server.caller("enterprise"))
    killing = threading.Thread(target=killer)
    killing.start()
    try:
        for step in Life.STEPS:
            retried(server, lambda: life.run(step))
    finally:
        done.set()
        killing.join()
    check_whole(server, life)
