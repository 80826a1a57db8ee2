"""Selects problems by the fields in a page's address, so that a selection can be kept as a bookmark."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from urllib.parse import urlencode

from auditor.framework.findings import CheckId, Outcome, Reason
from auditor.service.store.sql.judgements.defect_rows import FindingKind
from auditor.service.web.problems.lists import UnmetRequirement
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from inventory.organisation import Organisation
from inventory.word_matching import fold

LONGEST = 100
"""The most characters of one field."""
NO_AGENCY = "-"
NO_ADDRESS = "none"
MEASURED, UNTESTED = "measured", "untested"
"""Stand for the reasons of results that were measured but decided nothing, and of results that were not tested."""
_Test = Callable[[UnmetRequirement], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFilter:
    """Holds the fields of a selection as they are written in an address; an empty field restricts nothing.

    ``agency`` includes the units below it unless ``own`` is set. ``check`` is an id or a prefix of ids. ``text`` is
    searched for in the problem, the subject, its agency and the address. ``state``, the remediation state, is unknown
    to a problem and is left to the caller.
    """

    outcome: str = ""
    severity: str = ""
    level: str = ""
    waived: str = ""
    agency: str = ""
    own: str = ""
    check: str = ""
    subject: str = ""
    kind: str = ""
    family: str = ""
    tag: str = ""
    reason: str = ""
    state: str = ""
    text: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "ProblemFilter":
        """Read the fields of an address; others are ignored."""
        return cls(**{name: query.get(name, "").strip()[:LONGEST] for name in _FIELDS})

    @property
    def query(self) -> str:
        """The fields that restrict anything, as part of an address."""
        return urlencode({name: value for name in _FIELDS if (value := getattr(self, name))})

    @property
    def undecided(self) -> bool:
        """True if the selection asks for undecided results, which are no problems of a subject."""
        return self.outcome == Outcome.INCONCLUSIVE.value


_FIELDS = tuple(field.name for field in fields(ProblemFilter))


def counted(problem: UnmetRequirement, wanted: ProblemFilter) -> int:
    """Count the findings of a selected problem that have the requested outcome and reason."""
    if not wanted.outcome and not wanted.reason:
        return len(problem.rows)
    return sum(
        wanted.outcome in ("", row.kind.outcome.value) and (not wanted.reason or wanted.reason in _reasons(row.kind))
        for row in problem.rows
    )


def chosen(
    problems: Iterable[UnmetRequirement], wanted: ProblemFilter, organisation: Organisation, languages: Sequence[Texts]
) -> list[UnmetRequirement]:
    """Return the problems that a selection asks for, in their order."""
    left = problems
    for test in _tests(wanted, organisation, languages):
        left = filter(test, left)
    return list(left)


def _tests(wanted: ProblemFilter, organisation: Organisation, languages: Sequence[Texts]) -> Iterable[_Test]:
    """Yield the tests, those that leave few problems first: a list has a hundred thousand."""
    if wanted.agency:
        agencies = _agencies(wanted, organisation)
        yield lambda problem: problem.line.agency in agencies
    for name, test_for in _TESTS.items():
        if asked := getattr(wanted, name):
            yield test_for(asked)
    if wanted.check:
        yield _checked(f"{wanted.check.rstrip('.*')}.")
    if phrase := fold(wanted.text):
        yield _naming(phrase, organisation, languages)


def _reasons(kind: FindingKind) -> Collection[str]:
    by_evidence = MEASURED if kind.tested else UNTESTED
    return (by_evidence,) if kind.reason is None else (kind.reason.value, by_evidence)


def _checked(start: str) -> _Test:
    @cache
    def is_asked(check: CheckId) -> bool:
        return f"{check}.".startswith(start)

    return lambda problem: is_asked(problem.rows[0].kind.check)


def _of_outcome(asked: str) -> _Test:
    wanted = next((outcome for outcome in Outcome if outcome.value == asked), None)

    def has(problem: UnmetRequirement) -> bool:
        for row in problem.rows:  # noqa: SIM110  # any() takes twice as long
            if row.kind.outcome is wanted:
                return True
        return False

    return has


_TESTS: Mapping[str, Callable[[str], _Test]] = {
    "subject": lambda asked: lambda problem: problem.line.id == asked,
    "kind": lambda asked: lambda problem: problem.line.kind == asked,
    "tag": lambda asked: lambda problem: asked in problem.line.tags,
    "outcome": _of_outcome,
    "severity": lambda asked: lambda problem: problem.severity == asked,
    "level": lambda asked: lambda problem: problem.rows[0].kind.level == asked,
    "waived": lambda asked: lambda problem: asked == ("yes" if problem.waived else "no"),
    "family": lambda asked: lambda problem: asked in (map(str, problem.families) if problem.families else [NO_ADDRESS]),
    "reason": lambda asked: lambda problem: any(asked in _reasons(row.kind) for row in problem.rows),
}
"""Make, for each field, a test whether a problem has the requested value."""


def _agencies(wanted: ProblemFilter, organisation: Organisation) -> frozenset[AgencyId | None]:
    if wanted.agency == NO_AGENCY:
        return frozenset({None})
    code = AgencyId(wanted.agency)
    if wanted.own or organisation.unit(code) is None:
        return frozenset({code})
    return frozenset(unit.code for unit in organisation.walk(code))


def _naming(phrase: str, organisation: Organisation, languages: Sequence[Texts]) -> Callable[[UnmetRequirement], bool]:
    """Make a test whether each word is in the texts of a problem, in any language."""

    @cache
    def of_check(check: CheckId, code: str) -> bool:
        titles = (title for text in languages for title in (text.title(check), text.problem(check, code)))
        return _says(phrase, check, code, *titles)

    @cache
    def of_agency(agency: AgencyId | None) -> bool:
        unit = organisation.unit(agency)
        return _says(phrase, agency, None if unit is None else unit.name)

    def names(problem: UnmetRequirement) -> bool:
        line = problem.line
        return (
            of_agency(line.agency)
            or any(of_check(problem.check, row.kind.code) for row in problem.rows)
            or _says(phrase, line.id, line.host, line.name, *line.tags)
            or any(_says(phrase, row.address, row.detail) for row in problem.rows)
        )

    return names


def _says(phrase: str, *texts: str | None) -> bool:
    return any(phrase in fold(text) for text in texts if text)


AUTHORISATION = ProblemFilter(outcome=Outcome.INCONCLUSIVE.value, reason=Reason.SCOPE.value)
"""Selects the results that need the owner's authorisation."""
