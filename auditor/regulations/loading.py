"""Reads frameworks from TOML, the shipped ones and an operator's own, and reports all problems of a file at once."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum
from importlib import resources
from typing import TypeVar

from auditor.framework.operator_problems import OperatorError, OperatorProblem, nearest, problem
from auditor.framework.toml_problems import bad_toml
from auditor.regulations.model import (
    FigureSource,
    Framework,
    ItemRole,
    JudgingRule,
    LegalStatus,
    Requirement,
    RuleKind,
    SurveyForm,
    SurveyItem,
    Texts,
    parse_rule,
)
from inventory.model import Kind, Network

_HEAD_KEYS = frozenset({"id", "legal_status", "province", "valid_from", "valid_to", "requirement"})
_KEYS = frozenset(
    {
        "id",
        "article",
        "valid_from",
        "valid_to",
        "due",
        "legal_status",
        "kinds",
        "checks",
        "rule",
        "manual",
        "measured",
        "indicative",
        "networks",
        "of_root",
        "exemptions",
        "items",
        "per",
    }
)
_HEAD = _HEAD_KEYS | {f"{key}_{lang}" for key in ("title", "source", "note") for lang in ("vi", "en")}
_ROW = _KEYS | {f"{key}_{lang}" for key in ("text", "note", "unit") for lang in ("vi", "en")}
_ITEM = frozenset({"code", "form", "role"} | {f"{key}_{lang}" for key in ("text", "unit") for lang in ("vi", "en")})
E_ = TypeVar("E_", bound=StrEnum)


class FrameworkError(OperatorError):
    """Raised for a framework file that cannot be used."""


def shipped() -> tuple[Framework, ...]:
    """Return the frameworks of this program, by id. A fault in them is a bug and raises FrameworkError."""
    frameworks = [parse(text, source="auditor.regulations") for text in shipped_texts()]
    return tuple(sorted(frameworks, key=lambda framework: framework.id))


def shipped_texts() -> tuple[str, ...]:
    """Return the files of this program's frameworks, by name."""
    files = [path for path in resources.files("auditor.regulations").iterdir() if path.name.endswith(".toml")]
    return tuple(file.read_text(encoding="utf-8") for file in sorted(files, key=lambda file: file.name))


