"""Provides one audit of all hostile peers as a fixture.

A test module that wants it says `pytest_plugins = ("tests.support.audited_hostile",)`; one audit serves the whole run.
"""

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support.hostile_audit import Outcome, audit_everybody

pytest_plugins = ("tests.support.rehearsal",)


@pytest.fixture(scope="session")
def hostile_audit(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Audit the honest and hostile peers once and return the outcome."""
    return audit_everybody(lab, tmp_path_factory.mktemp("hostile"))
