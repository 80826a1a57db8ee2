"""Renders all failures and warnings as one table, the gravest first: by check and agency, with the subjects."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from markupsafe import Markup

from auditor.figures.scoring import area_of
from auditor.framework.findings import CheckId, Outcome
from auditor.framework.message_format import clean
from inventory.model import Kind, written
from reports.agency_problems import AgencyProblem, by_place
from reports.formats.html.bilingual_markup import Words, escaped
from reports.formats.html.views import AgencyView
from reports.terminal.layout import SYMBOLS

MOST_ROWS = 2_000
"""Rows of the table; the parts of the agencies have them all."""

_LONGEST_TAG = 60


class ProblemList:
    """The failing checks and the warnings of all agencies. Subjects are linked where they stand: here or elsewhere."""

    def __init__(self, words: Words, agencies: Sequence[AgencyView]) -> None:
        self._words = words
        problems = [
            (problem, agency)
            for agency in agencies
            for listed in (agency.numbers.problems.failing, agency.numbers.problems.warned)
            for problem in listed.values()
        ]
        self._problems = sorted(problems, key=_rank)

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def unlisted(self) -> int:
        return max(0, len(self._problems) - MOST_ROWS)

    @cached_property
    def checks(self) -> list[CheckId]:
        """The checks of the table, to choose from."""
        return sorted({problem.check for problem, _ in self._problems})

    @cached_property
    def kinds(self) -> list[Kind]:
        concerned = {kind for problem, _ in self._problems for kind in problem.kinds}
        return [kind for kind in Kind if kind in concerned]

    @cached_property
    def tags(self) -> list[str]:
        return sorted({_tag(tag) for problem, _ in self._problems for tag in problem.tags})

    def rows(self) -> Iterator[Markup]:
        for problem, agency in self._problems[:MOST_ROWS]:
            yield self._row(problem, agency)

    def _row(self, problem: AgencyProblem, agency: AgencyView) -> Markup:
        words, severity, outcome = self._words, problem.severity, problem.outcome
        name = escaped(agency.name) if agency.name else words.t("no_agency")
        more = " " + words.t("more", n=problem.left_out) if problem.left_out else ""
        title = words.problems(problem.check, problem.codes)
        places = list(dict.fromkeys(self._places(problem, agency)))
        page = agency.href.partition("#")[0]
        return Markup(
            f'<tr data-severity="{severity.value}" data-area="{area_of(problem.check) or "other"}"'
            f' data-agency="{agency.anchor}"{_choices(problem)}>'
            f'<td class="{outcome.value}" data-sort="{severity.rank * 2 + (outcome is Outcome.WARN)}">'
            f'<span aria-hidden="true">{SYMBOLS[outcome]}</span> {words.word("outcome", outcome.value)}'
            f"<br>{words.word('severity', severity.value)}</td>"
            f'<th scope="row"><a href="#c-{escaped(problem.check)}">{title}</a></th>'
            f'<td class="num"><a class="lead" href="{escaped(page)}#s{problem.numbers[0]}">'
            f"{words.number(problem.total)}</a></td>"
            f'<td><a class="lead" href="{escaped(agency.href)}">{name}</a></td>'
            f"<td>{', '.join(places)}{more}</td></tr>\n"
        )

    def _places(self, problem: AgencyProblem, agency: AgencyView) -> Iterator[str]:
        page = agency.href.partition("#")[0]
        for number, findings in by_place(problem):
            addresses = dict.fromkeys(escaped(written(each.address)) for each in findings if each.address is not None)
            address = f' <span class="addr">{" / ".join(addresses)}</span>' if addresses else ""
            subject = escaped(clean(findings[0].subject))
            yield f'<a class="lead" href="{escaped(page)}#s{number}">{subject}</a>{address}'


def _rank(pair: tuple[AgencyProblem, AgencyView]) -> tuple[bool, int, int, int, CheckId]:
    problem, agency = pair
    return problem.outcome is Outcome.WARN, problem.severity.rank, agency.number, -problem.total, problem.check


def _choices(problem: AgencyProblem) -> str:
    """Return the attributes that the page's script filters by; lists have one value a line: tags may hold blanks."""
    lists: dict[str, list[str]] = {
        "outcome": [problem.outcome.value],
        "check": [problem.check],
        "kind": [kind.value for kind in Kind if kind in problem.kinds],
        "family": [str(family) for family in sorted(problem.families)],
        "tag": sorted(_tag(tag) for tag in problem.tags),
    }
    return "".join(f' data-{name}="{escaped(chr(10).join(values))}"' for name, values in lists.items() if values)


def _tag(tag: str) -> str:
    return clean(tag, _LONGEST_TAG)
