"""Measures the length of files and functions. Run as a module, prints the ten largest of each."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.tree import PACKAGES, ROOT, python_files

FUNCTION_LIMIT = 45
RAW_LIMIT = 400
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign)


class Measured(NamedTuple):
    lines: int
    limit: int
    where: str


def file_limit(path: Path) -> int:
    if path.parts[:2] == ("auditor", "checks"):
        return 150
    if path.parts[0] == "probes" and len(path.parts) == 2:
        return 300
    return 400


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the length of the body: decorators (a check's texts), the signature and the docstring are not counted."""
    first = function.body[0]
    start = (first.end_lineno or first.lineno) + 1 if ast.get_docstring(function, clean=False) else first.lineno
    return (function.end_lineno or function.lineno) - start + 1


def _declared(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the number of lines of the decorators: texts of a check or options of a command are not logic."""
    return sum((expr.end_lineno or expr.lineno) - expr.lineno + 1 for expr in function.decorator_list)


def _constants(tree: ast.Module) -> int:
    """Return the number of lines of a module's own tables."""
    return sum(
        (stmt.end_lineno or stmt.lineno) - stmt.lineno + 1 for stmt in tree.body if isinstance(stmt, _ASSIGNMENTS)
    )


def measured() -> tuple[list[Measured], list[Measured]]:
    sizes: list[Measured] = []
    functions: list[Measured] = []
    for path in python_files(*PACKAGES, "containers"):
        text = (ROOT / path).read_text("utf-8")
        tree = ast.parse(text)
        found = list(_functions(tree))
        logic = len(text.splitlines()) - sum(_declared(node) for node in found) - _constants(tree)
        sizes.append(Measured(logic, file_limit(path), str(path)))
        functions += [Measured(_length(node), FUNCTION_LIMIT, f"{path}:{node.lineno} {node.name}") for node in found]
    return sorted(sizes, reverse=True), sorted(functions, reverse=True)


def too_long(root: Path, paths: Iterable[Path]) -> list[str]:
    """Name the files above the limit; declarations and tables count here, and data belong in data files."""
    counted = ((path, len((root / path).read_text("utf-8").splitlines())) for path in paths)
    return [f"{path}: {lines} raw lines of {RAW_LIMIT}" for path, lines in counted if lines > RAW_LIMIT]


def main() -> None:
    for title, rows in zip(("files", "functions"), measured(), strict=True):
        print(f"the ten largest {title}:")
        for row in rows[:10]:
            print(f"  {row.lines:4} of {row.limit}  {row.where}")


if __name__ == "__main__":
    main()
