"""Prints lists as JSON for programs, where ``--format json`` asks for it."""

import sys

from auditor.framework.operator_problems import nearest
from auditor.service.cli.failures import refuse
from auditor.service.cli.words import ui
from reports.json_data import Plain, encode, encode_for_people

FORMATS = ("text", "json")


def wants_json(form: str) -> bool:
    """True if JSON is requested; end with a usage error for a format that lists do not have."""
    if form not in FORMATS:
        hint = nearest(form, FORMATS)
        line = ui("unknown format '{name}'; there are {known}", name=form, known=", ".join(FORMATS))
        raise refuse([line + (hint.worded(ui) if hint else "")])
    return form == "json"


def print_json(value: Plain, *, indented: bool = False) -> None:
    """Print one document on one line, or ``indented`` on many, safe for a terminal."""
    sys.stdout.flush()
    sys.stdout.buffer.write((encode_for_people if indented else encode)(value) + b"\n")
    sys.stdout.buffer.flush()
