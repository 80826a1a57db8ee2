"""Turns codes into text in one language; no other module does.

English is written in the code and is the key; Vietnamese is in ``locale/vi``. A missing translation shows in English, a
missing text as its code: rendering never raises because of a text.
"""

import gettext
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.framework.bilingual import Bilingual
from auditor.framework.findings import (
    DEFECTS,
    ROUNDS,
    UNSEEN,
    VENDOR,
    Arg,
    CheckId,
    Finding,
    Level,
    LevelBasis,
    Outcome,
    Outline,
    Reason,
    Severity,
)
from auditor.framework.message_format import day, fill, listing, moment, number, percent
from auditor.texts.messages_en import FRAMEWORK, LIMITS, WORDS

if TYPE_CHECKING:  # every command has texts; most of them need none of these
    from auditor.figures.figure import Figure
    from auditor.framework.check import Check

LANGUAGES = ("vi", "en")

_LOCALE = Path(__file__).resolve().parents[1] / "locale"
_DOMAINS = ("checks", "ui", "reports")
_MOST_PROBLEMS = 2
_FINE = (Outcome.PASS, Outcome.NOT_APPLICABLE)
"""Outcomes that need no remedy."""
_UNPACKING = 2.0  # seconds: an installer writes both files of a pair in one go, in any order


