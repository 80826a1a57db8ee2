"""Compares our results with testssl.sh at one place of each kind of server and of each planted TLS defect.

It takes about six minutes, so it runs only on request; elsewhere it is reported as not run. sslscan and openssl
measure every place in ``test_province.py``.
"""

import os
import sys

import pytest

from containers.rehearsal.lab import Rehearsal

pytest_plugins = ("tests.support.rehearsal",)
VARIABLE = "AUDITOR_TESTSSL"


@pytest.mark.slow
@pytest.mark.skipif(
    VARIABLE not in os.environ, reason=f"NOT RUN: testssl.sh takes about six minutes; {VARIABLE}=1 runs it"
)
def test_testssl_says_the_same_of_each_kind_of_place(lab: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)  # to the auditor it would be a key of its configuration that does not exist
    completed = lab.run((sys.executable, "-m", "tests.support.testssl_oracle"), timeout=3600)
    assert completed.returncode == 0, completed.stdout + completed.stderr
