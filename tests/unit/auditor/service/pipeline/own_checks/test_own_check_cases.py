"""Tests that golden cases of an operator's checks are judged as in a run, and that differences are shown."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.framework import check
from auditor.framework.check import Check
from auditor.framework.findings import CheckId
from auditor.service.config import own_checks
from auditor.service.pipeline.own_checks.own_check_cases import CaseResult, cases_of, results, untested
from auditor.service.pipeline.own_checks.own_check_template import cases_text
from tests.support.own_checks import ID, forgotten, written


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    check.load()
    with forgotten():
        yield written(tmp_path)


def judged(path: Path, **changes: Any) -> list[CaseResult]:
    """Judge the first case of the template, with changes to it."""
    first = json.loads(cases_text())["cases"][0] | changes
    cases_of(path).write_text(json.dumps({"cases": [first]}), "utf-8")
    return list(results(path, [declared(path)]))


def declared(path: Path) -> Check:
    own_checks.load([path.parents[1]])
    return check.registered()[CheckId(ID)]


def test_results_of_the_template_are_as_expected(path: Path) -> None:
    made = list(results(path, [declared(path)]))
    assert [(result.wrong, result.codes) for result in made] == [
        (None, ("HIDDEN",)),
        (None, ("TOLD",)),
        (None, ("HIDDEN",)),
        (None, ("U_CUT",)),
    ]
    assert list(untested([declared(path)], frozenset({"HIDDEN", "TOLD"}))) == []


def test_results_of_another_finding_show_both(path: Path) -> None:
    (result,) = judged(path, expect=[{"code": "TOLD"}])
    assert result.wrong is not None
    assert str(result.wrong).startswith(
        f'{cases_of(path)}: 1: expected [{{"code": "TOLD"}}], found [{{"code": "HIDDEN"'
    )


def test_results_of_one_finding_too_many_differ(path: Path) -> None:
    (result,) = judged(path, expect=[])
    assert result.wrong is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": [{"steps": [{"kind": "no-such-kind", "v": 1}]}]},
        {"evidence": ["x"]},
        {"evidence": None},
        {"kind": "no-such-kind"},
        {"target": "http://"},
        {"expect": [{"verdict": "HIDDEN"}]},
        {"unknown": 1},
    ],
    ids=str,
)
def test_results_of_an_unreadable_case_name_it(path: Path, changes: dict[str, Any]) -> None:
    (result,) = judged(path, **changes)
    assert str(result.wrong).startswith(f"{cases_of(path)}: 1: ")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cases": []}', "[" * 100_000])
def test_results_of_a_file_without_cases_say_so(path: Path, text: str) -> None:
    cases_of(path).write_text(text, "utf-8")
    (result,) = results(path, [declared(path)])
    assert str(result.wrong) == f"{cases_of(path)}: is not a JSON object with a list of cases"


def test_results_without_a_file_of_cases_say_so(path: Path) -> None:
    cases_of(path).unlink()
    (result,) = results(path, [declared(path)])
    assert str(result.wrong) == f"{cases_of(path)}: there is no such file"


def test_results_of_a_check_that_raises_show_the_error(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace("told = next", "told = 1 // 0 or next"), "utf-8")
    (result,) = judged(path)
    assert str(result.wrong) == f"{ID}: the check failed: ZeroDivisionError: integer division or modulo by zero"


def test_untested_names_codes_without_a_case_and_texts_in_one_language(path: Path) -> None:
    text = path.read_text("utf-8").replace(', vi="{address} cho biết đang chạy {server}.")', ', vi="x") + ""')
    path.write_text(text, "utf-8")
    assert [str(wrong) for wrong in untested([declared(path)], frozenset({"HIDDEN"}))] == [
        f"{ID}: no case shows TOLD",
        f"{ID}: TOLD is in English only: write Bilingual(…, vi=…)",
    ]