class Texts:
    """Gives every text of the audit in ``lang``, for the findings of ``checks``, by default of all checks.

    Raises ValueError for an unknown language.
    """

    def __init__(self, lang: str, checks: "Mapping[CheckId, Check] | None" = None) -> None:
        if lang not in LANGUAGES:
            raise ValueError(f"no texts in language {lang!r}; there are {', '.join(LANGUAGES)}")
        self.lang = lang
        self._given = checks
        self._translations = translations(lang)
        self._templates: dict[tuple[CheckId, str], str] = {}
        self._found: dict[tuple[str, str], str] = {}  # bounded by the number of texts of the program

    @property
    def checks(self) -> "Mapping[CheckId, Check]":
        if self._given is None:
            from auditor.framework.check import load

            self._given = load()
        return self._given

    def get(self, context: str, english: str) -> str:
        """Return the template of a text, fields not filled in."""
        if isinstance(english, Bilingual):
            return english.vi if self.lang == "vi" else str(english)
        text = self._found.get((context, english))
        if text is None:
            text = self._found[context, english] = self._translations.pgettext(context, english)
        return text

    def say(self, context: str, english: str, /, **args: object) -> str:
        """Return a text of the caller's own with its fields filled in."""
        return fill(self.get(context, english), args, self.lang)

    def message(self, finding: Finding, *, brief: bool = False) -> str:
        """Return the message of a finding; a defect that was seen in only one round says so.

        ``brief``: long lists are cut, for a place that links to the whole message.
        """
        args = self._values(finding) if finding.args else finding.args
        text = fill(self._template(finding.check, finding.code), args, self.lang, whole=not brief)
        return f"{text} {self.word('finding', 'one_round')}" if args.get(ROUNDS) == 1 else text

    def saying(self, check: CheckId, code: str) -> str:
        """Return the message of a code, with an ellipsis for every value."""
        return fill(self._template(check, code), {}, self.lang, missing="…").replace("….", "…")

    def remedy(self, finding: Finding) -> str | None:
        """Return the remedy for a finding; None where there is nothing to do."""
        if finding.outcome in _FINE:  # most are
            return None
        return fill(self.remedy_template(finding), self._values(finding), self.lang, whole=True) or None

    def _values(self, finding: Finding) -> Mapping[str, Arg]:
        """Return the arguments, with words for subjects that the reader may not see."""
        known = self.checks.get(finding.check)
        if known is None or not known.others or known.others.isdisjoint(finding.args):  # true of most checks
            return finding.args
        unseen = self.word("finding", "unseen")
        return {name: _worded(value, unseen) if name in known.others else value for name, value in finding.args.items()}

    def remedy_template(self, finding: Finding) -> str:
        """Return the remedy as a template; it depends only on code, outcome, reason and vendor."""
        text = self._remedy(finding)
        if finding.outcome not in DEFECTS:
            return text
        return " ".join(part for part in (text, self.vendor_fix(finding.check, finding.args.get(VENDOR))) if part)

    def vendor_fix(self, check: CheckId, vendor: object) -> str:
        """Return the remedy on the devices of a vendor; empty where none is known."""
        known = self.checks.get(check)
        english = known.vendor_fixes.get(vendor, "") if known is not None and isinstance(vendor, str) else ""
        return self.get(f"{check}/fix.{vendor}", english) if english else ""

    def _remedy(self, finding: Finding) -> str:
        if finding.outcome in _FINE:
            return ""
        own = self._message_fix(finding.check, finding.code)
        if own is None and finding.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR):
            code = "BUG" if finding.reason is None else code_of(finding.reason)
            own = self.framework_fix(finding.code) or self.framework_fix(code)
        return self.fix(finding.check, finding.code) if own is None else own

    def title(self, check: CheckId) -> str:
        return self._of_check(check, "title") or check

    def problem(self, check: CheckId, code: str) -> str:
        """Return the defect of a failing or warning code as a title; the requirement where none is declared."""
        known = self.checks.get(check)
        own = "" if known is None else known.problems.get(code, "")
        return (
            self.get(f"{check}/{code}.problem", own) if own else self._of_check(check, "problem") or self.title(check)
        )

    def problems(self, check: CheckId, codes: Iterable[str]) -> str:
        """Return the defects of several codes of a check as one title: the first ones that differ."""
        titles = list(dict.fromkeys(self.problem(check, code) for code in codes))
        return "; ".join(titles[:_MOST_PROBLEMS]) + ("; …" if len(titles) > _MOST_PROBLEMS else "")

    def heading(self, finding: Finding | Outline) -> str:
        """Return the title of a finding: the problem where there is a defect, otherwise the requirement."""
        return self.defect(finding) or self.title(finding.check)

    def defect(self, finding: Finding | Outline) -> str:
        """Return the problem that a failing or warning finding states, as a title; empty for any other finding."""
        return self.problem(finding.check, finding.code) if finding.outcome in DEFECTS else ""

    def outlined(self, outline: Finding | Outline) -> str:
        """Return the text of a finding without its values: the problem, else its message with ellipses."""
        return self.defect(outline) or self.saying(outline.check, outline.code)

    def why(self, check: CheckId) -> str:
        return self._of_check(check, "why")

    def fix(self, check: CheckId, code: str | None = None) -> str:
        """Return the remedy of a code, else of the check, else of the framework's own code; fields not filled in."""
        own = None if code is None else self._message_fix(check, code)
        if own is not None:
            return own
        if code is not None and code in FRAMEWORK and not self._declares(check, code):
            return self.framework_fix(code)
        return self._of_check(check, "fix")

    def framework_fix(self, code: str) -> str:
        english = FRAMEWORK.get(code, ("", ""))[1]
        return self.get(f"framework/{code}.fix", english) if english else ""

    def limit(self, code: str, args: Mapping[str, object]) -> str:
        """Return a statement about a limit of the report."""
        english = LIMITS.get(code)
        return code if english is None else fill(self.get(f"limits/{code}", english), args, self.lang)

    def outcome(self, outcome: Outcome) -> str:
        return self.word("outcome", outcome.value)

    def severity(self, severity: Severity) -> str:
        return self.word("severity", severity.value)

    def level(self, level: Level) -> str:
        return self.word("level", level.value)

    def basis(self, basis: LevelBasis) -> str:
        return self.word("basis", basis.value)

    def area(self, area: str) -> str:
        return self.word("area", area)

    def grade(self, grade: str) -> str:
        return self.word("grade", grade)

    def reason(self, reason: Reason) -> str:
        code = code_of(reason)
        return self.get(f"framework/{code}", FRAMEWORK[code][0])

    def word(self, group: str, value: str) -> str:
        """Return the word for one value of an enum: ``word("kind", "zone")``, ``word("failure", "timeout")``."""
        english = WORDS.get(f"{group}/{value}")
        return value if english is None else self.get(f"{group}/{value}", english)

    def detail(self, check: CheckId, said: str | None) -> str:
        """Return the part of a subject that a finding is about: a word in this language, or a name as it is.

        The word is one of the check's own; a name stays as it is even if it is a word of another check. Empty where
        there is no part.
        """
        return self.word(f"detail/{check}", said) if said else ""

    def compliance(self, value: str) -> str:
        return self.word("compliance", value)

    def kpi(self, name: str) -> str:
        return self.word("kpi", name)

    def figure(self, figure: "Figure") -> str:
        """Return a figure with its denominator, the unknown with their reasons, and the numbers beside it."""
        headline, args = _headline(figure), _figure_args(figure)
        why = ", ".join(self.reasons(figure))
        parts = [self._figure_part(headline, **args, reasons=why)]
        if figure.unknown and headline != "none_decided":
            parts.append(self._figure_part("unknown", **args, reasons=why))
        return "; ".join((*parts, *self._beside_figure(figure, args)))

    def figure_in_short(self, figure: "Figure") -> str:
        """Return a figure with its denominator, the number of unknown and the numbers beside it.

        It is for a cell or a letter that gives the reasons elsewhere.
        """
        headline, args = _headline(figure), _figure_args(figure)
        in_short = headline in ("interval", "none_decided") or (headline == "rate" and figure.unknown)
        part = self._figure_part(f"{headline}_in_short" if in_short else headline, **args)
        return "; ".join((part, *self._beside_figure(figure, args)))

    def reasons(self, figure: "Figure") -> Iterator[str]:
        """Yield the number of undecided subjects for each reason, the most first; the sum is the figure's unknown."""
        for reason, n in sorted(figure.reasons.items(), key=lambda reason: (-reason[1], reason[0])):
            yield f"{self.number(n)} {self.word('reason', reason)}"

    def _beside_figure(self, figure: "Figure", args: Mapping[str, object]) -> Iterator[str]:
        if figure.planned:
            yield self._figure_part("planned" if figure.planned_until is None else "planned_until", **args)
        for name in ("exempt", "waived", "backends"):
            if args[name] and figure.of:
                yield self._figure_part(name, **args)
        if figure.median is not None:
            yield self._figure_part("spread", **args)

    def _figure_part(self, name: str, **args: object) -> str:
        return self.say(f"figure/{name}", WORDS[f"figure/{name}"], **args)

    def number(self, value: float) -> str:
        return number(value, self.lang)

    def percent(self, ratio: float) -> str:
        return percent(ratio, self.lang)

    def day(self, when: date) -> str:
        return day(when, self.lang)

    def moment(self, when: datetime) -> str:
        return moment(when, self.lang)

    def listing(self, items: tuple[str, ...]) -> str:
        return listing(items, self.lang)

    def _template(self, check: CheckId, code: str) -> str:
        key = (check, code)
        if key not in self._templates:
            self._templates[key] = self._find_template(check, code)
        return self._templates[key]

    def _find_template(self, check: CheckId, code: str) -> str:
        if self._declares(check, code):
            known = self.checks[check]
            return self.get(known.context(code), known.messages[code].text)
        return self.get(f"framework/{code}", FRAMEWORK[code][0]) if code in FRAMEWORK else code

    def _declares(self, check: CheckId, code: str) -> bool:
        return check in self.checks and code in self.checks[check].messages

    def _message_fix(self, check: CheckId, code: str) -> str | None:
        if not self._declares(check, code):
            return None
        known = self.checks[check]
        english = known.messages[code].fix
        return None if english is None else self.get(f"{known.context(code)}.fix", english)

    def _of_check(self, check: CheckId, part: str) -> str:
        known = self.checks.get(check)
        if known is None:
            return ""
        english = {"title": known.title, "problem": known.problem, "why": known.why, "fix": known.fix}[part]
        return self.get(f"{check}/{part}", english) if english else ""


