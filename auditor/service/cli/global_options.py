"""Holds the values of the global options for the commands. They are set once, before a command runs."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.service.config.loading import LoadedConfig


@dataclass(slots=True)
class GlobalOptions:
    """Holds the global options as given, None where not given.

    ``arguments`` are all words of the command line; ``uid`` is the user that started the program, before it gave up
    privileges that it does not need.
    """

    arguments: tuple[str, ...] = ()
    config: Path | None = None
    color: str | None = None
    log_format: str | None = None
    lang: str | None = None
    verbosity: int = 0
    json_progress: bool = False
    uid: int = field(default_factory=os.getuid)


STATE = GlobalOptions()
_SAME_STORE = ("--config", "--store")


def command_again(*, without: str, more: tuple[str, ...]) -> str:
    """Return the command line of this call again, ``without`` one option and its value, and with ``more`` words."""
    words, rest = [], iter(STATE.arguments)
    for word in rest:
        if word == without:
            next(rest, None)
        elif word.partition("=")[0] != without:
            words.append(word)
    return shlex.join([_program(), *words, *more])


def command_of_run(command: str, run: str) -> str:
    """Return a command line for a run of the same store, under the same configuration."""
    kept, rest = [], iter(STATE.arguments)
    for word in rest:
        name, separator, value = word.partition("=")
        if name in _SAME_STORE and (found := value if separator else next(rest, None)) is not None:
            kept += [name, found]
    return shlex.join([_program(), command, run, *kept])


def _program() -> str:
    """Return the word that starts this program: its path where plain ``auditor`` would not find it."""
    started = Path(sys.argv[0])
    if started.name != "auditor" or not started.is_file():
        return "auditor"
    text = shutil.which("auditor")
    return "auditor" if text and started.samefile(text) else str(started)


def load_config(options: Mapping[str, object]) -> "LoadedConfig":
    """Read the configuration and load the operator's own checks. Raises ConfigError, OwnCheckError."""
    loaded = read_config(options)
    if loaded.config.checks.folders:
        from auditor.service.config import own_checks

        own_checks.load(loaded.config.checks.folders)
    return loaded


def read_config(options: Mapping[str, object]) -> "LoadedConfig":
    """Read the configuration under the options of this command. Raises ConfigError."""
    from auditor.service.config.loading import load

    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    given = {"lang": STATE.lang, "color": STATE.color, "log_format": STATE.log_format, **options}
    environment = {name: value for name, value in os.environ.items() if name != "AUDITOR_LANG" or not STATE.lang}
    loaded = load(
        explicit=STATE.config,
        environment=environment,
        options=given,
        directories=(Path("/etc/auditor"), home / "auditor", Path.cwd()),
        here=Path.cwd(),
    )
    os.environ["AUDITOR_LANG"] = loaded.config.lang
    if loaded.config.log_format == "json":
        from auditor.service.service_log import log_to_stderr

        log_to_stderr("json")
    return loaded


def colored(color: str, stream: "object" = None) -> bool:
    """True if output is to be coloured: as requested, and for ``auto`` on a terminal without ``NO_COLOR``."""
    if color != "auto":
        return color == "always"
    isatty = getattr(stream or sys.stdout, "isatty", lambda: False)
    return bool(isatty()) and not os.environ.get("NO_COLOR")
