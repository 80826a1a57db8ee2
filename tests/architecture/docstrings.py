"""First lines of docstrings: sentences in plain English. Run as a module, prints those that are fragments.

Arguments are kinds (``module``, ``class``, ``function``); without any, all are printed.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.tree import PACKAGES, ROOT, python_files

SCOPE = (*PACKAGES, "benchmarks", "containers")
VERBS = frozenset(Path(__file__).with_name("docstring_verbs.txt").read_text(encoding="utf-8").split())
"""Verbs that docstrings begin with; a new one is added here."""
_IRREGULAR = {"has": "have", "does": "do"}
_AS_NOUN = re.compile(r"\b(what|whatever|whichever|whoever|whom)\b", re.IGNORECASE)
"""Words that stand for a noun which is not named."""
_FRAGMENT = re.compile(
    r"(After|Again|Against|All|Also|Another|As|At|Before|Behind|Beside|Between|Both|By|Each|Every|Everything|For|From|How"
    r"|If|In|Its|Never|No|None|Not|Nothing|Of|On|One|Only|Over|That|Those|To|Under|Until|When|Where|Whether|Who|Why|With"
    r"|Within|Without)\b"
)
"""Beginnings of lines that cannot be understood alone."""


class FirstLine(NamedTuple):
    """The first line of a docstring, and where it stands."""

    kind: str
    path: Path
    number: int
    name: str
    text: str


def is_sentence(line: str) -> bool:
    """Whether a line begins with a verb ("Reads …", "Read …", "True if …", "Raised where …") and ends a sentence."""
    word, _, rest = line.partition(" ")
    word = word.rstrip(",.;:").lower()
    begins = word == "raised" or (word == "true" and rest.startswith("if ")) or _is_verb(word)
    return begins and line.endswith((".", ":", "?"))


def is_plain(line: str) -> bool:
    """True if a line names the thing that it is about, and is not a fragment of a sentence."""
    return not _AS_NOUN.search(line) and not _FRAGMENT.match(line)


def _is_verb(word: str) -> bool:
    stems = (word, _IRREGULAR.get(word, ""), word.removesuffix("s"), word.removesuffix("es"))
    return any(stem in VERBS for stem in (*stems, word.removesuffix("ies") + "y"))


def first_lines(path: Path, source: str) -> Iterator[FirstLine]:
    """Yield the first lines of a module, its classes and functions, as far as they have docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module):
            kind, name, number = "module", "", 1
        elif isinstance(node, ast.ClassDef):
            kind, name, number = "class", node.name, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            kind, name, number = "function", node.name, node.lineno
        else:
            continue
        text = ast.get_docstring(node)
        if text:
            yield FirstLine(kind, path, number, name, text.splitlines()[0])


def fragments(*kinds: str) -> list[str]:
    """Name each first line of these kinds, of public ones, that is not a sentence with a verb."""
    return [
        _named(line)
        for line in _every_line()
        if line.kind in kinds and not line.name.startswith("_") and not is_sentence(line.text)
    ]


def riddles() -> list[str]:
    """Name each first line that is not plain."""
    return [_named(line) for line in _every_line() if not is_plain(line.text)]


def _every_line() -> Iterator[FirstLine]:
    for path in python_files(*SCOPE):
        yield from first_lines(path, (ROOT / path).read_text(encoding="utf-8"))


def _named(line: FirstLine) -> str:
    return f"{line.path}:{line.number} {line.name}\t{line.text}"


if __name__ == "__main__":
    for fragment in fragments(*(sys.argv[1:] or ("module", "class", "function"))):
        print(fragment)
