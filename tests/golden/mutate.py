"""Changes a module of checks or facts in memory, one place at a time, and prints each change that nothing notices.

A change turns a comparison or a condition, adds one to a number, or returns nothing. Of each function only the golden
cases that call it are judged again; what they let pass is tried with the module's unit test. A line that is printed may
be a change that means the same. No file is written.
"""

import ast
import importlib
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import NoReturn

import pytest

from auditor.framework.check import load as load_checks
from probes.framework.evidence import EvidenceSet
from tests.golden.case import HERE, Loaded, findings, load, shown
from tests.golden.documents import read

CHECKS = {str(id_): check for id_, check in load_checks().items()}
SECONDS = 10
"""Seconds of processor time for the cases of one change; a change that takes longer never ends."""
_PAIRS = (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot)
_TURNED: Mapping[type[ast.AST], type[ast.AST]] = {
    a: b for pair in (*_PAIRS, (ast.And, ast.Or), (ast.Continue, ast.Break)) for a, b in (pair, pair[::-1])
}
_NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """Yield replacements for a node."""
    match node:
        case _ if type(node) in _TURNED:
            yield _TURNED[type(node)]()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Name(id=name) if name in _NAMES:
            yield ast.Name(id=_NAMES[name], ctx=ast.Load())
        case ast.Constant(value=bool() | int() | float() as value):
            yield ast.Constant(value=not value if isinstance(value, bool) else value + 1)
        case ast.If(test=test) | ast.IfExp(test=test) if isinstance(test, ast.Name | ast.Call | ast.Attribute):
            yield _with(node, test=ast.UnaryOp(op=ast.Not(), operand=test))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield _with(node, value=ast.Constant(value=None))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy(node)
    vars(changed).update(fields)
    return changed


def changes(source: str, qualname: str) -> Iterator[tuple[str, CodeType]]:
    """Yield each change of a function in words, and the code that it makes."""
    tree = ast.parse(source)
    function: ast.AST = tree
    for name in qualname.split("."):
        function = next(each for each in function.body if getattr(each, "name", "") == name)  # type: ignore[attr-defined]
    inside = [node for statement in function.body for node in ast.walk(statement)]  # type: ignore[attr-defined]
    for parent, field, value in [(function, "body", function.body), *_fields(inside)]:  # type: ignore[attr-defined]
        nodes = value if isinstance(value, list) else [value]
        for place, node in enumerate(nodes):
            for variant in variants(node):
                changed = [*nodes[:place], variant, *nodes[place + 1 :]]
                setattr(parent, field, changed if isinstance(value, list) else variant)
                code = compile(ast.fix_missing_locations(tree), "changed", "exec")
                line = getattr(node, "lineno", getattr(parent, "lineno", 0))
                text = ast.unparse(variant if parent is function else parent).splitlines()[0]
                yield f"{line}: {text}", _inner(code, qualname)
                setattr(parent, field, value)


def _fields(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str, object]]:
    return ((node, field, value) for node in nodes for field, value in ast.iter_fields(node))


def _inner(code: CodeType, qualname: str) -> CodeType:
    name, _, rest = qualname.partition(".")
    found = next(const for const in code.co_consts if isinstance(const, CodeType) and const.co_name == name)
    return _inner(found, rest) if rest else found


def functions(module: ModuleType) -> Iterator[FunctionType]:
    """Yield the functions and methods that a module defines, without their decorators' wrappers."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    for value in (value for holder in (module, *classes) for value in vars(holder).values()):
        for inner in (value, *(getattr(value, name, None) for name in ("fget", "__func__", "__wrapped__"))):
            if isinstance(inner, FunctionType) and inner.__code__.co_filename == module.__file__:
                yield inner


def _findings(case: Loaded) -> list[dict[str, object]]:
    fresh = replace(case, evidence=EvidenceSet(list(case.evidence)))  # an old set caches results
    return [shown(finding) for finding in findings(fresh, CHECKS[case.check])]


def _callers(modules: Iterable[ModuleType]) -> Mapping[CodeType, list[Loaded]]:
    """Return the cases that call each function; of check modules, only their own cases are run."""
    names = {module.__name__ for module in modules}
    checks = [check for check, found in CHECKS.items() if found.run.__module__ in names]
    if not all(name.startswith("auditor.checks.") for name in names):
        checks = list(CHECKS)
    called: dict[CodeType, list[Loaded]] = defaultdict(list)
    for case in (load(check, read(file)) for check in checks for file in sorted((HERE / check).glob("*.json"))):
        seen = set[CodeType]()
        _forget()
        sys.setprofile(partial(_note, seen))
        _findings(case)
        sys.setprofile(None)
        for code in seen:
            called[code].append(case)
    return called


def _note(seen: set[CodeType], frame: FrameType, _event: str, _argument: object) -> None:
    seen.add(frame.f_code)


def _forget() -> None:
    """Empty every cache of the product, because its contents were computed without the change."""
    for clear in _caches():
        clear()


@cache
def _caches() -> Sequence[Callable[[], None]]:
    own = [module for name, module in sys.modules.items() if name.startswith("auditor.")]
    values = (value for module in own for value in vars(module).values())
    return [value.cache_clear for value in values if hasattr(value, "cache_clear")]


def _is_noticed(cases: Iterable[Loaded]) -> bool:
    """True if a case gives other findings than its file holds, raises, or does not end in time."""
    _forget()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return any(_findings(case) != case.findings for case in cases)
    except Exception:
        return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _fails(test: Path) -> bool:
    """Run a unit test in a process of its own, in which the change is in force."""
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(int(pytest.main(["-qx", "-p", "no:cacheprovider", "-p", "no:randomly", str(test)])))
    return os.waitpid(child, 0)[1] != 0


def survivors(module: ModuleType, callers: Mapping[CodeType, list[Loaded]]) -> Iterator[str]:
    """Yield a line for each change of a module that nothing notices."""
    path = Path(*module.__name__.split(".")).with_suffix(".py")
    test = Path("tests/unit", path.parent, f"test_{path.name}")
    tested = test.exists() and not _fails(test)
    own = {each.__code__: each for each in functions(module)}

    def survives(cases: Iterable[Loaded]) -> bool:
        return not _is_noticed(cases) and not (tested and _fails(test))

    for code, function in own.items():
        for change, changed in changes(path.read_text(encoding="utf-8"), function.__qualname__):
            function.__code__ = changed
            if survives(callers.get(code, ())):
                yield f"{path}:{change}"
        function.__code__ = code
    every = {id(case): case for code in own for case in callers.get(code, ())}.values()
    for name, value in list(vars(module).items()):
        if type(value) in (int, float):
            setattr(module, name, value + 1)
            if survives(every):
                yield f"{path}: {name} = {value + 1}"
            setattr(module, name, value)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError


if __name__ == "__main__":
    signal.signal(signal.SIGVTALRM, _end)
    modules = [importlib.import_module(".".join(Path(name).with_suffix("").parts)) for name in sys.argv[1:]]
    callers = _callers(modules)
    for line in (line for module in modules for line in survivors(module, callers)):
        print(line, flush=True)
