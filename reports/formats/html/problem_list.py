"""Renders what fails anywhere as one table, the gravest first: by check and agency, with the subjects concerned."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from auditor.framework.message_format import clean
from inventory.model import written
from reports.agency_problems import AgencyProblem
from reports.formats.html.bilingual_markup import Words, escaped
from reports.formats.html.views import AgencyView
from reports.overview import area_of

MOST_ROWS = 2_000
"""Rows of the table; the parts of the agencies have them all."""


class ProblemList:
    """The failing checks of all agencies. Subjects are linked where they stand: on this page or on their agency's."""

    def __init__(self, words: Words, agencies: Sequence[AgencyView]) -> None:
        self._words = words
        problems = [(problem, agency) for agency in agencies for problem in agency.numbers.problems.failing.values()]
        self._problems = sorted(
            problems, key=lambda pair: (pair[0].severity.rank, pair[1].number, -pair[0].total, pair[0].check)
        )

    def __len__(self) -> int:
        return len(self._problems)

    @property
    def unlisted(self) -> int:
        return max(0, len(self._problems) - MOST_ROWS)

    def rows(self) -> Iterator[Markup]:
        for problem, agency in self._problems[:MOST_ROWS]:
            yield self._row(problem, agency)

    def _row(self, problem: AgencyProblem, agency: AgencyView) -> Markup:
        words, severity = self._words, problem.severity
        name = escaped(agency.name) if agency.name else words.t("no_agency")
        left = problem.total - len(problem.findings)
        more = " " + words.t("more", n=left) if left else ""
        title = words.problems(problem.check, problem.codes)
        places = list(dict.fromkeys(self._places(problem, agency)))
        return Markup(
            f'<tr data-severity="{severity.value}" data-area="{area_of(problem.check) or "other"}"'
            f' data-agency="{agency.anchor}"><td class="fail" data-sort="{severity.rank}">'
            f'<span aria-hidden="true">✘</span> {words.word("severity", severity.value)}</td>'
            f'<th scope="row"><a href="#c-{escaped(problem.check)}">{title}</a></th>'
            f'<td class="num">{words.number(problem.total)}</td>'
            f'<td><a class="lead" href="{escaped(agency.href)}">{name}</a></td>'
            f"<td>{', '.join(places)}{more}</td></tr>\n"
        )

    def _places(self, problem: AgencyProblem, agency: AgencyView) -> Iterator[str]:
        page = agency.href.partition("#")[0]
        for number, finding in zip(problem.numbers, problem.findings, strict=True):
            address = (
                "" if finding.address is None else f' <span class="addr">{escaped(written(finding.address))}</span>'
            )
            yield f'<a class="lead" href="{escaped(page)}#s{number}">{escaped(clean(finding.subject))}</a>{address}'
