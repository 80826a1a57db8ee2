"""Reports the program's own bugs to the operator: one line for each check, the traceback with ``-v``."""

import sys
import traceback

from auditor.framework.check import Check
from auditor.framework.escaping import visible
from auditor.service.cli.global_options import STATE
from auditor.service.cli.words import ui
from inventory.model import Subject

_told: set[str] = set()


def report_bug(check: Check, subject: Subject, error: Exception) -> None:
    """Report a bug once for each check and kind of error; every occurrence is in the findings."""
    key = f"{check.id} {type(error).__name__}"
    if key in _told:
        return
    _told.add(key)
    text = ui(
        "error in the auditor itself: check {check} on {subject}: {error}",
        check=check.id,
        subject=subject.id,
        error=f"{type(error).__name__}: {error}",
    )
    print(f"auditor: {visible(text)}", file=sys.stderr)
    if STATE.verbosity > 0:
        traceback.print_exception(error, file=sys.stderr)


def report_failure(subject: Subject, error: Exception) -> None:
    """Report a bug with one subject outside of any check; the subject is left out."""
    text = ui(
        "error in the auditor itself: {subject}: {error}", subject=subject.id, error=f"{type(error).__name__}: {error}"
    )
    print(f"auditor: {visible(text)}", file=sys.stderr)
    if STATE.verbosity > 0:
        traceback.print_exception(error, file=sys.stderr)
