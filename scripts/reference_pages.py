"""Writes the generated parts of documents, for ``scripts/reference``. A test compares them with the program."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from auditor.framework import catalogue, policy
from auditor.framework.check import Check, CheckScope
from auditor.framework.findings import TRANSIENT_REASONS, Reason
from auditor.texts.messages_en import FRAMEWORK
from auditor.texts.translate import Texts, code_of
from probes.framework.registry import Probe
from reports.registry import FORMATS
from scripts.api_reference import api_page
from scripts.inventory_reference import inventory_page

ROOT = Path(__file__).parents[1]
CLI, CHECKS, README = ROOT / "docs/reference/cli.md", ROOT / "docs/reference/checks.md", ROOT / "README.md"
COMMANDS = (
    "",
    "check",
    "audit",
    "probe",
    "judge",
    "report",
    "diff",
    "checks",
    "checks list",
    "checks explain",
    "frameworks",
    "frameworks list",
    "frameworks show",
    "declare",
    "declare add",
    "declare list",
    "declare forms",
    "declare import",
    "runs",
    "runs list",
    "runs show",
    "runs seal",
    "runs verify",
    "runs trend",
    "inventory",
    "inventory validate",
    "inventory template",
    "inventory import",
    "inventory export",
    "inventory list",
    "inventory discover",
    "inventory propose",
    "inventory forgotten",
    "doctor",
    "completion",
    "config",
    "config show",
)
NOTE = "<!-- Written by scripts/reference; do not edit. -->"
PER = {"lan": "LAN", "name": "name", "endpoint": "address", "group": "group of addresses"}


def documents() -> Mapping[str, str]:
    """Return every document that is wholly or partly generated, by its path from the root, as it should be."""
    readme = README.read_text(encoding="utf-8")
    readme = _replaced(readme, r"\*\*\d+ checks\*\*", f"**{len(_checks())} checks**")
    readme = _replaced(readme, r"Formats: [^.]*\.", f"Formats: {', '.join(FORMATS)}.")
    return {
        "README.md": readme,
        "docs/reference/checks.md": checks_page(),
        "docs/reference/probes.md": probes_page(),
        "docs/reference/reasons.md": reasons_page(),
        "docs/reference/cli.md": cli_page(),
        "docs/reference/api.md": api_page(),
        "docs/reference/inventory.md": inventory_page(NOTE, _table),
    }


def _replaced(text: str, pattern: str, generated: str) -> str:
    """Replace the one place of a document that matches."""
    if len(re.findall(pattern, text)) != 1:
        raise ValueError(f"README.md needs {pattern!r} once")
    return re.sub(pattern, generated, text)


def checks_table() -> str:
    vi, en = Texts("vi"), Texts("en")
    rows = (
        (f"`{one.id}`", en.title(one.id), vi.title(one.id), *_weight(one), one.unit.value) for one in _checks().values()
    )
    return _table(("id", "title", "tên", "severity", "level", "unit"), rows)


def probes_page() -> str:
    intro = "What measures: each probe is a function of a file in `probes/` and records the observations named here."
    return "\n\n".join([NOTE, "# Probes", intro, probes_table()]) + "\n"


def probes_table() -> str:
    rows = (
        (f"`{one.name}`", one.title, PER[one.shape] + _services(one), ", ".join(f"`{o.KIND}`" for o in one.records))
        for one in catalogue.load().probes.values()
    )
    return _table(("name", "title", "runs once for each", "records"), rows)


def reasons_page() -> str:
    """Explain what *inconclusive* means, then list its reasons."""
    intro = (
        "*Inconclusive* means that the auditor could not tell, never that the target is at fault. A timeout"
        " counts against a target only where the vantage itself was shown, in the same run, to have a"
        " working path of that kind. Every undecided finding carries a reason; it lowers the coverage printed"
        " with each score and not the score. *Not tested* is the same thing from before measuring. The column"
        " *exit* shows which reasons are of the moment."
    )
    return "\n\n".join([NOTE, "# Reasons for inconclusive findings", intro, reasons_table()]) + "\n"


def reasons_table() -> str:
    rows = (
        (f"`{reason.value}`", *FRAMEWORK[code_of(reason)], "4" if reason in TRANSIENT_REASONS else "")
        for reason in Reason
    )
    return _table(("reason", "what it says", "what helps", "exit"), rows)


def checks_page() -> str:
    intro = (
        "What the program can find, as it says it. `auditor checks explain ID` prints one of these, in Vietnamese too."
    )
    return "\n\n".join([NOTE, "# Checks", intro, checks_table(), *map(_section, _checks().values())]) + "\n"


def _section(check: Check) -> str:
    en = Texts("en")
    severity, level = _weight(check)
    facts = [
        ("Vietnamese title", Texts("vi").title(check.id)),
        ("Severity", severity),
        ("Level", level),
        ("One finding for each", check.unit.value),
        ("Applies to", ", ".join(sorted(f"`{kind.value}`" for kind in check.kinds))),
        ("Measured from", ", ".join(sorted(place.value for place in check.vantage))),
        ("Reads", ", ".join(f"`{kind.KIND}`" for kind in check.needs)),
        ("References", "; ".join(check.references)),
    ]
    listed = "\n".join(f"- {name}: {value}" for name, value in facts if value)
    codes = _table(
        ("code", "outcome", "message"),
        ((f"`{code}`", message.outcome.value, f"`{message.text}`") for code, message in check.messages.items()),
    )
    parts = (
        f"## `{check.id}`",
        f"**{en.title(check.id)}.** {en.why(check.id)}",
        f"Fix: {en.fix(check.id)}",
        listed,
        codes,
    )
    return "\n\n".join(parts)


def cli_page() -> str:
    intro = "The commands and their options. Every option that several commands share is also a configuration key."
    return "\n\n".join([NOTE, "# Command line", intro, *(f"```\n{text}\n```" for text in _help())]) + "\n"


@cache
def _help() -> tuple[str, ...]:
    """The help of every command, in English, from a process of its own: help is in one language for a whole process."""
    program = (
        "import sys\nfrom auditor.service.cli.app import app\n"
        "for words in sys.argv[1:]:\n"
        "    app([*words.split(), '--help'], standalone_mode=False, prog_name='auditor')\n"
        "    print('\\f')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *COMMANDS],
        cwd=ROOT,
        env=os.environ | {"AUDITOR_LANG": "en", "COLUMNS": "100", "PYTHONUTF8": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    pages = done.stdout.split("\f\n")[:-1]
    return tuple("\n".join(line.rstrip() for line in page.strip().splitlines()) for page in pages)


def _checks() -> Mapping[str, Check]:
    return {str(name): check for name, check in catalogue.load().checks.items()}


def _weight(check: Check) -> tuple[str, str]:
    if check.scope is not CheckScope.SUBJECT:
        return "", "precondition"
    rules = policy.default()
    severities = {rules.severity(check.id, kind) for kind in check.kinds}
    level, basis = rules.level(check.id)
    star = r"\*" if basis.value == "unverified" else ""
    return " – ".join(one.value for one in sorted(severities, key=lambda one: one.rank)), level.value + star


def _services(probe: Probe) -> str:
    return f" and port of {', '.join(sorted(probe.services))}" if probe.services else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join(_lines(tuple(head), rows))


def _lines(head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def write() -> None:
    CLI.parent.mkdir(parents=True, exist_ok=True)
    for path, text in documents().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
