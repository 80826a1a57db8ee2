"""Holds a mistake of the operator as data, so that it can be shown in any language (``cli.words.ui``).

It is raised where it is noticed and worded where it is shown. The English template is the key of its translation.
"""

import difflib
import errno
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from auditor.framework.message_format import fill
from inventory.safe_open import NotAFile, TooLarge

Say = Callable[..., str]
"""Words a problem: ``say(template, **values)`` returns the template in some language, filled in."""


@dataclass(frozen=True, slots=True)
class OperatorProblem:
    """Holds one problem. ``place`` (a file, a variable, a key in it) stands in front and is never translated."""

    template: str
    values: Mapping[str, object]
    place: str = ""
    hint: "OperatorProblem | None" = None

    def worded(self, say: Say) -> str:
        text = say(self.template, **self.values) + (self.hint.worded(say) if self.hint else "")
        return f"{self.place}: {text}" if self.place else text

    def __str__(self) -> str:
        return self.worded(_english)


class Explained(Exception):
    """Raised where the message states the cause and the remedy, so that no log needs the traceback."""


class OperatorError(Exception):
    """Raised for operator input that cannot be used, with all its problems at once. Nothing was sent."""

    def __init__(self, problems: Iterable[OperatorProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def problem(
    template: str, /, *, at: str = "", hint: OperatorProblem | None = None, **values: object
) -> OperatorProblem:
    """Return an ``OperatorProblem`` with its values as keyword arguments."""
    return OperatorProblem(template, values, at, hint)


def below(place: str, operator_problem: OperatorProblem) -> OperatorProblem:
    """Return the same problem with ``place`` in front of its own place."""
    return replace(operator_problem, place=f"{place}: {operator_problem.place}" if operator_problem.place else place)


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> OperatorProblem | None:
    """Return the hint `` (did you mean …?)`` with the closest known word, or None.

    If none is close, it names the shortest known word that ends with this one after a dot.
    """
    words = list(known)
    close = difflib.get_close_matches(word, words, n=1, cutoff=cutoff)
    close = close or sorted((name for name in words if name.endswith(f".{word}")), key=len)[:1]
    return problem(" (did you mean '{near}'?)", near=close[0]) if close else None


def unreadable(error: OSError | UnicodeDecodeError, *, at: str) -> OperatorProblem:
    """Return the problem of a file that could not be read as text."""
    match error:
        case UnicodeDecodeError():
            return problem("is not text in UTF-8", at=at)
        case FileNotFoundError():
            return problem("there is no such file", at=at)
        case IsADirectoryError():
            return problem("is a folder, not a file", at=at)
        case TooLarge():
            return problem("is larger than {most:n} bytes", at=at, most=error.limit)
        case NotAFile():
            return problem("is a pipe, a device or a socket, not a file", at=at)
        case PermissionError():
            return problem("may not be read: no permission", at=at)
        case _:
            return problem("cannot be read: {why}", at=at, why=error.strerror or str(error))


def unwritable(error: OSError, *, at: str) -> OperatorProblem:
    """Return the problem of a file or folder that could not be created or written."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return problem("no space left", at=at)
        case errno.ENOENT:
            return problem("the folder for it does not exist", at=at)
        case errno.ENOTDIR | errno.EEXIST:
            return problem("what should be its folder is a file", at=at)
        case errno.EISDIR:
            return problem("is a folder, not a file", at=at)
        case errno.EACCES | errno.EPERM:
            return problem("may not be written: no permission", at=at)
        case errno.EROFS:
            return problem("cannot be written: the file system is read-only", at=at)
        case _:
            return problem("cannot be written: {why}", at=at, why=error.strerror or str(error))


def _english(template: str, **values: object) -> str:
    return fill(template, values, "en")
