"""Tells which extra of the installation brings a package that is not there.

A small installation checks one target; what stores, pages and documents need comes with extras of ``pyproject.toml``.
"""

import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.pipeline.version import program_version

DISTRIBUTION = "ipv6-readiness-auditor"
PACKAGED = "/opt/auditor"
"""Environment that a package for Debian or RPM systems brings."""
EXTRAS: Mapping[str, str] = {
    "aiohttp": "serve",
    "alembic": "store",
    "apprise": "chat",
    "argon2": "serve",
    "docxtpl": "office",
    "fontpkg_be_vietnam_pro": "pdf",
    "joserfc": "serve",
    "markdown_it": "serve",
    "multidict": "serve",
    "prometheus_client": "serve",
    "psycopg": "postgresql",
    "pyotp": "serve",
    "rfc3161_client": "store",
    "scapy": "rawpkt",
    "segno": "serve",
    "sqlalchemy": "store",
    "typst": "pdf",
    "xlsxwriter": "office",
    "zxcvbn": "serve",
}
"""Extras by the top-level modules of their packages."""
HELD: Mapping[str, frozenset[str]] = {
    "serve": frozenset({"office", "pdf", "store"}),
    "postgresql": frozenset({"store"}),
}
"""Extras that others bring as well."""


def lacking(module: str) -> OperatorProblem | None:
    """Word the lack of a module for whoever installed the program; None where no extra would bring it."""
    package = module.partition(".")[0]
    extra = EXTRAS.get(package)
    if extra is None:
        return None
    return problem(
        "this needs the package {package}, which is not installed; the extra {extra} brings it: {command}",
        package=package,
        extra=extra,
        command=command_for(extra),
    )


def missing() -> tuple[str, ...]:
    """Name the extras of which a package is not installed."""
    return tuple(sorted({extra for module, extra in EXTRAS.items() if find_spec(module) is None}))


def command_for(extra: str) -> str:
    """Write the command that adds an extra; those that are installed stay.

    It names the file of the wheel: no package index has this program, and whoever put one of its name there would be
    let in. In a package for Debian or RPM systems it adds to the environment that the package brings.
    """
    if sys.prefix == PACKAGED:
        return f"pip --python {PACKAGED}/bin/python install {' '.join(map(shlex.quote, _requirements(extra)))}"
    wanted = {extra} | (set(EXTRAS.values()) - set(missing()))
    for outer, inner in HELD.items():
        if outer in wanted:
            wanted -= inner
    wheel = f"{DISTRIBUTION.replace('-', '_')}-{program_version()}-py3-none-any.whl"
    return f"{_installer()} --force './{wheel}[{','.join(sorted(wanted))}]'"


def _installer() -> str:
    """Return the command that made this environment; ``pipx install`` where nothing tells which it was."""
    if Path(sys.prefix, "uv-receipt.toml").exists():
        return "uv tool install"
    return "pipx install --global" if sys.prefix.startswith("/opt/pipx/") else "pipx install"


def _requirements(extra: str) -> list[str]:
    """List what an extra asks for, as the installed program declares it."""
    declared = (text.partition(";") for text in requires(DISTRIBUTION) or ())
    return [wanted.strip() for wanted, _, marker in declared if f"extra=={extra}" in re.sub(r"[\s'\"]", "", marker)]


def require(modules: Iterable[str]) -> None:
    """Refuse before anything is done for which a module of an extra would be missing. Raises OperatorError."""
    found = (lacking(module) for module in modules if find_spec(module) is None)
    told = next((problem for problem in found if problem is not None), None)
    if told is not None:
        raise OperatorError([told])
