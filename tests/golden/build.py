"""Writes the golden files: ``python -m tests.golden.build``. Refuses a case whose findings are not the expected ones.

The cases are in ``cases_*.py``, a few lines each. The files hold the input of checks, wire bytes and certificates
included, and the expected output, as far as it differs from the entries of ``contexts.json`` (see ``documents``). A
file that no case makes any more is removed.
"""

from importlib import import_module

from auditor.framework.check import load
from tests.golden import documents, lab
from tests.golden.case import HERE, Case, dump

MODULES = sorted(path.stem for path in HERE.glob("cases_*.py"))


def all_cases() -> list[Case]:
    return [case for module in MODULES for case in import_module(f"tests.golden.{module}").cases()]


def main() -> int:
    (HERE / "trusted.pem").write_text(lab.TRUSTED, "ascii")
    (HERE / "declared.pem").write_text(lab.DECLARED, "ascii")
    known, wrong, written = {str(id_): check for id_, check in load().items()}, [], set()
    for case in all_cases():
        document = dump(case, known)
        got = tuple((one["code"], one["address"] or one["detail"]) for one in document["findings"])
        if sorted(map(str, got)) != sorted(map(str, case.expect)):
            wrong.append(f"{case.path.relative_to(HERE)}: expected {case.expect}, got {got}")
        if case.path in written:
            wrong.append(f"{case.path.relative_to(HERE)}: two cases of one name")
        case.path.parent.mkdir(exist_ok=True)
        documents.write(case.path, document)
        written.add(case.path)
    for path in HERE.glob("*/*.json"):
        if path not in written and "." in path.parent.name:
            path.unlink()
    print("\n".join(wrong) or f"{len(written)} cases")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
