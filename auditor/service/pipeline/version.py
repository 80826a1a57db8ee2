"""Provides the version of this program, as installed."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """Return the installed version; ``0`` if the program runs from files that were never installed."""
    try:
        return version("ipv6-readiness-auditor")
    except PackageNotFoundError:
        return "0"
