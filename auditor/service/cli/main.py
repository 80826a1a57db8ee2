"""Starts the command ``auditor``. Importing this costs little: each command imports what it needs when it runs."""

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
"""Commands that send packets; what listens at a port that needs a privilege has a proxy before it."""
GLOBAL_FLAGS = ("-v", "--verbose", "-q", "--quiet", "--json-progress")


def main() -> None:
    """Entry point. Interrupted while it still imports, the command ends as it does later on."""
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(130)


def _main() -> None:
    """``--version`` answers before anything is imported; everything else goes through Typer."""
    silence_libraries()
    fit_terminal()
    arguments = hoisted(sys.argv[1:])
    if arguments == ["--version"]:
        from auditor.service.pipeline.version import program_version

        print(f"auditor {program_version()}")
        return
    atexit.register(gc.freeze)  # Python's end would look for garbage in all that was imported: a quarter of a command
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
    """Keep to themselves what libraries warn of, unless Python itself was told otherwise (-W, PYTHONWARNINGS).

    What peers send makes them warn, of a certificate's serial number for example, and nobody formats these lines.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _leave_no_core() -> None:
    """Write no memory to a file, and no child's either, where a crash ends this: communities and keys stand there."""
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
    """Global options may stand after the command too: ``auditor check HOST --lang en``; ``--`` ends them."""
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
    """Return the first word that is no global option of hoisted arguments, empty where there is none."""
    words = iter(arguments)
    for word in words:
        if word in GLOBAL_VALUES:
            next(words, None)
        elif word not in GLOBAL_FLAGS and word.partition("=")[0] not in GLOBAL_VALUES:
            return word
    return ""


def _choose_language(arguments: Sequence[str]) -> None:
    """Help texts are in the language asked for, so it must be known before the commands are declared."""
    for position, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name == "--lang":
            os.environ["AUDITOR_LANG"] = value or (arguments[position + 1] if position + 1 < len(arguments) else "")


if __name__ == "__main__":
    main()
