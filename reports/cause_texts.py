"""Writes shared causes of findings as text: the cause, its owner, the affected subjects and the gain of a repair."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.figures.causes import Cause, CauseKind, Gain
from auditor.figures.kpis import KPIS
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from reports.cause_words import CAUSE_WORDS
from reports.report_texts import say

SHOWN = 10
"""Causes on a first page; a table has them all."""
TOLD = 3
"""Causes in the summary on a terminal."""
_LABELS = (
    "causes",
    "causes_intro",
    "causes_none",
    "cause_reach",
    "cause_whose",
    "cause_after",
    "cause_subjects",
    "remedy",
)
_LONGEST = 200
_DIGEST = 16
"""Digits of a certificate's digest that are shown; JSON has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseLine:
    """Holds one cause in words. ``gains`` and ``problems`` are the texts of single figures and checks, in order."""

    id: str
    title: str
    severity: str
    weight: str
    owner: str
    takes: str
    agencies: str
    problems: tuple[str, ...]
    remedies: tuple[str, ...]
    subjects: tuple[str, ...]
    more: int
    gains: tuple[str, ...]
    targets: str


def line(cause: Cause, texts: Texts, names: Mapping[AgencyId, str]) -> CauseLine:
    """Describe a cause. ``names`` are those of the agencies."""
    listed = [clean(names.get(agency, agency)) for agency in cause.agencies if agency is not None]
    return CauseLine(
        id=cause.id,
        title=title(cause, texts),
        severity=texts.severity(cause.severity),
        weight=cause.severity.value,
        owner=_owner(cause, texts, names),
        takes=_say(
            texts,
            "cause_takes" if cause.finding_count else "cause_takes_own",
            subjects=cause.subject_count,
            agencies=len(listed),
            findings=cause.finding_count,
        ),
        agencies=", ".join(listed),
        problems=tuple(texts.problem(problem.check, problem.code) for problem in cause.problems),
        remedies=tuple(dict.fromkeys(texts.fix(problem.check) for problem in cause.problems)),
        subjects=tuple(clean(subject) for subject in cause.subjects),
        more=cause.subject_count - len(cause.subjects),
        gains=tuple(_gains(cause, texts)),
        targets=_say(texts, "cause_targets", n=len(cause.targets)) if cause.targets else "",
    )


def lines(causes: Sequence[Cause], texts: Texts, names: Mapping[AgencyId, str]) -> Iterator[CauseLine]:
    """Describe causes in their order."""
    return (line(cause, texts, names) for cause in causes)


def title(cause: Cause, texts: Texts) -> str:
    """Name the cause, with "probably" where it is not certain."""
    key = cause.key
    name = key.name[:_DIGEST] + "…" if key.kind is CauseKind.CERTIFICATE else clean(key.name, _LONGEST)
    port = "port" if key.port else ""
    word = "cause_" + key.kind.value.replace("-", "_") + (f"_{port}" if port else "")
    return _say(texts, word, name=name, port=key.port, software=clean(key.software))


def labels(texts: Texts) -> dict[str, str]:
    """Give the headings that stand beside a cause, by key."""
    return {key: say(texts, key) for key in _LABELS}


def _owner(cause: Cause, texts: Texts, names: Mapping[AgencyId, str]) -> str:
    if cause.owner is None:
        return _say(texts, "cause_owner_unknown")
    return _say(texts, f"cause_owner_{cause.owner_basis.value}", agency=clean(names.get(cause.owner, cause.owner)))


def _gains(cause: Cause, texts: Texts) -> Iterator[str]:
    for gain in cause.gains:
        if gain.figure in KPIS:
            yield _gain(gain, texts)


def _gain(gain: Gain, texts: Texts) -> str:
    return _say(
        texts,
        "cause_gain_possible" if gain.possible else "cause_gain",
        figure=gain.figure,
        title=texts.kpi(gain.figure),
        met=gain.met,
        of=gain.of,
        met_after=gain.met_after,
        of_after=gain.of_after,
        most=gain.met_after + gain.possible,
    )


def summary(causes: Sequence[Cause], texts: Texts, names: Mapping[AgencyId, str]) -> Iterator[str]:
    """Yield a line for each of the first causes."""
    for number, told in enumerate(lines(causes[:TOLD], texts, names), 1):
        gains = "; ".join(part for part in (told.targets, *told.gains[:2]) if part)
        owner = f"{_say(texts, 'cause_whose')}: {told.owner}"
        yield f"{number}. {told.title}: {told.takes}. {owner}." + (f" {gains}" if gains else "")


def _say(texts: Texts, key: str, **args: object) -> str:
    return texts.say(f"report/{key}", CAUSE_WORDS[key], **args)
