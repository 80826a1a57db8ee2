"""Finds agencies, subjects and checks by parts of their names, within the part that one account may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Generic, TypeVar

from auditor.framework.check import Check
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from inventory.word_matching import unaccented

LONGEST = 100
"""The most characters that are searched for."""
MOST = 25
"""Matches of one kind that are shown."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Matches(Generic[T]):
    """Holds the first matches of one kind, and the number of all of them."""

    shown: Sequence[T]
    of: int


def wanted_text(text: str) -> str:
    """Return the text to search for: shortened, an address in its usual form."""
    text = text.strip()[:LONGEST]
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return text


def agencies(view: AccountView, text: str) -> Matches[tuple[AgencyId, str]]:
    """Find visible agencies that have subjects of their own, by name or code."""
    own = ((code, name) for code, name in view.names.items() if view.of_agency(code) is not None)
    return _matching(text, [(unaccented(f"{name} {code}"), (code, name)) for code, name in own])


def subjects(view: AccountView, text: str) -> Matches[SubjectLine]:
    """Find visible subjects by name, id, domain or address."""
    return _matching(text, view.search_index)


def checks(known: Iterable[Check], text: str, languages: Sequence[Texts]) -> Matches[Check]:
    """Find checks by id, or by title in any language."""
    titled = ((" ".join((check.id, *(texts.title(check.id) for texts in languages))), check) for check in known)
    return _matching(text, [(unaccented(says), check) for says, check in titled])


def _matching(text: str, index: Sequence[tuple[str, T]]) -> Matches[T]:
    """Select the items that contain ``text``; if there are none, those that contain each of its words."""
    wanted = " ".join(unaccented(text).split())
    if not wanted:
        return Matches((), 0)
    whole = [one for says, one in index if wanted in says]
    found = whole or [one for says, one in index if all(word in says for word in wanted.split())]
    return Matches(found[:MOST], len(found))
