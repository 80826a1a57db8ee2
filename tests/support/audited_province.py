"""Provides one audit of the whole province as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.audited_province",)`; one audit serves the whole run.
"""

import time

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support.province_audit import Audited, audit_province

pytest_plugins = ("tests.support.rehearsal",)

GROWN = 30.0
"""Seconds since a rehearsal began: the counters of agents that have just started are compared with nothing."""


@pytest.fixture(scope="session")
def province(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """Audit the province over a network without faults and return the audit."""
    lab.settle()
    time.sleep(max(0.0, GROWN - (time.time() - (lab.dir / "expected.json").stat().st_mtime)))
    done = audit_province(lab, tmp_path_factory.mktemp("province") / "first")
    print(f"one audit of the province: {done.said.seconds:.1f} s")
    return done
