"""Every known false result of other tools (CHECKS §6) has a test: a golden case, or one named here."""

import re

import pytest

from auditor.framework import catalogue
from tests.architecture.tree import ROOT
from tests.golden.documents import read
from tests.golden.test_golden import TRAPS as IN_CASES

EVERY = {
    *(f"T{n}" for n in range(1, 9)),
    "T6b",
    *(f"N{n}" for n in range(1, 6)),
    *(f"W{n}" for n in range(1, 7)),
    *(f"P{n}" for n in range(1, 6)),
    "P2b",
    *(f"L{n}" for n in range(1, 7)),
    *(f"M{n}" for n in range(1, 6)),
    *(f"D{n}" for n in range(1, 21)),
    *(f"S{n}" for n in range(1, 5)),
    *(f"R{n}" for n in range(1, 8)),
}
HERE = "tests/architecture/test_traps.py::"
ELSEWHERE = {
    "T6b": HERE + "test_what_is_not_known_says_why",
    "W6": "tests/unit/auditor/figures/test_rollup.py::test_distinct_addresses_stand_beside_the_names",
    "L4": HERE + "test_no_check_asks_for_stapling_that_was_not_promised",
    "L5": "tests/unit/probes/net/tls/test_enumeration.py::test_early_data_is_sent_to_no_mail_host",
    "D3": "tests/fuzz/test_wire_snmp.py::test_reading_never_raises",
    "D4": "tests/unit/inventory/test_cells.py::test_ipv6_column",
    "D8": "tests/golden/cases_tslcd.py::capacity",
    "S3": "tests/integration/test_snmp_engine.py::test_the_usual_communities_wait_until_a_device_is_read",
    "S4": "tests/integration/test_snmp_engine.py::test_who_has_not_proved_itself_is_told_no_community_of_ours",
    "R1": "tests/unit/auditor/figures/test_rollup.py::test_the_denominator_is_every_commune_in_force",
    "R2": "tests/unit/auditor/figures/test_scoring.py::test_score_equals_one_computed_by_hand",
    "R4": "tests/unit/across_modules/test_spreadsheet.py::test_both_readings_of_the_circular_are_those_of_the_table",
    "R5": "tests/unit/auditor/texts/test_translate.py::test_percentages_are_never_rounded_up",
    "R6": "tests/unit/auditor/figures/test_compliance.py::test_the_plan_asks_for_all_communes",
    "R7": "tests/unit/reports/formats/test_json.py::test_the_statutory_limit_always_stands_once",
}


def test_no_trap_is_forgotten_nor_counted_twice() -> None:
    assert {*IN_CASES, *ELSEWHERE} == EVERY
    assert not set(IN_CASES) & ELSEWHERE.keys()


@pytest.mark.parametrize("trap", ELSEWHERE)
def test_what_is_named_is_there(trap: str) -> None:
    path, _, name = ELSEWHERE[trap].partition("::")
    assert re.search(rf"^ *(async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), ELSEWHERE[trap]


def test_what_is_not_known_says_why() -> None:
    """ "Not tested" and "not testable from here" never share a label: each has its reason."""
    for path in sorted((ROOT / "tests" / "golden").glob("*.*.*/*.json")):
        for one in read(path)["findings"]:
            assert (one["reason"] is not None) == (one["outcome"] == "inconclusive"), path.name


def test_no_check_asks_for_stapling_that_was_not_promised() -> None:
    """Authorities have stopped answering by OCSP, so a server with nothing to staple has no defect."""
    promised = "security.tls.revocation"
    for id_, check in catalogue.load().checks.items():
        told = " ".join((id_, check.title, *check.messages, *check.references)).lower()
        assert "ocsp" not in told or id_ == promised, id_
    case = read(ROOT / "tests" / "golden" / promised / "NOTHING_PROMISED-not-stapled.json")
    assert "not_applicable" in {one["outcome"] for one in case["findings"]}
