"""Starts the command ``auditor``. Importing this module is cheap: each command imports its parts when it runs."""

import atexit
import gc
import os
import resource
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress

from auditor.service.cli.terminal_letters import fit_terminal
from auditor.service.garbage_collection import collect_nothing_imported

GLOBAL_VALUES = ("--lang", "--color", "--config", "--log-format")
MEASURES = frozenset({"check", "audit", "probe", "doctor", "sample", "serve", "worker"})
"""Commands that send packets. A privileged port is served by a proxy in front of them."""
GLOBAL_FLAGS = ("-v", "--verbose", "-q", "--quiet", "--json-progress")


def main() -> None:
    """Start the program; an interruption during import ends it in the same way as one during the command."""
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(130)


def _main() -> None:
    """Answer ``--version`` before anything is imported; pass everything else to Typer."""
    silence_libraries()
    fit_terminal()
    arguments = hoisted(sys.argv[1:])
    if arguments == ["--version"]:
        from auditor.service.pipeline.version import program_version

        print(f"auditor {program_version()}")
        return
    atexit.register(gc.freeze)  # or Python searches all imports for garbage at exit: a quarter of a command's time
    collect_nothing_imported()
    from auditor.service.cli import standard_streams
    from auditor.service.cli.global_options import STATE

    standard_streams.prepare()
    _leave_no_core()
    STATE.uid = os.getuid()
    if command_of(arguments) in MEASURES:
        _leave_privileges()
    _choose_language(arguments)
    from auditor.service.cli.app import run

    sys.exit(run(arguments))


def silence_libraries() -> None:
    """Suppress warnings of libraries, unless Python was told otherwise (-W, PYTHONWARNINGS).

    Data from peers causes them, such as a certificate's serial number, and nobody formats these lines.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _leave_no_core() -> None:
    """Disable core dumps of this process and its children: memory holds SNMP communities and keys."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave_privileges() -> None:
    from probes.net.raw.privsep import leave_privileges
    from probes.net.raw.service_user import NoSuchUser

    try:
        leave_privileges()
    except NoSuchUser as problem:
        print(f"auditor: {problem}", file=sys.stderr)
        sys.exit(2)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Move global options to the front: they may follow the command (``auditor check HOST --lang en``) up to ``--``."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in GLOBAL_FLAGS or word.partition("=")[0] in GLOBAL_VALUES:
            front.append(word)
            if word in GLOBAL_VALUES and (value := next(words, None)) is not None:
                front.append(value)
        else:
            rest.append(word)
    return front + rest


def command_of(arguments: Sequence[str]) -> str:
    """Return the first word of hoisted arguments that is not a global option; empty if there is none."""
    words = iter(arguments)
    for word in words:
        if word in GLOBAL_VALUES:
            next(words, None)
        elif word not in GLOBAL_FLAGS and word.partition("=")[0] not in GLOBAL_VALUES:
            return word
    return ""


def _choose_language(arguments: Sequence[str]) -> None:
    """Set the language before the commands are declared, because help texts are in that language."""
    for position, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            os.environ["AUDITOR_LANG"] = value or (arguments[position + 1] if position + 1 < len(arguments) else "")


if __name__ == "__main__":
    main()
