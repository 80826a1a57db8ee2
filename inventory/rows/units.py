"""Builds the tree of units from the agencies that rows name, and reports every contradiction between them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from inventory.model import AgencyId, Coordinates, RowOrigin
from inventory.organisation import Organisation, Unit
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector, where
from inventory.tables.columns import Column
from inventory.word_matching import fold, nearest

_USUAL = re.compile(r"\A(ubnd|uybannhandan)(?=.)")
"""A prefix of a commune's name, folded, that some tables have and others leave out."""
_NOT_IN_CODE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStatement:
    """Holds the statement of one row about a unit. ``declared``: the row is of the table of units and only about it."""

    origin: RowOrigin
    code: str = ""
    name: str = ""
    parent: str = ""
    level: str = ""
    contact: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    coordinates: Coordinates | None = None
    declared: bool = False


@dataclass(slots=True)
class _Draft:
    """Holds a unit while its rows are gathered: the first text for each column and its position."""

    code: AgencyId
    said: dict[Column, tuple[str, RowOrigin]] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    coordinates: Coordinates | None = None
    parent: AgencyId | None = None

    def text(self, column: Column) -> str:
        return self.said[column][0] if column in self.said else ""


@dataclass(frozen=True, slots=True)
class Directory:
    """Holds the tree, and finds a unit in it by its code or its name as people write them."""

    organisation: Organisation
    by_code: Mapping[str, AgencyId]
    by_name: Mapping[str, AgencyId]

    def find(self, word: str) -> AgencyId | None:
        return self.by_code.get(word.casefold()) or self.by_name.get(fold(word))

    def agency_of(self, claim: UnitStatement) -> AgencyId | None:
        if claim.code:
            return self.by_code.get(claim.code.casefold())
        return self.by_name.get(fold(claim.name) or claim.name)


def code_of_name(name: str) -> AgencyId:
    """Return a code for a unit that has only a name: its letters, always the same for the same name."""
    plain = unicodedata.normalize("NFKD", name.casefold()).replace("đ", "d").encode("ascii", "ignore").decode("ascii")
    return AgencyId(_NOT_IN_CODE.sub("-", plain).strip("-") or "unit-" + sha256(name.encode("utf-8")).hexdigest()[:8])


class _Builder:
    def __init__(self, claims: Iterable[UnitStatement], problems: ProblemCollector) -> None:
        self._problems = problems
        self._claims = [claim for claim in claims if claim.code or claim.name]
        self._drafts: dict[str, _Draft] = {}
        self._by_name: dict[str, str] = {}

    def build(self) -> Directory:
        coded = [claim for claim in self._claims if claim.code]
        for claim in coded + [claim for claim in self._claims if not claim.code]:
            self._gather(claim)
        self._resolve_parents()
        self._cut_cycles()
        self._tell_similar()
        units = tuple(self._unit(draft) for draft in self._drafts.values())
        organisation = Organisation(units=units)
        return Directory(
            Organisation(units=tuple(organisation.walk())),
            {key: draft.code for key, draft in self._drafts.items()},
            {name: self._drafts[key].code for name, key in self._by_name.items()},
        )

    def _gather(self, claim: UnitStatement) -> None:
        folded = fold(claim.name) or claim.name
        key = claim.code.casefold() or self._by_name.get(folded) or code_of_name(claim.name)
        if key not in self._drafts:
            self._drafts[key] = _Draft(AgencyId(claim.code or code_of_name(claim.name)))
        draft = self._drafts[key]
        if claim.name:
            self._by_name.setdefault(folded, key)
        self._say(draft, Column.AGENCY_NAME, claim.name, claim.origin)
        self._say(draft, Column.PARENT_CODE, claim.parent, claim.origin)
        self._say(draft, Column.UNIT_LEVEL, claim.level, claim.origin)
        self._say(draft, Column.CONTACT, claim.contact, claim.origin)
        draft.valid_from = draft.valid_from or claim.valid_from
        draft.valid_to = draft.valid_to or claim.valid_to
        draft.coordinates = draft.coordinates or claim.coordinates

    def _say(self, draft: _Draft, column: Column, text: str, origin: RowOrigin) -> None:
        if not text:
            return
        before, said_at = draft.said.setdefault(column, (text, origin))
        if fold(before) != fold(text):
            CellPosition(self._problems, origin, column).report(
                Code.UNIT_CONTRADICTION, text, unit=draft.code, what=column, before=before, other=where(said_at)
            )

    def _resolve_parents(self) -> None:
        for draft in tuple(self._drafts.values()):
            if Column.PARENT_CODE in draft.said:
                draft.parent = self._parent(*draft.said[Column.PARENT_CODE])

    def _parent(self, word: str, origin: RowOrigin) -> AgencyId | None:
        key = word.casefold() if word.casefold() in self._drafts else self._by_name.get(fold(word))
        if key is not None:
            return self._drafts[key].code
        place = CellPosition(self._problems, origin, Column.PARENT_CODE)
        if any(claim.declared for claim in self._claims):
            place.report(
                Code.UNKNOWN_PARENT, word, suggestion=nearest(word, [draft.code for draft in self._drafts.values()])
            )
            return None
        place.report(Code.PARENT_WITHOUT_ROW, word)
        draft = self._drafts[word.casefold()] = _Draft(AgencyId(word))
        return draft.code

    def _cut_cycles(self) -> None:
        by_code = {draft.code: draft for draft in self._drafts.values()}
        cleared: set[AgencyId] = set()
        for draft in by_code.values():
            path: list[AgencyId] = []
            at: AgencyId | None = draft.code
            while at is not None and at not in cleared and at not in path:
                path.append(at)
                at = by_code[at].parent
            if at is not None and at in path:
                circle = by_code[at]
                place = CellPosition(self._problems, circle.said[Column.PARENT_CODE][1], Column.PARENT_CODE)
                place.report(Code.UNIT_CYCLE, " < ".join([*path[path.index(at) :], at]))
                circle.parent = None
            cleared.update(path)

    def _tell_similar(self) -> None:
        """Report units with names that differ only in a word that offices omit, unless the table of units has both."""
        declared = {self._key(claim) for claim in self._claims if claim.declared}
        first: dict[str, tuple[str, _Draft]] = {}
        for key, draft in self._drafts.items():
            name, origin = draft.said.get(Column.AGENCY_NAME, ("", RowOrigin(source="")))
            like = _USUAL.sub("", fold(name))
            if not like:
                continue
            other, before = first.setdefault(like, (key, draft))
            if before is not draft and not {key, other} <= declared:
                text, stands = before.said[Column.AGENCY_NAME]
                place = CellPosition(self._problems, origin, Column.AGENCY_NAME)
                place.report(Code.UNIT_LIKE_ANOTHER, name, before=text, other=where(stands))

    def _key(self, claim: UnitStatement) -> str:
        return claim.code.casefold() or self._by_name.get(fold(claim.name) or claim.name, "")

    @staticmethod
    def _unit(draft: _Draft) -> Unit:
        return Unit(
            code=draft.code,
            name=draft.text(Column.AGENCY_NAME) or draft.code,
            parent=draft.parent,
            level=draft.text(Column.UNIT_LEVEL),
            contact=draft.text(Column.CONTACT),
            valid_from=draft.valid_from,
            valid_to=draft.valid_to,
            coordinates=draft.coordinates,
        )


def build_directory(claims: Iterable[UnitStatement], problems: ProblemCollector) -> Directory:
    return _Builder(claims, problems).build()
