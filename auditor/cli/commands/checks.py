"""``auditor checks list`` and ``auditor checks explain``."""

from collections.abc import Sequence

from auditor import catalogue, policy
from auditor.check import Check, Scope
from auditor.cli.state import load_config
from auditor.cli.words import language, ui
from auditor.texts import Texts


def list_checks(only: Sequence[str], *, ids: bool) -> int:
    """One line for each check: id, severity, level, title."""
    load_config({})
    known = catalogue.load()
    chosen = {check.id for check in known.select(only, ())} if only else set(known.checks)
    texts, rules = Texts(language()), policy.default()
    for check in known.checks.values():
        if check.id in chosen or (check.scope is Scope.VANTAGE and not only):
            line = check.id if ids else _line(check, texts, rules)
            print(line)
    return 0


def _line(check: Check, texts: Texts, rules: policy.Policy) -> str:
    level, _ = rules.level(check.id)
    severity = texts.severity(rules.severity(check.id, sorted(check.kinds)[0]))
    return f"{check.id:32} {severity:14} {texts.level(level):14} {texts.title(check.id)}"


def explain(name: str) -> int:
    """Everything there is to say about one check."""
    load_config({})
    check = catalogue.load().find(name)
    texts, rules = Texts(language()), policy.default()
    level, basis = rules.level(check.id)
    print(f"{check.id}  {texts.title(check.id)}\n")
    print(f"{texts.why(check.id)}\n")
    rows = (
        (ui("Severity"), texts.severity(rules.severity(check.id, sorted(check.kinds)[0]))),
        (ui("Level"), f"{texts.level(level)} ({texts.basis(basis)})"),
        (ui("Applies to"), texts.listing(tuple(texts.word("kind", kind.value) for kind in sorted(check.kinds)))),
        (ui("Measured from"), ", ".join(sorted(place.value for place in check.vantage))),
        (ui("Evidence"), ", ".join(kind.KIND for kind in check.needs)),
        (ui("References"), "; ".join(check.references)),
    )
    for label, value in rows:
        print(f"{label}: {value}")
    print(f"\n{ui('Fix')}: {texts.fix(check.id)}\n\n{ui('What it can say')}:")
    for code, message in check.messages.items():
        print(f"  {code:24} {texts.outcome(message.outcome):22} {texts.get(f'{check.id}/{code}', message.text)}")
    return 0
