"""Formats a job's error message in all languages; each page shows its own."""

from collections.abc import Mapping

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.scheduler.model import ControlError
from auditor.service.store.records import StoreError
from auditor.texts.translate import LANGUAGES, Texts
from inventory.problems.problem import InventoryError

LONGEST = 2_000
"""Maximum length in characters; a spreadsheet may have thousands of mistakes."""
Expected = (OperatorError, InventoryError, StoreError, ControlError)
"""Errors that an operator can fix."""


def error_texts(error: Exception, inventory: str) -> Mapping[str, str]:
    """Return the text of an error among ``Expected``, by language."""
    return {lang: "\n".join(_lines(error, inventory, Texts(lang)))[:LONGEST] for lang in LANGUAGES}


def telling(operator_problem: OperatorProblem) -> Mapping[str, str]:
    return {lang: _worded(operator_problem, Texts(lang)) for lang in LANGUAGES}


def _lines(error: Exception, inventory: str, texts: Texts) -> list[str]:
    match error:
        case OperatorError():
            return [_worded(problem, texts) for problem in error.problems]
        case InventoryError():
            return list(error.lines(texts.lang))
        case StoreError():
            return [texts.say("ui", error.template, **error.args_by_name)]
        case _:
            return [_worded(problem("the service knows no inventory '{name}'", name=inventory), texts)]


def _worded(operator_problem: OperatorProblem, texts: Texts) -> str:
    return operator_problem.worded(lambda template, **values: texts.say("ui", template, **values))
