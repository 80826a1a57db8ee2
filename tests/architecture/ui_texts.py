"""Finds every text of the command line and of operator errors in the source: the keys that ``ui.po`` must hold."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.architecture.tree import ROOT, python_files

TAKES_TEXT = frozenset({"ui", "problem", "StoreDamaged", "StoreError", "StoreFailed", "Moved"})
TABLES = {
    "auditor/service/config/error_texts.py": "TEXTS",
    "auditor/service/store/database/postgresql.py": "_EXPLAINED",
    "auditor/service/store/database/sqlite.py": "_EXPLAINED",
}
"""Tables of texts, by file: the values of a dictionary, or the last of each row."""
NAMES_A_THING = {
    "unknown": (
        "the store holds no {what} '{{wanted}}'",
        "the store holds no {what} '{{wanted}}'; did you mean '{{near}}'?",
    ),
    "taken": ("the store holds a {what} '{{wanted}}' already",),
}
"""Functions of auditor/service/store/records.py that put a word into a text before it becomes a key."""
PASSES_ON = frozenset(
    {
        "auditor/service/store/records.py",
        "auditor/service/store/database/postgresql.py",
        "auditor/service/store/database/sqlite.py",
        "auditor/service/cli/words.py",
    }
)
"""Files in which such a call may get its text from a variable."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Holds one text and its place; ``text`` is empty if the source does not have it as a literal."""

    text: str
    where: str


def found() -> tuple[Found, ...]:
    return tuple(sorted({one for path in python_files("auditor") for one in _in_file(path.as_posix())}))


def has_words(text: str) -> bool:
    """True if a text has words to translate beside its fields; words chosen by a number count."""
    return bool(re.search(r"[A-Za-z]", re.sub(r"\{[^}/]*\}", "", text)))


def _in_file(path: str) -> Iterator[Found]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    if path in TABLES:
        constants = _constants(tree)
        yield from (Found(text, path) for text in _rows(constants[TABLES[path]], constants))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            yield from (Found(text, f"{path}:{node.lineno}") for text in _of_call(node.func.id, node.args[0], path))


def _of_call(name: str, argument: ast.expr, path: str) -> Iterator[str]:
    if name in NAMES_A_THING and path.startswith("auditor/service/store/"):
        yield from (form.format(what=ast.literal_eval(argument)) for form in NAMES_A_THING[name])
    elif name in TAKES_TEXT and isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif name in TAKES_TEXT and path not in PASSES_ON and getattr(argument, "attr", "") != "template":
        yield ""


def _constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    """Return the values of the constants of a module by name."""
    plain = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    annotated = [(node.target, node.value) for node in tree.body if isinstance(node, ast.AnnAssign) and node.value]
    return {target.id: value for target, value in [*plain, *annotated] if isinstance(target, ast.Name)}


def _rows(table: ast.expr, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    if isinstance(table, ast.Dict):
        yield from (str(ast.literal_eval(constants[v.id] if isinstance(v, ast.Name) else v)) for v in table.values)
    elif isinstance(table, ast.Tuple):
        yield from (str(ast.literal_eval(row)[-1]) for row in table.elts)
