"""Builds the page's repeated parts as markup without a template: findings, scores, evidence.

A province has a hundred thousand findings and most have one of a few hundred texts: what can occur twice is cached.

Rule of this module: only finished parts become Markup; everything else goes through ``escape`` or ``escaped``.
"""

from collections.abc import Container, Iterable, Sequence, Set
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup, escape

from auditor.figures.held_states import DefectAge
from auditor.figures.scoring import Ladder, Score, area_of
from auditor.framework.findings import DEFECTS, CheckId, Finding, Level, LevelBasis, Outcome, Severity
from auditor.framework.message_format import clean
from inventory.model import Expectation, IPAddress, written
from probes.framework.evidence import Evidence
from reports import json_data
from reports.earlier_runs import LETTERS
from reports.formats.html.bilingual_markup import Fixed, Words, escaped
from reports.joined import JoinedFinding
from reports.terminal.layout import SYMBOLS

_KEPT = 16_384
_OUTCOMES = {letter: outcome for outcome, letter in LETTERS.items()}


class Fragments:
    """Builds the parts of findings in both languages and caches them."""

    def __init__(self, words: Words, rounds: Sequence[datetime] = ()) -> None:
        self._words, self._rounds = words, rounds
        self._ui = self.ui = Fixed(words)
        self.score = lru_cache(maxsize=_KEPT)(self._score)
        self.brief = lru_cache(maxsize=_KEPT)(self._brief)
        self._head = lru_cache(maxsize=_KEPT)(self._make_head)
        self._requirement = lru_cache(maxsize=_KEPT)(self._make_requirement)
        self._meta = lru_cache(maxsize=_KEPT)(self._make_meta)
        self._marks = lru_cache(maxsize=_KEPT)(_marks)
        self._begun = lru_cache(maxsize=_KEPT)(self._begin)
        self.expected = lru_cache(maxsize=_KEPT)(self._expected)
        self.strip = lru_cache(maxsize=_KEPT)(self._strip)
        self.scores_head = self._scores_head()
        self._moment = lru_cache(maxsize=_KEPT)(words.moment)

    def _expected(self, expectation: Expectation, day: date) -> Markup:
        """Return the owner's promise about IPv6 as of ``day``."""
        key = f"expected_{expectation.in_force(day).value}"
        due = expectation.due or day
        return self._words.t(key, due=due, reason=expectation.reason, signatory=expectation.signatory)

    def _scores_head(self) -> Markup:
        ui = self._ui
        names = (ui.area, ui.score, ui.grade, ui.evidence_coverage, ui.attained)
        cells = "".join(f'<th scope="col">{name}</th>' for name in names)
        if self._rounds:
            markup = self._words.t("rounds", n=len(self._rounds), first=self._rounds[0], last=self._rounds[-1])
            cells += f'<th scope="col">{markup}</th>'
        return Markup(f'<table class="scores"><thead><tr>{cells}</tr></thead><tbody>\n')

    def problem(
        self,
        joined: JoinedFinding,
        repeat: Markup,
        life: DefectAge | None = None,
        *,
        shown: Container[str] = (),
        excerpt: Sequence[str] = (),
    ) -> str:
        """Return a finding that is no pass, with everything a reader may need to act or to object.

        ``repeat``: the command that measures it again. ``shown``: the evidence below; that of another subject, a mail
        exchanger for example, is named by its id alone. ``excerpt``: the lines of it on which the finding rests,
        as markup.
        """
        finding = joined.finding
        where = _where(finding, self._words, joined.addresses)
        remedy = self._words.remedy(finding)
        parts = [
            self._head(finding.check, finding.code, finding.outcome, finding.severity, _families(joined)),
            f' <span class="addr">{where}</span>' if where else "",
            "</h4>\n",
            self._compared(finding, excerpt) if finding.outcome in DEFECTS else self._message(finding),
            f"<p><b>{self._ui.remedy}:</b> {remedy}</p>\n" if remedy else "",
            f'<p class="note">{self._words.by_vantage(finding)}</p>\n' if finding.vantages else "",
            "" if finding.waived is None else self._waived(finding),
            "" if life is None or life.rounds < 2 else f'<p class="note">{self._words.lived(life)}</p>\n',
            self._meta(finding.check, finding.level, finding.level_basis),
            self._sources(joined.evidence, shown) if joined.evidence else "",
            f" · {self._ui.repeat}: <code>{repeat}</code></p>\n</div>\n",
        ]
        return "".join(parts)

    def _make_head(self, check: CheckId, code: str, outcome: Outcome, severity: Severity, family: str) -> str:
        title = self._words.problem(check, code) if outcome in DEFECTS else self._words.title(check)
        badge = self._words.badge(outcome, severity if outcome in DEFECTS else None)
        kind = outcome.value
        return (
            f'<div class="finding {kind}"{self._marks(check, outcome, family)} data-severity="{severity.value}">\n'
            f"<h4>{badge} {title}"
        )

    def _message(self, finding: Finding) -> str:
        return f'<p class="message">{self._words.told(finding)}</p>\n'

    def _compared(self, finding: Finding, excerpt: Sequence[str]) -> str:
        """Return the requirement beside the message of the finding, with the deciding lines of evidence."""
        lines = "".join(f"<code>{line}</code>" for line in excerpt)
        rests = f'<p class="deciding" translate="no">{lines}</p>' if lines else ""
        return (
            f'<dl class="compared"><div><dt>{self._ui.column_title}</dt><dd>{self._requirement(finding.check)}'
            f"</dd></div><div><dt>{self._ui.compared_found}</dt><dd>{self._message(finding)}{rests}</dd></div></dl>\n"
        )

    def _make_requirement(self, check: CheckId) -> str:
        return str(self._words.title(check))

    def _make_meta(self, check: CheckId, level: Level, basis: LevelBasis) -> str:
        markup = self._words.word("level", level.value)
        if basis is not LevelBasis.VERIFIED:
            markup = Markup("{} ({})").format(markup, self._words.word("basis", basis.value))
        return f'<p class="meta"><a href="#c-{escape(check)}"><code>{escape(check)}</code></a> · {markup}'

    def _waived(self, finding: Finding) -> str:
        assert finding.waived is not None
        key = "waived_open" if finding.waived.until is None else "waived"
        markup = self._words.t(
            key, reason=finding.waived.reason, owner=finding.waived.owner, until=finding.waived.until or ""
        )
        return f'<p class="waived"><span aria-hidden="true">◆</span> {markup}</p>\n'

    def _sources(self, evidence: Sequence[str], shown: Container[str]) -> str:
        links = ", ".join(
            [
                f'<a class="id" href="#e-{escaped(id)}">{escaped(id)}</a>'
                if id in shown
                else f'<span class="id">{escaped(id)}</span>'
                for id in evidence
            ]
        )
        return f" · {self._ui.evidence} {links}"

    def quiet(self, findings: Iterable[Finding]) -> str:
        """Passed and not applicable findings, a line each."""
        told, begun = self._words.told, self._begun
        lines = []
        for finding in findings:
            where = _where(finding, self._words, () if finding.address is None else (finding.address,))
            address = f' <span class="addr">{where}</span>' if where else ""
            lines.append(f"{begun(finding.check, finding.outcome, family(finding))}{address} {told(finding)}</li>\n")
        return "".join(lines)

    def _begin(self, check: CheckId, outcome: Outcome, family: str) -> str:
        """Return the beginning of a passed finding's line, which is the same for all of one check and family."""
        marks = self._marks(check, outcome, family)
        return f'<li class="finding"{marks}>{self._words.badge(outcome)} <code>{escaped(check)}</code>'

    def _brief(self, check: CheckId, outcome: Outcome, family: str) -> Markup:
        """Return the same in a large report: only that it is so."""
        return Markup(
            f'<li class="finding {outcome.value}"{self._marks(check, outcome, family)}><a href="#c-{escape(check)}">'
            f"{escape(check)}</a></li> "
        )

    def _score(self, area: str, score: Score | None, ladder: Ladder | None) -> Markup:
        """Return one row of a subject's scores."""
        words = self._words
        points, grade, coverage = Markup("–"), Markup("–"), Markup("–")
        if score is not None and score.coverage is not None:
            grade, coverage = words.word("grade", score.grade), words.percent(score.coverage)
            points = points if score.score is None else words.t("points", score=score.score)
        cells = f"<td>{points}</td><td>{grade}</td><td>{coverage}</td><td>{self._ladder(area, ladder)}</td>"
        return Markup(f'<tr><th scope="row">{words.word("area", area)}</th>{cells}')

    def _strip(self, letters: str) -> Markup:
        """Return the end of such a row: a square for each round, those alike in one block, and the same in words."""
        blocks, said = [], []
        for letter, alike in groupby(letters):
            outcome, count = _OUTCOMES.get(letter), len(list(alike))
            kind, sign = ("silent", "·") if outcome is None else (outcome.value, SYMBOLS[outcome])
            blocks.append(f'<i class="{kind}">{sign * count}</i>')
            said.append(self._words.many(outcome, count))
        text = f'<span class="sr">{", ".join(said)}</span>' if said else ""
        return Markup(f'<td class="strip"><span aria-hidden="true">{"".join(blocks)}</span>{text}</td></tr>\n')

    def _ladder(self, area: str, ladder: Ladder | None) -> Markup:
        if ladder is None:
            return Markup("–")
        if ladder.at_least and not ladder.level:  # the word of the lowest level would state what nobody found out
            return self._words.t("rung_undecided")
        rung = self._words.t("rung_at_least" if ladder.at_least else "rung", level=ladder.level)
        return Markup("{}: {}").format(
            rung, self._words.word("ladder", f"{json_data.LADDER_OF_AREA[area]}.{ladder.level}")
        )

    def evidence(self, evidence: Evidence, number: int, lines: Sequence[str], deciding: Set[int]) -> str:
        """Return one piece of evidence with a link back to the subject of this number.

        ``lines`` are markup; ``deciding`` holds the numbers of the deciding ones.
        """
        name = escaped(evidence.id)
        when = f"{self._words.attempt(evidence.attempt)} · {self._moment(evidence.started.replace(microsecond=0))}"
        back = f'<a href="#s{number}"><span aria-hidden="true">↑</span> {self._ui.back}</a>'
        return (
            f'<div id="e-{name}"><p class="meta"><span class="id">{name}</span> · {escaped(evidence.probe)}'
            f" {escaped(clean(evidence.task))} · {when} · {escaped(clean(evidence.vantage))}"
            f'<span class="back"> · {back}</span></p>\n'
            f'<pre translate="no">{self._lines(lines, deciding)}</pre></div>\n'
        )

    def _lines(self, lines: Sequence[str], deciding: Set[int]) -> str:
        if not deciding:
            return "\n".join(lines)
        return "\n".join(
            f'<mark><span class="sr">{self._ui.deciding} </span>{line}</mark>' if number in deciding else line
            for number, line in enumerate(lines)
        )


def _marks(check: CheckId, outcome: Outcome, family: str) -> str:
    """Attributes for the page's filter; family 0 is a finding of no single address, a joined one may have both."""
    return f' data-outcome="{outcome.value}" data-area="{area_of(check) or "other"}" data-family="{family}"'


def family(finding: Finding) -> str:
    """4, 6, or 0 for a finding of no single address."""
    return "0" if finding.address is None else str(finding.address.version)


def _families(joined: JoinedFinding) -> str:
    return " ".join(sorted({family(member) for member in joined.members}))


def _where(finding: Finding, words: Words, addresses: Sequence[IPAddress]) -> str:
    named = escaped(", ".join(map(written, addresses)))
    if not finding.detail:  # of most there is none
        return named
    return " ".join(part for part in (named, words.detail(finding.check, finding.detail)) if part)
