"""Finds every regular expression of the product and its uses.

Loads the modules and reads their syntax, so that a new pattern is always measured.
"""

import ast
import dataclasses
import importlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from tests.architecture.tree import PACKAGES, ROOT, module_name, python_files

SEARCHING = frozenset({"search", "finditer"})
WHOLE = frozenset({"match", "fullmatch"})
_AS = {
    "findall": "finditer",
    "finditer": "finditer",
    "fullmatch": "fullmatch",
    "match": "match",
    "search": "search",
    "split": "finditer",
    "sub": "finditer",
    "subn": "finditer",
}
_DEEPEST = 4
_CONTAINERS = (tuple, list, set, frozenset)
_PROGRAMS = frozenset({"__main__"})
_IMPORTING = re.compile(r"^\s*import\b.*\bre\b", re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class Use:
    """Holds one pattern with the methods of ``re`` that are called on it somewhere."""

    where: str
    pattern: "re.Pattern[Any]"
    methods: frozenset[str]


def uses(local: Mapping[str, "tuple[re.Pattern[Any], ...]"]) -> list[Use]:
    """Return the patterns of all modules and their uses.

    ``local`` names, by ``module:expression``, the patterns of an expression whose value is known only at run time; one
    that is missing there is an error.
    """
    texts = {path: (ROOT / path).read_text("utf-8") for path in python_files(*PACKAGES)}
    ours = {path: ast.parse(text) for path, text in texts.items() if _IMPORTING.search(text)}
    modules = {
        path: vars(importlib.import_module(module_name(path)))
        for path, tree in ours.items()
        if path.stem not in _PROGRAMS and _mentions(tree)
    }
    # Other modules matter only if they name a public pattern.
    public = {name for held in modules.values() for name, value in held.items() if _is_public_pattern(name, value)}
    others = {path: ast.parse(text) for path, text in texts.items() if path not in ours and _names_one(text, public)}
    called = _called({path: ours.get(path) or others[path] for path in texts if path in ours or path in others})
    found: list[Use] = []
    for path, module in modules.items():
        name = module_name(path)
        for variable, value in list(module.items()):
            methods = (
                called.get(_key(name, variable), WHOLE | SEARCHING)
                if isinstance(value, re.Pattern)
                else WHOLE | SEARCHING
            )
            found += [Use(f"{name}:{variable}", each, methods) for each in _patterns(value, _DEEPEST)]
        kept = {each.pattern for each in found if each.where.startswith(f"{name}:")}
        inline = _inline(name, ours[path], module, local)
        found += [use for use in inline if use.pattern not in kept or use.where in local]
    return found


def _is_public_pattern(name: str, value: object) -> bool:
    return isinstance(value, re.Pattern) and not name.startswith("_")


def _names_one(text: str, names: Set[str]) -> bool:
    return any(name in text for name in names)


def _mentions(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Import) and any(name.name == "re" for name in node.names) for node in ast.walk(tree)
    )


def _called(trees: Mapping[Path, ast.Module]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the methods called on a pattern, by module and variable.

    A pattern that is also passed on is left out: all methods count for it. The module of a public variable is empty,
    because any module may use it.
    """
    direct: dict[tuple[str, str], set[str]] = {}
    handed: set[tuple[str, str]] = set()
    for path, tree in trees.items():
        module, nodes = module_name(path), list(ast.walk(tree))
        held, listed = set(), _listed(nodes)
        for node in nodes:
            if isinstance(node, ast.Attribute) and node.attr in _AS:
                for name in _bases(node.value, listed):
                    direct.setdefault(_key(module, name.id), set()).add(_AS[node.attr])
                    held.add(name)
        names = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
        handed |= {_key(module, node.id) for node in names if node not in held}
    return {key: frozenset(methods) for key, methods in direct.items() if key not in handed}


def _bases(value: ast.expr, listed: Mapping[str, list[ast.expr]]) -> list[ast.Name]:
    """Return ``X`` of ``X.match(…)``, also of ``(X if … else Y).match(…)`` and ``for one in (X, Y): one.match(…)``."""
    chosen = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    chosen += listed.get(value.id, []) if isinstance(value, ast.Name) else []
    return [expr for expr in chosen if isinstance(expr, ast.Name)]


def _listed(nodes: Iterable[ast.AST]) -> Mapping[str, list[ast.expr]]:
    loops = (node for node in nodes if isinstance(node, ast.For | ast.comprehension))
    return {
        loop.target.id: loop.iter.elts
        for loop in loops
        if isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Tuple)
    }


def _key(module: str, variable: str) -> tuple[str, str]:
    return (module if variable.startswith("_") else "", variable)


def _patterns(value: object, depth: int) -> Iterator["re.Pattern[Any]"]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, _CONTAINERS):
        for each in value:
            yield from _patterns(each, depth - 1)
    elif depth and isinstance(value, Mapping):
        for each in (*value.keys(), *value.values()):
            yield from _patterns(each, depth - 1)
    elif depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _patterns(getattr(value, field.name, None), depth - 1)


def _inline(
    name: str, tree: ast.Module, module: Mapping[str, object], local: Mapping[str, "tuple[re.Pattern[Any], ...]"]
) -> Iterator[Use]:
    """Yield patterns written at their use: ``re.split(r"[ ,]+", text)``, and those compiled inside a function."""
    for node, is_inside in _with_scope(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "re"):
            continue
        method = node.func.attr
        if method not in _AS and (method != "compile" or not is_inside):
            continue  # what is compiled as the module is loaded is among its variables
        methods = WHOLE | SEARCHING if method == "compile" else frozenset({_AS[method]})
        where = f"{name}:{ast.unparse(node.args[0])}"
        for pattern in local.get(where) or (_evaluated(node, where, module),):
            yield Use(where, pattern, methods)


def _with_scope(tree: ast.Module) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node, and whether it is inside a function or a class."""
    waiting: deque[tuple[ast.AST, bool]] = deque([(tree, False)])
    while waiting:
        node, is_inside = waiting.popleft()
        yield node, is_inside
        is_inside = is_inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        waiting.extend((child, is_inside) for child in ast.iter_child_nodes(node))


def _evaluated(node: ast.Call, where: str, module: Mapping[str, object]) -> "re.Pattern[Any]":
    flags = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
    flags += [arg for arg in node.args[1:] if "re." in ast.unparse(arg)]
    made = ast.Expression(ast.Call(ast.parse("re.compile", mode="eval").body, [node.args[0], *flags], []))
    try:
        found = eval(compile(ast.fix_missing_locations(made), where, "eval"), dict(module))
    except NameError as error:
        raise AssertionError(f"{where}: name what this pattern can be in LOCAL ({error})") from error
    assert isinstance(found, re.Pattern)
    return found
