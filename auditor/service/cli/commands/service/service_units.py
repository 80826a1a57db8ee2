"""Runs ``auditor service install``: writes systemd units of the service for an installation by pipx or uv."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from auditor.framework.operator_problems import OperatorError, problem, unwritable
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.words import ui
from auditor.service.store import files

PROGRAM, CONFIGURATION, STATE = "/opt/auditor/bin/", "/etc/auditor", "/var/lib/auditor"
"""Paths of the program, its configuration and its state in the units as they are shipped."""
HIDDEN = ("/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/")  # noqa: S108  # none is written to
"""Folders that the units hide from the service (ProtectHome, PrivateTmp)."""
READABLE, FOLDER = 0o644, 0o755
_PLAIN = re.compile(r"(?:/\.?[A-Za-z0-9][A-Za-z0-9._+-]*)+")
_CONFIGURATION = re.compile(r"/etc/[A-Za-z0-9][A-Za-z0-9._-]*")
_STATE = re.compile(r"/var/lib/[A-Za-z0-9][A-Za-z0-9._-]*")
_AS_SHIPPED = re.compile(
    "/opt/auditor/bin/|/etc/auditor|/var/lib/auditor|ConfigurationDirectory=auditor"
    "|StateDirectory=auditor auditor/backups|StateDirectory=auditor"
)
_OTHERS = {
    "auditor.sysusers": "/etc/sysusers.d/auditor.conf",
    "auditor.sysctl": "/etc/sysctl.d/auditor.conf",
    "rawpkt.json": "/etc/auditor/rawpkt.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePaths:
    """Holds the paths of the installed service. ``root`` is put before every path that is written."""

    root: Path
    units: Path
    program: Path
    configuration: Path
    state: Path


def install(paths: ServicePaths, *, dry_run: bool, force: bool) -> int:
    """Write the files, or print them with ``dry_run``; then print the next steps."""
    _must_be_usable(paths)
    wanted = written(paths)
    if dry_run:
        print("\n".join(f"# {path}\n{text}" for path, text in wanted.items()))
        return EXIT_OK
    _must_not_be_changed(wanted, force=force)
    for path, text in wanted.items():
        try:
            _write(path, text)
        except OSError as error:
            raise OperatorError([unwritable(error, at=str(path))]) from error
        print(path)
    print(ui("Next, as root:"), file=sys.stderr)
    print("  systemd-sysusers && sysctl --system && systemctl daemon-reload", file=sys.stderr)
    print("  systemctl enable --now auditor-rawpkt.socket auditor.service auditor-backup.timer", file=sys.stderr)
    return EXIT_OK


def written(paths: ServicePaths) -> Mapping[Path, str]:
    """Return the text of each file, without the file that operators edit if it exists already."""
    found: dict[Path, str] = {}
    for name, text in _shipped():
        place = Path(_placed(_OTHERS.get(name, str(paths.units / name)), paths))
        path = paths.root / place.relative_to("/")
        if name != "rawpkt.json" or not path.exists():
            found[path] = _placed(text, paths)
    return found


def _shipped() -> Iterator[tuple[str, str]]:
    folder = resources.files("auditor.service") / "units"
    for unit in sorted(folder.iterdir(), key=lambda one: one.name):
        yield unit.name, unit.read_text("utf-8")


def _placed(text: str, paths: ServicePaths) -> str:
    """Replace the shipped paths in a text by these paths in one pass, so that no replacement is replaced again."""
    names = {
        PROGRAM: f"{paths.program}/",
        CONFIGURATION: str(paths.configuration),
        STATE: str(paths.state),
        "ConfigurationDirectory=auditor": f"ConfigurationDirectory={paths.configuration.name}",
        "StateDirectory=auditor auditor/backups": f"StateDirectory={paths.state.name} {paths.state.name}/backups",
        "StateDirectory=auditor": f"StateDirectory={paths.state.name}",
    }
    return _AS_SHIPPED.sub(lambda match: names[match[0]], text)


def _must_be_usable(paths: ServicePaths) -> None:
    """Refuse paths that systemd would not accept or that the hardened service could not see. Raises OperatorError."""
    problems = []
    problems += [
        problem("name whole paths of plain letters, digits and . _ + - : {path}", path=path)
        for path in (paths.program, paths.units)
        if not _PLAIN.fullmatch(str(path))
    ]
    if f"{paths.program}/".startswith(HIDDEN):
        problems.append(
            problem(
                "the service would not see its program in {path}: its units hide homes and temporary"
                " folders; install it for all, such as by {command}",
                path=paths.program,
                command="pipx install --global",
            )
        )
    if not _CONFIGURATION.fullmatch(str(paths.configuration)):
        problems.append(problem("the folder of the configuration must be one in {folder}", folder="/etc"))
    if not _STATE.fullmatch(str(paths.state)):
        problems.append(problem("the folder of the store must be one in {folder}", folder="/var/lib"))
    if problems:
        raise OperatorError(problems)


def _must_not_be_changed(wanted: Mapping[Path, str], *, force: bool) -> None:
    changed = [path for path, text in wanted.items() if path.exists() and path.read_text("utf-8", "replace") != text]
    if changed and not force:
        raise OperatorError(
            [problem("is there and says something else; --force writes over it", at=str(path)) for path in changed]
        )


def _write(path: Path, text: str) -> None:
    """Write a file that systemd and every user may read, regardless of the umask."""
    for folder in reversed([path.parent, *path.parent.parents]):
        if not folder.is_dir():
            files.make_folder(folder)
            folder.chmod(FOLDER)
    descriptor = files.open_file(path, os.O_TRUNC)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(descriptor, READABLE)
