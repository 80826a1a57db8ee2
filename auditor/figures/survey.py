"""Computes values of requirements from the answers of a survey, and lists missing answers by respondent.

Pure. A value is computed only from complete answers: a sum without one operator would be a wrong number, not a small
one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.regulations.model import Framework, ItemRole, Requirement, RuleKind, SurveyForm, SurveyItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswer:
    """Holds one respondent's answer about one item."""

    requirement: str
    item: str
    respondent: str
    value: float
    as_of: date
    signatory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingAnswer:
    """Names an item that a respondent was asked for and has not stated."""

    respondent: str
    requirement: Requirement
    item: SurveyItem


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyValue:
    """Holds the value of a requirement, computed from all answers; ``as_of`` is the latest day of these."""

    requirement: Requirement
    value: float
    as_of: date
    respondents: tuple[str, ...]
    signatories: tuple[str, ...]


def items(framework: Framework, form: SurveyForm) -> Iterator[tuple[Requirement, SurveyItem]]:
    """Yield the items of a form, in the order of the framework.

    A declared requirement without items of its own is one item of the departments' form.
    """
    for requirement in framework.requirements:
        yield from ((requirement, item) for item in items_of(requirement) if item.form is form)


def items_of(requirement: Requirement) -> tuple[SurveyItem, ...]:
    """Return the items of a requirement."""
    if requirement.items or requirement.rule.kind is not RuleKind.DECLARED:
        return requirement.items
    item = SurveyItem(
        code=requirement.id,
        form=SurveyForm.DEPARTMENT,
        role=ItemRole.VALUE,
        text=requirement.text,
        unit=requirement.unit,
    )
    return (item,)


def missing(
    framework: Framework, answers: Iterable[SurveyAnswer], asked: Mapping[SurveyForm, Sequence[str]]
) -> tuple[MissingAnswer, ...]:
    """Return the items that each respondent was asked for and has not stated."""
    stated = {(answer.respondent, answer.item) for answer in answers}
    return tuple(
        MissingAnswer(respondent=respondent, requirement=requirement, item=item)
        for form in SurveyForm
        for respondent in asked.get(form, ())
        for requirement, item in items(framework, form)
        if (respondent, item.code) not in stated
    )


def values(
    framework: Framework, answers: Sequence[SurveyAnswer], asked: Mapping[SurveyForm, Sequence[str]]
) -> Iterator[SurveyValue]:
    """Yield the values of requirements for which every respondent stated every item."""
    for requirement in framework.requirements:
        asked_items = items_of(requirement)
        wanted = {(respondent, item.code) for item in asked_items for respondent in asked.get(item.form, ())}
        own = [answer for answer in answers if (answer.respondent, answer.item) in wanted]
        if not own or len({(answer.respondent, answer.item) for answer in own}) < len(wanted):
            continue
        if any(not asked.get(item.form) for item in asked_items):
            continue
        value = _value(requirement, own)
        if value is not None:
            yield SurveyValue(
                requirement=requirement,
                value=value,
                as_of=max(answer.as_of for answer in own),
                respondents=tuple(dict.fromkeys(answer.respondent for answer in own)),
                signatories=tuple(dict.fromkeys(answer.signatory for answer in own)),
            )


def _value(requirement: Requirement, answers: Sequence[SurveyAnswer]) -> float | None:
    """Return the parts' sum, times ``per``, over the wholes' sum; None without a single value or a positive whole."""
    roles = {item.code: item.role for item in items_of(requirement)}
    by_role: dict[ItemRole, list[float]] = {role: [] for role in ItemRole}
    for answer in answers:
        by_role[roles[answer.item]].append(answer.value)
    if by_role[ItemRole.VALUE]:
        return by_role[ItemRole.VALUE][0] if len(by_role[ItemRole.VALUE]) == 1 else None
    whole = sum(by_role[ItemRole.WHOLE])
    return requirement.per * sum(by_role[ItemRole.PART]) / whole if whole > 0 else None
