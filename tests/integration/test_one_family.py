"""Tests that no zone is reported if Unbound resolves it over only IPv6, for every zone of the rehearsal."""

import json
import sys

from containers.rehearsal.lab import Rehearsal
from tests.support.one_family import ZONES, Row

pytest_plugins = ("tests.support.rehearsal",)


def test_every_zone_is_judged_as_unbound_resolves_it(lab: Rehearsal) -> None:
    ran = lab.run([sys.executable, "-m", "tests.support.one_family", "json"], timeout=600)
    assert ran.returncode == 0, ran.stderr
    found: list[Row] = json.loads(ran.stdout)
    assert [row[0] for row in found] == list(ZONES)
    accused = [row for row in found if row[1] == "fail"]
    assert [row for row in accused if not row[3]] == []
    assert [row for row in accused if row[4]] == []  # a failure over IPv4 too is no fault of IPv6
    assert [row for row in found if not row[3] and not row[4] and row[1] not in ("pass", "warn")] == []
    assert [row for row in found if row[3] and row[1] == "pass"] == []
    assert {row[1] for row in found} >= {"pass", "fail"}
