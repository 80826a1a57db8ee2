"""Every golden file gives exactly its findings, and every code of every check has one.

After an intended change, ``python -m tests.golden.build`` writes the files again; read the difference.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.framework.check import Check, load
from inventory.model import written
from tests.golden.case import HERE, findings, shown, stored_case, verdicts

CHECKS: Mapping[str, Check] = {str(id_): check for id_, check in load().items()}
FILES = sorted(path for path in HERE.glob("*/*.json") if path.parent.name in CHECKS)
CODES = [(id_, code) for id_, check in CHECKS.items() for code in check.messages]
TRAPS = (
    "T1",
    "T2",
    "T3",
    "T4",
    "T5",
    "T6",
    "T7",
    "T8",
    "N1",
    "N2",
    "N3",
    "N4",
    "N5",
    "W1",
    "W2",
    "W3",
    "W4",
    "W5",
    "P1",
    "P2",
    "P2b",
    "P3",
    "P4",
    "P5",
    "L1",
    "L2",
    "L3",
    "L6",
    "M1",
    "M2",
    "M3",
    "M4",
    "M5",
    "D1",
    "D2",
    "D5",
    "D6",
    "D7",
    "D9",
    "D10",
    "D11",
    "D12",
    "D13",
    "D14",
    "D15",
    "D16",
    "D17",
    "D18",
    "D19",
    "D20",
    "S1",
    "S2",
    "R3",
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_findings_are_exactly_these(path: Path) -> None:
    check, case = CHECKS[path.parent.name], stored_case(path)
    assert [shown(finding) for finding in findings(case, check)] == case.findings
    assert path.stem.partition("-")[0] in {finding["code"] for finding in case.findings}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_check_itself_says_so(path: Path) -> None:
    """The judge's gates change nothing, except in the cases that are about them."""
    check, case = CHECKS[path.parent.name], stored_case(path)
    if not case.gated:
        pairs = [
            (verdict.code, None if verdict.address is None else written(verdict.address))
            for verdict in verdicts(case, check)
        ]
        assert pairs == [(finding["code"], finding["address"]) for finding in case.findings]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_whatever_is_said_names_its_evidence(path: Path) -> None:
    """A pass, a warning and a fail rest on evidence of the case; so does every value of the message."""
    case = stored_case(path)
    known = {envelope.id for envelope in case.evidence}
    for finding in case.findings:
        assert set(finding["evidence"]) <= known
        if finding["outcome"] in {"pass", "warn", "fail"}:
            assert finding["evidence"], finding["code"]


@pytest.mark.parametrize(("check", "code"), CODES, ids=lambda value: value)
def test_every_code_has_a_case(check: str, code: str) -> None:
    assert any((HERE / check).glob(f"{code}.json")) or any((HERE / check).glob(f"{code}-*.json"))


@pytest.fixture(scope="module")
def marks() -> list[tuple[str, str]]:
    """Return the trap and the description of each case."""
    return [(case.trap, case.about) for case in map(stored_case, FILES)]


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_has_a_case(trap: str, marks: list[tuple[str, str]]) -> None:
    assert any(named == trap or f"trap {trap}" in about for named, about in marks)


def test_files_are_what_the_builder_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys, dates and names are fixed: building again changes nothing."""
    from tests.golden import build, case

    (tmp_path / "trusted.pem").write_bytes((HERE / "trusted.pem").read_bytes())
    (tmp_path / "declared.pem").write_bytes((HERE / "declared.pem").read_bytes())
    for module in (build, case):
        monkeypatch.setattr(module, "HERE", tmp_path)
    assert build.main() == 0
    built = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {str(path.relative_to(HERE)): path.read_bytes() for path in (*FILES, *HERE.glob("*.pem"))}
    assert built == kept
