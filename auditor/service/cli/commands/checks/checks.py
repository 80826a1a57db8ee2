"""Runs ``auditor checks list`` and ``auditor checks explain``."""

from collections.abc import Iterator, Sequence

from auditor.framework import catalogue, policy
from auditor.framework.check import Check, CheckScope
from auditor.framework.findings import CheckId
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.output import terminal_width
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks
from auditor.texts.translate import Texts
from reports.json_data import Plain
from reports.terminal.layout import fold

_INDENT = 6
"""Columns by which the later lines of a message or of a manufacturer's commands are indented."""


def list_checks(only: Sequence[str], *, ids: bool, form: str) -> int:
    """Print one line for each check: id, severity, level, title."""
    as_json = wants_json(form)
    load_config({})
    known = catalogue.load()
    chosen = {check.id for check in known.select(only, ())} if only else set(known.checks)
    texts, rules = Texts(language()), policy.default()
    listed = [
        check
        for check in known.checks.values()
        if check.id in chosen or (check.scope is not CheckScope.SUBJECT and not only)
    ]
    if as_json:
        print_json([_data(check, rules) for check in listed])
        return 0
    for check in listed:
        print(check.id if ids else _line(check, texts, rules))
    return 0


def _data(check: Check, rules: policy.Policy) -> dict[str, Plain]:
    """Return a check as data: titles in both languages, the severity for each kind, null for a precondition."""
    judged = check.scope is CheckScope.SUBJECT
    severities = {kind.value: rules.severity(check.id, kind).value for kind in sorted(check.kinds)}
    return {
        "id": check.id,
        "version": check.version,
        "title": {lang: Texts(lang).title(check.id) for lang in ("vi", "en")},
        "severity": severities if judged else None,
        "level": rules.level(check.id)[0].value if judged else None,
        "kinds": [kind.value for kind in sorted(check.kinds)],
        "references": list(check.references),
    }


def _asked_by(check: CheckId, config: Config, known: catalogue.Catalogue) -> Iterator[str]:
    """Yield the requirements of the chosen frameworks that name a check."""
    for framework in chosen_frameworks(config.frameworks, known):
        yield from (
            f"{framework.id} {requirement.id}" for requirement in framework.requirements if requirement.names(check)
        )


def _line(check: Check, texts: Texts, rules: policy.Policy) -> str:
    severity, level = _weight(check, texts, rules)
    return f"{check.id:32} {severity:14} {level:14} {texts.title(check.id)}"


def _weight(check: Check, texts: Texts, rules: policy.Policy) -> tuple[str, str]:
    """Return the severity and the level in words; a check of the vantage has neither."""
    if check.scope is not CheckScope.SUBJECT:
        return "–", ui("precondition")
    severity = texts.severity(rules.severity(check.id, sorted(check.kinds)[0]))
    return severity, texts.level(rules.level(check.id)[0])


def explain(name: str) -> int:
    """Print the full explanation of one check, folded at the width of the terminal."""
    width = terminal_width()
    for line in _explanation(name):
        for folded in fold(line, width, _INDENT if line.startswith("  ") else 0):
            print(folded)
    return 0


def _explanation(name: str) -> Iterator[str]:
    config, known = load_config({}).config, catalogue.load()
    check = known.find(name)
    texts, rules = Texts(language()), policy.default()
    severity, level = _weight(check, texts, rules)
    if check.scope is CheckScope.SUBJECT:
        level += f" ({texts.basis(rules.level(check.id)[1])})"
    yield f"{check.id}  {texts.title(check.id)}"
    yield from ("", texts.why(check.id), "")
    rows = (
        (ui("Severity"), severity),
        (ui("Level"), level),
        (ui("Applies to"), texts.listing(tuple(texts.word("kind", kind.value) for kind in sorted(check.kinds)))),
        (ui("Measured from"), ", ".join(sorted(place.value for place in check.vantage))),
        (ui("Evidence"), ", ".join(kind.KIND for kind in check.needs)),
        (ui("References"), "; ".join(check.references)),
        (ui("Asked for by"), ", ".join(_asked_by(check.id, config, known))),
    )
    for label, value in rows:
        if value:
            yield f"{label}: {value}"
    yield from ("", f"{ui('Fix')}: {texts.fix(check.id)}")
    for vendor in check.vendor_fixes:
        yield f"  {texts.vendor_fix(check.id, vendor)}"
    yield from ("", f"{ui('What it can say')}:")
    width = max(24, *map(len, check.messages))
    for code, message in check.messages.items():
        yield f"  {code:{width}} {texts.outcome(message.outcome):22} {texts.get(check.context(code), message.text)}"
