"""Defines a regulation as data: its requirements, the checks or figures for each, and when they are in force."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from auditor.framework.findings import CheckId
from inventory.model import Kind, Network

Texts = Mapping[str, str]
"""The text in each language, ``vi`` and ``en``."""


class LegalStatus(StrEnum):
    """Grades the reliability of the quoted text (CHECKS §1.1): verified, partly, or from memory."""

    VERIFIED = "V"
    PARTLY = "P"
    MEMORY = "M"


class FigureSource(StrEnum):
    """Names the source of a requirement's figure (CHECKS §5)."""

    MEASURED = "M"
    INVENTORY = "I"
    DECLARED = "D"
    EXTERNAL = "X"


class SurveyForm(StrEnum):
    """Names the workbook in which an item of a survey stands: that of telecom operators, or of departments."""

    OPERATOR = "operator"
    DEPARTMENT = "department"


class ItemRole(StrEnum):
    """Names the role of an item in its requirement's value: the value itself, a part of the sum, or the whole."""

    VALUE = "value"
    PART = "part"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyItem:
    """Holds one figure that a survey asks for, under a code of its own."""

    code: str
    form: SurveyForm
    role: ItemRole
    text: Texts
    unit: Texts | None = None


class RuleKind(StrEnum):
    ALL = "all"
    KPI = "kpi"
    DECLARED = "declared"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingRule:
    """Defines how a requirement is judged.

    ``all``: every check of the requirement, on every subject of its kinds. ``kpi:K08>=100``: a figure of the roll-up
    against a target in its own unit; without a target (``kpi:K11``) the figure is shown and nothing is judged.
    ``declared>=85``: a declared value against a target. ``manual``: a person has to judge it.
    """

    kind: RuleKind
    kpi: str = ""
    sign: str = ""
    target: float | None = None

    def __str__(self) -> str:
        head = f"kpi:{self.kpi}" if self.kind is RuleKind.KPI else self.kind.value
        return head if self.target is None else f"{head}{self.sign}{self.target:g}"


_RULE = re.compile(r"(?:kpi:(?P<kpi>K\d\d(?:\.[a-z0-9]+)?)|declared)(?:(?P<sign>>=|<=)(?P<target>\d+(?:\.\d+)?))?")


def parse_rule(text: str) -> JudgingRule:
    """Return the rule that a text names. Raises ValueError for anything else than the rules above."""
    if text in ("", RuleKind.MANUAL.value):
        return JudgingRule(kind=RuleKind.MANUAL)
    if text == RuleKind.ALL.value:
        return JudgingRule(kind=RuleKind.ALL)
    match = _RULE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    target = None if match["target"] is None else float(match["target"])
    kind = RuleKind.DECLARED if match["kpi"] is None else RuleKind.KPI
    return JudgingRule(kind=kind, kpi=match["kpi"] or "", sign=match["sign"] or "", target=target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Holds one article. ``due``: the day by which a target was to be reached; it stays a target afterwards.

    ``checks`` are ids or prefixes that end in ``.*``; empty with the rule ``manual``. ``networks``: only subjects of
    these count, of all where it is empty; ``of_root``: only those of the province itself, not of its units.
    ``exemptions``: it allows them, so that exempt subjects stand beside it; elsewhere they are not decided. ``unit`` is
    that of a declared value. ``indicative``: tests of throughput of the run are shown beside it and decide nothing.
    ``items``: the figures that a survey asks for; the value is ``per`` times the sum of their parts over that of their
    wholes.
    """

    id: str
    article: str
    text: Texts
    rule: JudgingRule
    legal_status: LegalStatus
    valid_from: date | None = None
    valid_to: date | None = None
    due: date | None = None
    kinds: frozenset[Kind] = frozenset()
    networks: frozenset[Network] = frozenset()
    of_root: bool = False
    checks: tuple[str, ...] = ()
    exemptions: bool = False
    measured: tuple[FigureSource, ...] = ()
    unit: Texts | None = None
    note: Texts | None = None
    indicative: bool = False
    items: tuple[SurveyItem, ...] = ()
    per: float = 100.0

    @property
    def heading(self) -> str:
        """The article in the form that begins a line or a heading: ``Khoản 4 Điều 11``."""
        return self.article[:1].upper() + self.article[1:]

    @property
    def manual(self) -> bool:
        """True if this program does not decide the requirement."""
        return self.rule.kind in (RuleKind.MANUAL, RuleKind.DECLARED)

    @property
    def of_some(self) -> bool:
        """True if the requirement covers only a part of the subjects of its kinds."""
        return bool(self.networks) or self.of_root

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def names(self, check: CheckId) -> bool:
        """True if a check is one of this requirement's."""
        return any(check == word or (word.endswith(".*") and check.startswith(word[:-1])) for word in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """Holds one instrument, or a set of rules that belong together. ``note``: facts that its reader must know.

    ``province``: the name of the province whose plan it is; empty where it binds all.
    """

    id: str
    title: Texts
    source: Texts
    legal_status: LegalStatus
    requirements: tuple[Requirement, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    note: Texts | None = None
    province: str = ""

    def requirement(self, wanted: str) -> Requirement | None:
        return next((requirement for requirement in self.requirements if requirement.id == wanted), None)
