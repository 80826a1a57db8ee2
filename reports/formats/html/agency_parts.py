"""Builds the top of an agency's part of the page as markup without a template: its problems and its devices.

The rule is that of ``finding_parts``: only finished parts become Markup; everything else goes through ``escaped``.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from auditor.facts.device.description import DeviceFacts
from auditor.figures.held_states import DefectAge
from auditor.framework.findings import Finding, FindingId, Outcome
from auditor.framework.message_format import clean
from inventory.model import ExpectedState, Subject, written
from reports.agency_problems import AgencyProblem, by_place
from reports.formats.html.bilingual_markup import Fixed, Words, escaped
from reports.overview import AgencyNumbers
from reports.shown_results import INCONCLUSIVE, NOT_TESTED

_MOST_ADDRESSES = 32
_LONGEST_SOFTWARE = 80
_NOTHING = "–"


class AgencyParts:
    """Parts in both languages. ``lives``: since when each defect is there."""

    def __init__(self, words: Words, lives: Mapping[FindingId, DefectAge]) -> None:
        self._words, self._ui, self._lives = words, Fixed(words), lives

    def sentence(self, numbers: AgencyNumbers) -> Markup:
        """Return the agency's situation in plain words, with its promises about IPv6 and its contact."""
        agency_problems = numbers.problems
        results = numbers.results
        markup = self._words.t(
            "agency_sentence",
            subjects=numbers.systems,
            failing=agency_problems.failing_subjects,
            warnings=results[Outcome.WARN.value],
            undecided=results[INCONCLUSIVE] + results[Outcome.ERROR.value],
            untested=results[NOT_TESTED],
            waived=agency_problems.waived,
        )
        parts = [f"<p>{markup} {self._services(numbers)}</p>\n"]
        promised = [self._promised(numbers, state) for state in (ExpectedState.PLANNED, ExpectedState.EXEMPT)]
        parts += [f'<p class="note">{text}</p>\n' for text in promised if text]
        if numbers.contacts:
            contacts = ", ".join(escaped(clean(contact)) for contact in numbers.contacts)
            parts.append(f"<p><b>{self._ui.contact}:</b> {contacts}</p>\n")
        return Markup("".join(parts))

    def _services(self, numbers: AgencyNumbers) -> str:
        """``9 of 12 services and devices work over IPv6``, where there are any."""
        ratio = numbers.ipv6
        return f"{self._ui.works_over_ipv6}: {self._words.ratio(ratio)}." if ratio.of else ""

    def _promised(self, numbers: AgencyNumbers, state: ExpectedState) -> str:
        count = numbers.expected[state]
        key = "planned_subjects" if state is ExpectedState.PLANNED else "exempt_subjects"
        return self._words.t(key, n=count) if count else ""

    def problems(self, numbers: AgencyNumbers, *, whole: bool) -> Markup:
        """Failing findings grouped by check, the gravest first; with ``whole`` also why they matter."""
        return Markup(
            "".join([self._problem(agency_problem, whole=whole) for agency_problem in numbers.problems.ranked()])
        )

    def warnings(self, numbers: AgencyNumbers) -> Markup:
        """Warnings in the same form."""
        return Markup("".join([self._problem(problem, whole=False) for problem in numbers.problems.ranked_warnings()]))

    def _problem(self, problem: AgencyProblem, *, whole: bool) -> str:
        words, ui = self._words, self._ui
        remedies = dict.fromkeys(filter(None, map(words.remedy, problem.findings)))
        more = problem.left_out
        check = escaped(problem.check)
        parts = [
            f'<div class="problem"><h5>{words.word("severity", problem.severity.value)} · ',
            f'<a href="#c-{check}" data-check="{check}">{words.problems(problem.check, problem.codes)}</a> ',
            f"({words.number(problem.systems)})</h5>\n",
            f'<p class="meta">{ui.column_title}: {words.title(problem.check)}</p>\n',
            f'<p class="why"><b>{ui.why}:</b> {words.why(problem.check)}</p>\n' if whole else "",
            *(f"<p><b>{ui.remedy}:</b> {remedy}</p>\n" for remedy in remedies),
            "<ul>\n",
            *(self._place(number, findings) for number, findings in by_place(problem)),
            f"<li>{words.t('more', n=more)}</li>\n" if more else "",
            "</ul></div>\n",
        ]
        return "".join(parts)

    def _place(self, number: int, findings: Sequence[Finding]) -> str:
        finding = findings[0]
        written_ones = dict.fromkeys(escaped(written(each.address)) for each in findings if each.address is not None)
        address = f' <span class="addr">{" / ".join(written_ones)}</span>' if written_ones else ""
        detail = f" {self._words.detail(finding.check, finding.detail)}" if finding.detail else ""
        life = self._lives.get(finding.id)
        first = (
            ""
            if life is None or life.rounds < 2
            else f' <span class="note">{self._words.t("first_seen", day=life.first)}</span>'
        )
        return f'<li><a href="#s{number}">{escaped(clean(finding.subject))}</a>{address}{detail}{first}</li>\n'

    def devices(self, numbers: AgencyNumbers) -> Markup:
        """Return a table of the agency's devices by their own statements; empty if it has none."""
        if not numbers.devices:
            return Markup("")
        ui = self._ui
        names = (
            ui.device,
            ui.device_model,
            ui.device_software,
            ui.device_addresses,
            ui.device_forwarding,
            ui.device_announcing,
            ui.device_access,
        )
        heads = "".join(f'<th scope="col">{name}</th>' for name in names)
        rows = "".join([self._device(*device) for device in numbers.devices])
        more = numbers.unlisted_devices
        return Markup(
            f'<h4>{ui.devices_of}</h4>\n<div class="scroll" tabindex="0">\n<table class="wide devices">'
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table>\n</div>\n"
            + (f"<p>{self._words.t('more', n=more)}</p>\n" if more else "")
        )

    def _device(self, number: int, subject: Subject, facts: DeviceFacts | None) -> str:
        kind = self._words.word("kind", subject.kind.value)
        head = f'<tr><th scope="row"><a href="#s{number}">{escaped(clean(subject.id))}</a><br>{kind}</th>'
        if facts is None:
            declared = escaped(clean(subject.declared.device)) or _NOTHING
            return f'{head}<td>{declared}</td><td colspan="5">{self._ui.device_silent}</td></tr>\n'
        shown = [written(address) for address in facts.addresses[:_MOST_ADDRESSES]]
        more = len(facts.addresses) - len(shown)
        cells = (
            escaped(clean(facts.model)) or _NOTHING,
            escaped(clean(facts.software, _LONGEST_SOFTWARE)) or _NOTHING,
            f'<span class="addr">{"<br>".join(shown)}</span>{f" (+{more})" if more else ""}' if shown else _NOTHING,
            self._yes(facts.forwarding),
            self._announcing(facts),
            escaped(clean(facts.access)),
        )
        return head + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>\n"

    def _yes(self, value: bool | None) -> str:
        return self._ui.not_shown if value is None else self._ui.yes if value else self._ui.no

    def _announcing(self, facts: DeviceFacts) -> str:
        if facts.announcing is None:
            return self._ui.not_shown
        return escaped(clean(", ".join(facts.announcing))) or self._ui.no
