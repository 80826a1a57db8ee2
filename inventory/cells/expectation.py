"""Reads the expected_ipv6 column: the state of IPv6 that the owner promised."""

from collections.abc import Mapping

from inventory.cells.dates import parse_date, parse_month
from inventory.model import Expectation, ExpectedState
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.word_matching import fold, nearest

_WORDS: Mapping[str, ExpectedState] = {
    fold(word): state
    for state, words in {
        ExpectedState.REQUIRED: ("required", "bắt buộc", "có", "phải có", "yes"),
        ExpectedState.PLANNED: ("planned", "kế hoạch", "theo kế hoạch", "lộ trình"),
        ExpectedState.EXEMPT: ("exempt", "miễn", "miễn trừ", "được miễn"),
    }.items()
    for word in words
}
_KEYS = {"by": "by", "nguoiky": "by", "until": "until", "den": "until", "denngay": "until"}


def parse_expectation(text: str, place: CellPosition) -> Expectation | None:
    before, _, after = text.partition(":")
    head, rest = (text, "") if ";" in before else (before.strip(), after.strip())
    state = _WORDS.get(fold(head))
    if state is ExpectedState.PLANNED:
        due = parse_month(rest, place)
        return Expectation(state=state, due=due) if due else None
    if state is ExpectedState.EXEMPT:
        return _exempt(text, rest, place)
    if state is ExpectedState.REQUIRED and not rest:
        return Expectation()
    place.report(Code.NOT_AN_EXPECTATION, text, suggestion=nearest(head, [each.value for each in ExpectedState]))
    return None


def _exempt(text: str, rest: str, place: CellPosition) -> Expectation | None:
    reason, *pairs = [part.strip() for part in rest.split(";")]
    said: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        known = _KEYS.get(fold(key))
        if not pair:
            continue
        if known is None or not equals or known in said:
            place.report(Code.NOT_AN_EXPECTATION, pair)
            return None
        said[known] = value.strip()
    if not reason:
        place.report(Code.EXEMPTION_WITHOUT_REASON, text)
        return None
    missing = [word for word in ("by", "until") if not said.get(word)]
    if missing:
        place.report(Code.EXEMPTION_UNSIGNED, text, missing=", ".join(missing))
    until = parse_date(said["until"], place) if said.get("until") else None
    return Expectation(state=ExpectedState.EXEMPT, reason=reason, signatory=said.get("by", ""), until=until)
