"""Builds lists of changes as markup without a template, because a large report has thousands of them.

The rule is that of ``finding_parts``: only finished parts become Markup; everything else goes through ``escape``.
"""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup, escape

from auditor.figures.comparison import ChangeKind
from auditor.framework.findings import DEFECTS, CheckId, Finding, Severity
from auditor.framework.message_format import clean
from reports.changes import SIGNS
from reports.earlier_runs import ListedChange
from reports.formats.html.bilingual_markup import Fixed, Words
from reports.terminal.layout import SYMBOLS


class ChangeLists:
    """Builds parts of the lists of changes in both languages and caches them."""

    def __init__(self, words: Words) -> None:
        self._words, self._ui = words, Fixed(words)
        self._badge = lru_cache(maxsize=None)(self._make_badge)
        self._about = lru_cache(maxsize=None)(self._make_about)

    def of(self, changes: Sequence[ListedChange]) -> Markup:
        """Markup of the changes; empty without changes."""
        if not changes:
            return Markup("")
        return Markup('<ul class="changed">\n' + "".join([self._item(change) for change in changes]) + "</ul>\n")

    def _item(self, listed: ListedChange) -> str:
        outline, why = listed.change.outline, listed.change.why
        parts = [
            f"<li>{self._badge(listed.change.kind, outline.severity)} <b>{escape(clean(listed.change.subject))}</b>",
            f' <span class="addr">{escape(outline.address)}</span>' if outline.address else "",
            f' <span class="addr">{self._words.detail(outline.check, outline.detail)}</span>' if outline.detail else "",
            self._about(outline.check, outline.code, is_defect=outline.outcome in DEFECTS),
            "" if why is None else f' <span class="note">({self._words.word("incomparable", why.value)})</span>',
            ""
            if listed.before is None
            else f'<br><span class="note">{self._ui.before}: {self._side(listed.before)}</span>',
            "" if listed.after is None else f"<br>{self._ui.now}: {self._side(listed.after)}",
            f" ({self._ui.accepted})" if listed.after is not None and listed.after.waived is not None else "",
            "</li>\n",
        ]
        return "".join(parts)

    def _make_badge(self, kind: ChangeKind, severity: Severity) -> str:
        sign, word = SIGNS[kind], self._words.word
        text = f"{word('change', kind.value)} · {word('severity', severity.value)}"
        return f'<b class="badge {sign.value}"><span aria-hidden="true">{SYMBOLS[sign]}</span> {text}</b>'

    def _make_about(self, check: CheckId, code: str, *, is_defect: bool) -> str:
        title = self._words.problem(check, code) if is_defect else self._words.title(check)
        return f" – {title} <code>{escape(check)}</code>"

    def _side(self, finding: Finding) -> str:
        return f"{self._words.word('outcome', finding.outcome.value)} – {self._words.message(finding)}"
