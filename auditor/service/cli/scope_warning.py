"""Warns if ``[scope] allow`` is not set, which limits little, or empty, which allows nothing."""

import sys

from auditor.service.cli.words import ui
from auditor.service.config.model import Config


def warn_of_no_scope(config: Config) -> None:
    """Print at most one warning on stderr, before anything is sent."""
    text = without_scope(config)
    if text is not None:
        print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)


def without_scope(config: Config) -> str | None:
    """Return a warning with the addresses that may be dialled, and the fix; None if the scope lists networks."""
    if config.scope.allow == ():
        return ui("[scope] allow is empty: no target may be dialled at all")
    if config.scope.allow is not None:
        return None
    return ui(
        "[scope] allow is not set: beside the targets' own addresses every public address may be dialled, and no"
        " private one; list the networks that you are in charge of under allow"
    )
