"""Writes the observations of a round's vantages: where a subject answers from, and other vantages' findings."""

from collections.abc import Iterable, Iterator

from auditor.framework.findings import Finding
from auditor.framework.message_format import clean
from auditor.judging.seen_from import SeenFrom, contradiction
from auditor.texts.translate import Texts
from inventory.model import Network, written
from reports.report_texts import say


def one_sided(texts: Texts, seen: Iterable[SeenFrom]) -> str:
    """Say that a subject answers in one network and not from the other; nothing where that is not shown."""
    found = contradiction(seen)
    if found is None:
        return ""
    answered, unanswered = (tuple(map(clean, names)) for names in (found.answered, found.unanswered))
    if found.answers is Network.TSLCD:
        return say(texts, "answers_inside", answered=answered, unanswered=unanswered)
    return say(texts, "answers_outside", answered=answered, unanswered=unanswered)


def by_vantage(texts: Texts, finding: Finding) -> str:
    """Return the outcome of each vantage, that of the finding first; empty if it was the only one."""
    if not finding.vantages:
        return ""
    return say(texts, "by_vantage", seen=tuple(_each(texts, finding)))


def _each(texts: Texts, finding: Finding) -> Iterator[str]:
    yield f"{clean(finding.vantage)}: {texts.outcome(finding.outcome)}"
    for vantage in finding.vantages:
        address = "" if vantage.address in (None, finding.address) else f" ({written(vantage.address)})"
        yield f"{clean(vantage.name)}: {texts.outcome(vantage.outcome)}{address}"
