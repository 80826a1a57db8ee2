"""Chooses the frameworks by which figures are judged: the shipped ones and the operator's own.

They are kept with a run as the texts from which they were read, so that a figure stays judged by the frameworks in
force when it was made, even if the files change later.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from auditor.figures.kpis import KPIS
from auditor.framework.catalogue import Catalogue
from auditor.framework.operator_problems import OperatorProblem, nearest, problem, unreadable
from auditor.regulations.loading import FrameworkError, parse, shipped, shipped_texts
from auditor.regulations.model import Framework, RuleKind
from auditor.service.config.model import FrameworksSection
from inventory.safe_open import read_text

shipped_frameworks = lru_cache(maxsize=1)(shipped)


def framework_texts(
    section: FrameworksSection, catalogue: Catalogue, problems: list[OperatorProblem]
) -> tuple[str, ...]:
    """Return the texts of the chosen frameworks, to be kept with a run; none if the operator chose nothing."""
    if not section.files and not section.leave_out:
        return ()
    names = {framework.id for framework in shipped_frameworks()}
    for name in section.leave_out:
        if name not in names:
            at = "frameworks.leave_out"
            problems.append(
                problem("unknown framework '{framework}'", at=at, framework=name, hint=nearest(name, names))
            )
    taken: dict[str, Path | None] = dict.fromkeys(names.difference(section.leave_out))
    texts = [text for text in shipped_texts() if parse(text, source="").id in taken]
    for path in section.files:
        text = _own(path, taken, catalogue, problems)
        texts += [] if text is None else [text]
    return tuple(texts)


def frameworks_of(texts: Sequence[str]) -> tuple[Framework, ...]:
    """Return the frameworks that were kept with a run, by id; if none were, the shipped ones."""
    return tuple(shipped_frameworks()) if not texts else _parsed(tuple(texts))


def chosen_frameworks(section: FrameworksSection, catalogue: Catalogue) -> tuple[Framework, ...]:
    """Return the frameworks that the configuration chooses. Raises FrameworkError with every problem at once."""
    problems: list[OperatorProblem] = []
    texts = framework_texts(section, catalogue, problems)
    if problems:
        raise FrameworkError(problems)
    return frameworks_of(texts)


def read_framework(path: Path, catalogue: Catalogue, problems: list[OperatorProblem]) -> tuple[str, Framework] | None:
    """Read one framework file of the operator; add its problems to ``problems``, with file, requirement and key."""
    try:
        text = read_text(path)
        framework = parse(text, source=str(path))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(unreadable(error, at=str(path)))
        return None
    except FrameworkError as error:
        problems.extend(error.problems)
        return None
    unknown = list(_unknown(framework, str(path), catalogue))
    problems.extend(unknown)
    return None if unknown else (text, framework)


@lru_cache(maxsize=16)
def _parsed(texts: tuple[str, ...]) -> tuple[Framework, ...]:
    return tuple(sorted((parse(text, source="") for text in texts), key=lambda framework: framework.id))


def _own(
    path: Path, taken: dict[str, Path | None], catalogue: Catalogue, problems: list[OperatorProblem]
) -> str | None:
    read = read_framework(path, catalogue, problems)
    if read is None:
        return None
    text, framework = read
    if framework.id not in taken:
        taken[framework.id] = path
        return text
    first, at = taken[framework.id], f"{path}: id"
    problems.append(
        problem(
            "the id {id} is taken by a shipped framework; use another, or name it in frameworks.leave_out",
            at=at,
            id=framework.id,
        )
        if first is None
        else problem("the id {id} is taken by {first}", at=at, id=framework.id, first=str(first))
    )
    return None


def _unknown(framework: Framework, source: str, catalogue: Catalogue) -> Iterable[OperatorProblem]:
    """Yield a problem for each check or indicator that this program lacks: its requirement would never be met."""
    for requirement in framework.requirements:
        at = f"{source}: {requirement.id}"
        for word in requirement.checks:
            if not any(_covers(word, check) for check in catalogue.checks):
                hint = nearest(word, catalogue.checks)
                yield problem("unknown check '{check}'", at=f"{at}: checks", check=word, hint=hint)
        rule = requirement.rule
        if rule.kind is RuleKind.KPI and rule.kpi not in KPIS:
            yield problem("unknown indicator '{kpi}'", at=f"{at}: rule", kpi=rule.kpi, hint=nearest(rule.kpi, KPIS))


def _covers(word: str, check: str) -> bool:
    return check == word or (word.endswith(".*") and check.startswith(word[:-1]))
