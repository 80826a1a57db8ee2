"""Checks imports that import-linter cannot see: parts of third-party packages, modules missing from its contract.

Judging and reporting may parse DNS, never ask it.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, module_name, python_files

_CONTRACT = next(
    contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    if contract["id"] == "pure"
)
_PURE = tuple(_CONTRACT["source_modules"])
_PACKAGED = "from importlib import resources\n"
"""Reads the data that is shipped with the program: the same on every machine."""
_FORBIDDEN = (
    *_CONTRACT["forbidden_modules"],
    "dns.query",
    "dns.asyncquery",
    "dns.resolver",
    "dns.asyncresolver",
    "dns.asyncbackend",
    "probes.framework.runner",
    "probes.framework.limits",
    "probes.framework.vantage",
    "importlib",
    "requests",
    "urllib.request",
    "http.client",
)


def _is_within(name: str, parent: str) -> bool:
    return name == parent or name.startswith(parent + ".")


def imported(source: str) -> Iterator[str]:
    """Yield every module that a source text may import; `from a import b` yields both a and a.b."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _leaves_purity(source: str) -> list[str]:
    names = imported(source.replace(_PACKAGED, ""))
    return [name for name in names if any(_is_within(name, parent) for parent in _FORBIDDEN)]


def _pure_files() -> list[Path]:
    return [
        path
        for path in python_files("auditor", "reports")
        if any(_is_within(module_name(path), parent) for parent in _PURE)
    ]


_LOADERS = {Path("auditor/framework/check.py"), Path("reports/page_templates.py"), Path("reports/registry.py")}
"""Load parts of the program by name: the checks in their folder, compiled templates, a format when it is asked for."""


@pytest.mark.parametrize("path", [path for path in _pure_files() if path not in _LOADERS], ids=str)
def test_pure_modules_stay_pure(path: Path) -> None:
    assert not _leaves_purity((ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("import dns.query", True),
        ("from dns import resolver", True),
        ("def f():\n    from dns.asyncquery import udp", True),
        ("import dns.message, dns.dnssec", False),
        ("from dns.rdtypes.ANY.DS import DS", False),
    ],
)
def test_the_test_sees(line: str, *, seen: bool) -> None:
    assert bool(_leaves_purity(line)) is seen
