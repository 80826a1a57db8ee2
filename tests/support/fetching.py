"""Distinguishes a registry of packages that cannot be reached from a command that failed for another reason."""

import re
import subprocess

import pytest

_UNREACHABLE = re.compile(
    r"Failed to fetch|error sending request|Temporary failure|Could not resolve|Unable to (?:connect|fetch)|"
    r"Could not connect|Couldn't download|Failed getting release|NewConnectionError|Name or service not known|"
    r"Connection (?:timed out|refused|reset)|Read timed out",
    re.IGNORECASE,
)
"""Words of uv, pip, apt and mmdebstrap."""


def skip_unless_fetched(done: subprocess.CompletedProcess[str]) -> None:
    """Skip the test where a command that installs packages failed because it could not fetch them."""
    if done.returncode and (match := _UNREACHABLE.search((done.stdout or "") + (done.stderr or ""))):
        pytest.skip(f"NOT RUN: packages cannot be fetched here: {match[0]}")