def _worded(value: Arg, unseen: str) -> Arg:
    if isinstance(value, tuple | list):
        return tuple(unseen if text == UNSEEN else text for text in value)
    return unseen if value == UNSEEN else value


def _figure_args(figure: "Figure") -> dict[str, object]:
    return {
        "met": figure.met,
        "of": figure.of,
        "unknown": figure.unknown,
        "decided": figure.decided,
        "low": figure.low,
        "high": figure.high,
        "share": figure.of_decided,
        "exempt": figure.exempt,
        "waived": figure.waived,
        "planned": figure.planned,
        "until": figure.planned_until,
        "backends": figure.backends,
        "median": figure.median,
        "tenth": figure.tenth,
    }


def _headline(figure: "Figure") -> str:
    """Return the name of the sentence that a figure begins with."""
    if not figure.of:
        return "all_exempt" if figure.exempt else "nothing"
    if figure.value is not None:
        return "value"
    if not figure.decided:
        return "none_decided"
    return "interval" if figure.interval else "rate"


def code_of(reason: Reason) -> str:
    """Return the framework's message code for a reason: ``U-V6`` is ``U_V6``."""
    return reason.value.replace("-", "_")


@cache
def translations(lang: str) -> gettext.NullTranslations:
    """Return all catalogues of a language, chained; English needs none."""
    chain = gettext.NullTranslations()
    for domain in () if lang == "en" else _DOMAINS:
        chain.add_fallback(_catalogue(_LOCALE / lang / "LC_MESSAGES" / f"{domain}.po"))
    return chain


def _catalogue(po: Path) -> gettext.NullTranslations:
    mo = po.with_suffix(".mo")
    if mo.exists() and not (
        po.exists() and po.stat().st_mtime > mo.stat().st_mtime + _UNPACKING and find_spec("babel")
    ):
        with mo.open("rb") as compiled:
            return gettext.GNUTranslations(compiled)
    return _compiled(po) if po.exists() else gettext.NullTranslations()


def _compiled(po: Path) -> gettext.NullTranslations:
    """Compile a catalogue in memory that changed since it was compiled, as in a checkout; write nothing."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with po.open("rb") as source:
        write_mo(compiled, read_po(source, locale=po.parent.parent.name, domain=po.stem))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
