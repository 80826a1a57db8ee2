"""Tells which extra of the installation provides a missing package.

A small installation checks one target; the packages for stores, pages and documents come with extras of
``pyproject.toml``.
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
"""Environment that a package for Debian or RPM systems installs."""
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
"""Extras by the extra that contains them."""


def lacking(module: str) -> OperatorProblem | None:
    """Return the problem of a missing module, with the extra that provides it; None if no extra does."""
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
    """Return the extras of which a package is not installed."""
    return tuple(sorted({extra for module, extra in EXTRAS.items() if find_spec(module) is None}))


def command_for(extra: str) -> str:
    """Return the command that adds an extra and keeps those that are installed.

    It names the file of the wheel: this program is in no package index, and anybody could publish a package of its name
    there. In a package for Debian or RPM systems it adds to the environment that the package installs.
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
    """Return the command that created this environment; ``pipx install`` if that is unknown."""
    if Path(sys.prefix, "uv-receipt.toml").exists():
        return "uv tool install"
    return "pipx install --global" if sys.prefix.startswith("/opt/pipx/") else "pipx install"


def _requirements(extra: str) -> list[str]:
    """Return the requirements of an extra, as the installed program declares them."""
    declared = (text.partition(";") for text in requires(DISTRIBUTION) or ())
    return [wanted.strip() for wanted, _, marker in declared if f"extra=={extra}" in re.sub(r"[\s'\"]", "", marker)]


def require(modules: Iterable[str]) -> None:
    """Refuse to start if a module of an extra is missing. Raises OperatorError."""
    found = (lacking(module) for module in modules if find_spec(module) is None)
    told = next((problem for problem in found if problem is not None), None)
    if told is not None:
        raise OperatorError([told])
