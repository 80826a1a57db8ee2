"""Runs ``auditor checks new`` and ``auditor checks test``: checks of the operator's own."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from auditor.framework import check as registry
from auditor.framework.check import Check
from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.cli.failures import EXIT_FINDINGS, EXIT_OK
from auditor.service.cli.global_options import read_config
from auditor.service.cli.words import ui
from auditor.service.config import own_checks
from auditor.service.pipeline.own_checks import own_check_cases
from auditor.service.pipeline.own_checks.own_check_template import cases_text, check_text
from auditor.service.store.files import make_folders, write

_ID = re.compile(r"local(\.[a-z][a-z0-9-]{0,60}){2,4}")


def new_check(name: str, folder: Path | None) -> int:
    """Write a working check with its golden cases, and print the next steps."""
    configured = read_config({}).config.checks.folders  # their checks may be missing or fail to load
    if not _ID.fullmatch(name):
        raise OperatorError([problem("'{name}' is not the id of an own check: local.AREA.NAME", name=name)])
    target = folder or (configured[0] if configured else Path("checks"))
    parts = name.replace("-", "_").split(".")[1:]
    path = target.joinpath(*parts).with_suffix(".py")
    texts = {path: check_text(parts[-1]), own_check_cases.cases_of(path): cases_text()}
    for place in texts:
        if place.exists():
            raise OperatorError([problem("is there already and is not replaced", at=str(place))])
    make_folders(path.parent)
    for place, text in texts.items():
        write(place, text.encode())
        print(ui("wrote {path}", path=place))
    if target.resolve() not in {known.resolve() for known in configured}:
        print(ui("To use it, write into auditor.toml: [checks] folders = {folder}", folder=f'["{target.resolve()}"]'))
    print(ui("Its cases are judged by: auditor checks test {folder}", folder=target))
    return EXIT_OK


def judge_cases(folder: Path) -> int:
    """Judge the golden cases of a folder; exit with 3 where findings are not the expected ones."""
    own_checks.load((folder,))
    root, failed, count = folder.resolve(), 0, 0
    for path in own_checks.files_of(root):
        checks = list(_declared(path))
        codes = set[str]()
        for result in own_check_cases.results(path, checks):
            codes |= set(result.codes)
            count += 1
            failed += result.wrong is not None
            _print(result.check, result.about, result.wrong)
        for wrong in own_check_cases.untested(checks, frozenset(codes)):
            failed += 1
            _print(wrong.place, "", wrong)
    print(ui("cases: {count:n}, problems: {failed:n}", count=count, failed=failed))
    return EXIT_FINDINGS if failed else EXIT_OK


def _declared(path: Path) -> Iterator[Check]:
    return (check for check in registry.registered().values() if check.run.__code__.co_filename == str(path))


def _print(check: str, about: str, wrong: OperatorProblem | None) -> None:
    if wrong is None:
        print(f"✔ {check}: {about}")
    else:
        print(f"✘ {check}: {about}", wrong.worded(ui), sep="\n  ", file=sys.stdout)