def parse(text: str, *, source: str) -> Framework:
    """Return the framework in a file's text. Raises FrameworkError, which names every problem at once."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameworkError([bad_toml(error, at=source)]) from error
    reader = _Reader(document, source, "")
    reader.only(_HEAD)
    rows = document.get("requirement", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        reader.say(problem("has no requirements", at=source))
        rows = []
    status = reader.word("legal_status", LegalStatus, LegalStatus.MEMORY)
    requirements = [
        _requirement(_Reader(row, source, str(row.get("id") or f"requirement {number}"), reader.problems), status)
        for number, row in enumerate(rows, 1)
    ]
    ids = [requirement.id for requirement in requirements]
    for again in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        reader.say(problem("requirement '{id}' stands twice", at=source, id=again))
    made = Framework(
        id=reader.text("id"),
        title=reader.texts("title") or {},
        source=reader.texts("source") or {},
        note=reader.texts("note", needed=False),
        legal_status=status,
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        requirements=tuple(requirements),
        province=reader.text("province", needed=False),
    )
    if reader.problems:
        raise FrameworkError(reader.problems)
    return made


def _requirement(reader: "_Reader", status: LegalStatus) -> Requirement:
    reader.only(_ROW)
    rule = reader.rule()
    checks = reader.words("checks")
    by_hand = rule.kind in (RuleKind.MANUAL, RuleKind.DECLARED)
    if reader.row.get("manual", False) is not by_hand:
        reader.say(problem("manual = true goes with the rules manual and declared, and with no other", at=reader.place))
    if (checks and by_hand) or (not checks and rule.kind is RuleKind.ALL):
        reader.say(problem("the rule all needs checks; the rules manual and declared have none", at=reader.place))
    return Requirement(
        id=reader.text("id"),
        article=reader.text("article"),
        text=reader.texts("text") or {},
        rule=rule,
        legal_status=reader.word("legal_status", LegalStatus, status),
        valid_from=reader.day("valid_from"),
        valid_to=reader.day("valid_to"),
        due=reader.day("due"),
        kinds=frozenset(reader.known("kinds", Kind)),
        networks=frozenset(reader.known("networks", Network)),
        of_root=reader.row.get("of_root", False) is True,
        checks=checks,
        exemptions=reader.row.get("exemptions", False) is True,
        measured=tuple(reader.known("measured", FigureSource)),
        unit=reader.texts("unit", needed=False),
        note=reader.texts("note", needed=False),
        indicative=reader.row.get("indicative", False) is True,
        items=_items(reader, rule),
        per=reader.positive("per", 100.0),
    )


def _items(reader: "_Reader", rule: JudgingRule) -> tuple[SurveyItem, ...]:
    """Return the items of a survey: one value, or parts with at least one whole; no code twice."""
    rows = reader.row.get("items", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        reader.say(problem("items is not a list of tables", at=reader.place))
        return ()
    if rows and rule.kind is not RuleKind.DECLARED:
        reader.say(problem("items go with the rule declared, and with no other", at=reader.place))
    items = tuple(
        _item(_Reader(row, reader.place, str(row.get("code") or number), reader.problems))
        for number, row in enumerate(rows, 1)
    )
    codes = [item.code for item in items]
    for again in sorted({code for code in codes if codes.count(code) > 1}):
        reader.say(problem("item '{code}' stands twice", at=reader.place, code=again))
    roles = [item.role for item in items]
    if (
        items
        and roles != [ItemRole.VALUE]
        and (ItemRole.VALUE in roles or set(roles) != {ItemRole.PART, ItemRole.WHOLE})
    ):
        reader.say(problem("items are one value, or parts and at least one whole", at=reader.place))
    return items


def _item(reader: "_Reader") -> SurveyItem:
    reader.only(_ITEM)
    return SurveyItem(
        code=reader.text("code"),
        form=reader.word("form", SurveyForm, SurveyForm.DEPARTMENT),
        role=reader.word("role", ItemRole, ItemRole.VALUE),
        text=reader.texts("text") or {},
        unit=reader.texts("unit", needed=False),
    )


class _Reader:
    """Reads one table of the file, and collects its problems."""

    def __init__(
        self, row: Mapping[str, object], source: str, name: str, problems: list[OperatorProblem] | None = None
    ) -> None:
        self.row, self._source, self._name = row, source, name
        self.problems: list[OperatorProblem] = [] if problems is None else problems

    def say(self, operator_problem: OperatorProblem) -> None:
        self.problems.append(operator_problem)

    def only(self, keys: Collection[str]) -> None:
        for key in sorted(set(self.row) - set(keys)):
            self.say(problem("unknown key '{key}'", at=self.place, key=key, hint=nearest(key, keys)))

    @property
    def place(self) -> str:
        return ": ".join(part for part in (self._source, self._name) if part)

    def text(self, key: str, *, needed: bool = True) -> str:
        value = self.row.get(key, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            self.say(problem("is missing or no text", at=f"{self.place}: {key}"))
            return ""
        return value

    def texts(self, key: str, *, needed: bool = True) -> Texts | None:
        """Return the texts in both languages, or None where both are missing and not needed."""
        if not needed and not {f"{key}_vi", f"{key}_en"} & set(self.row):
            return None
        return {lang: self.text(f"{key}_{lang}") for lang in ("vi", "en")}

    def day(self, key: str) -> date | None:
        value = self.row.get(key)
        if value is None or type(value) is date:
            return value
        self.say(problem("is not a date (2026-07-01)", at=f"{self.place}: {key}"))
        return None

    def positive(self, key: str, default: float) -> float:
        value = self.row.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            self.say(problem("is not a number greater than zero", at=f"{self.place}: {key}"))
            return default
        return float(value)

    def words(self, key: str) -> tuple[str, ...]:
        value = self.row.get(key, [])
        if (
            not isinstance(value, Sequence)
            or isinstance(value, str)
            or not all(isinstance(entry, str) for entry in value)
        ):
            self.say(problem("is not a list of texts", at=f"{self.place}: {key}"))
            return ()
        return tuple(str(entry) for entry in value)

    def known(self, key: str, among: type[E_]) -> list[E_]:
        found = []
        for word in self.words(key):
            if word in set(among):
                found.append(among(word))
            else:
                at, known = f"{self.place}: {key}", [member.value for member in among]
                self.say(problem("unknown word '{word}'", at=at, word=word, hint=nearest(word, known)))
        return found

    def word(self, key: str, among: type[E_], default: E_) -> E_:
        if key not in self.row:
            return default
        word = self.text(key)
        if word not in set(among):
            self.say(problem("unknown word '{word}'", at=f"{self.place}: {key}", word=word))
            return default
        return among(word)

    def rule(self) -> JudgingRule:
        text = self.text("rule", needed=False)
        try:
            return parse_rule(text)
        except ValueError:
            at = f"{self.place}: rule"
            self.say(
                problem("no rule: '{rule}'; there are all, kpi:K08>=100, declared>=85 and manual", at=at, rule=text)
            )
            return JudgingRule(kind=RuleKind.MANUAL)
