"""Runs ``auditor check``: reads the targets of the command line and announces the measurement at once.

Importing the code that measures and judges takes a second, so it is imported after the announcement.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from auditor.framework.message_format import clean
from auditor.framework.operator_problems import OperatorError, nearest, problem
from auditor.service.cli.failures import refuse
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.wanted_outputs import parse_outputs
from auditor.service.cli.words import ui
from auditor.service.config.issuer import issuer
from inventory.model import Clearance, Kind, Subject
from inventory.sources.adhoc import parse_targets, read_targets

_MOST_NAMED = 3


def check(targets: Sequence[str], file: str | None, options: Mapping[str, object]) -> int:
    """Check, print, and return the exit code."""
    config = load_config(options).config
    outputs = parse_outputs(config.format, default="text", force=config.force)
    issued = issuer(config)
    subjects = _subjects(targets, file, kind_of(config.kind), config.clearance)
    may_be_refused = any(options.values())  # only planning can tell, once the measuring code is imported
    if not may_be_refused:
        _announce(subjects)
    from auditor.service.cli.commands.measuring.checking import check_subjects

    return check_subjects(subjects, config, outputs, issued, announce=_announce if may_be_refused else None)


def _announce(subjects: Sequence[Subject]) -> None:
    """Print the subjects that are being measured, because measuring takes a while."""
    if STATE.verbosity < 0 or STATE.json_progress:
        return
    names = ", ".join(clean(subject.id, 80) for subject in subjects[:_MOST_NAMED])
    more = f", … (+{len(subjects) - _MOST_NAMED})" if len(subjects) > _MOST_NAMED else ""
    print(ui("checking {targets}", targets=names + more), file=sys.stderr, flush=True)


def kind_of(word: str | None) -> Kind | None:
    """Return the kind that a word names. Raises OperatorError."""
    if word is None:
        return None
    known = [kind.value for kind in Kind if kind is not Kind.UNIT]
    if word not in known:
        raise OperatorError(
            [
                problem(
                    "unknown kind '{kind}'; there are {known}",
                    kind=word,
                    known=", ".join(known),
                    hint=nearest(word, known),
                )
            ]
        )
    return Kind(word)


def _subjects(targets: Sequence[str], file: str | None, kind: Kind | None, clearance: Clearance) -> tuple[Subject, ...]:
    subjects = parse_targets([(target, None) for target in targets], kind) if targets else ()
    if file is not None:
        source: Path | str = sys.stdin.read() if file == "-" else Path(file)
        subjects += tuple(
            read_target for read_target in read_targets(source, kind) if read_target.id not in {s.id for s in subjects}
        )
    if not subjects:
        raise refuse([ui("nothing to check: name a target, or a file of targets with -f")])
    if clearance is Clearance.INTRUSIVE:
        named = set(targets)  # targets from a file were not typed by hand
        return tuple(
            replace(subject, clearance=clearance) if subject.name in named or subject.id in named else subject
            for subject in subjects
        )
    return subjects
