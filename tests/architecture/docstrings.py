"""First lines of docstrings: sentences with a verb. Run as a module, prints those that are fragments.

Arguments are kinds (``module``, ``class``, ``function``); without any, all are printed.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.tree import PACKAGES, ROOT, python_files

SCOPE = (*PACKAGES, "benchmarks", "containers")
VERBS = frozenset(Path(__file__).with_name("docstring_verbs.txt").read_text(encoding="utf-8").split())
"""Verbs that docstrings begin with; a new one is added here."""
_IRREGULAR = {"has": "have", "does": "do"}


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


def _is_verb(word: str) -> bool:
    stems = (word, _IRREGULAR.get(word, ""), word.removesuffix("s"), word.removesuffix("es"))
    return any(stem in VERBS for stem in (*stems, word.removesuffix("ies") + "y"))


def first_lines(path: Path, source: str) -> Iterator[FirstLine]:
    """Yield the first lines of a module and of its public classes and functions, as far as they have docstrings."""
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
        if text and not name.startswith("_"):
            yield FirstLine(kind, path, number, name, text.splitlines()[0])


def fragments(*kinds: str) -> list[str]:
    """Name each first line of these kinds that is no sentence with a verb."""
    lines = (
        line for path in python_files(*SCOPE) for line in first_lines(path, (ROOT / path).read_text(encoding="utf-8"))
    )
    return [
        f"{line.path}:{line.number} {line.name}\t{line.text}"
        for line in lines
        if line.kind in kinds and not is_sentence(line.text)
    ]


if __name__ == "__main__":
    for fragment in fragments(*(sys.argv[1:] or ("module", "class", "function"))):
        print(fragment)
