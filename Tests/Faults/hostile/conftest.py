"""Fixtures of the hostile suite.

Each test names its guards: `@pytest.mark.guards(maxPingStrikes=2)` sets the limits under which the attack must fail.
With MILLRACE_GUARDS=off those limits are lifted, and each test must fail: what passes then proves nothing.
"""

import os
from pathlib import Path

import pytest

from .target import UNLIMITED, Target

GUARDS_ARE_OFF = os.environ.get("MILLRACE_GUARDS") == "off"


def pytest_configure(config):
    config.addinivalue_line("markers", "guards(**limits): limits under which the attack fails")
    config.addinivalue_line(
        "markers", "setting(**limits): other limits, and max_descriptors, program or certificate of the server")


def pytest_collection_modifyitems(items):
    if not GUARDS_ARE_OFF:
        return
    for item in items:
        if "hostile" in Path(item.fspath).parts:
            guarded = item.get_closest_marker("guards")
            item.add_marker(pytest.mark.xfail(strict=True, reason="its guards are off") if guarded
                            else pytest.mark.skip(reason="no guard to lift"))


def lifted(name):
    """The value that lifts a limit: for times and reserves none, for the rest the largest there is."""
    return 0 if name.endswith("Seconds") or name.startswith("reserved") else UNLIMITED


@pytest.fixture
def start(tmp_path):
    """Starts servers with limits; each must be alive at the end."""
    targets = []

    def start(limits, **rest):
        targets.append(Target(limits, tmp_path / f"server-{len(targets)}.log", **rest))
        return targets[-1]

    yield start
    ended = [(target.stop(), target.log()[-4_000:]) for target in targets]
    for status, log in ended:
        assert status is None, f"the server ended with {status}:\n{log}"


@pytest.fixture
def target(request, start):
    limits = {}
    for marker in request.node.iter_markers("setting"):
        limits |= marker.kwargs
    for marker in request.node.iter_markers("guards"):
        limits |= {name: lifted(name) for name in marker.kwargs} if GUARDS_ARE_OFF else marker.kwargs
    rest = {name: limits.pop(name) for name in ("max_descriptors", "program", "certificate") if name in limits}
    return start(limits, **rest)
