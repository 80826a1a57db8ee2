"""Runs programs in a mount namespace in which every user can read this program, and which has a user ``auditor``.

The interpreter or the checkout may lie in root's home. Nothing of the machine itself is changed.
"""

import shlex
import subprocess
import sys
from pathlib import Path

from containers.rehearsal.lab import SOURCE

UID, GID = 61_234, 61_235
_PASSWD = f"auditor:x:{UID}:{GID}::/var/lib/auditor:/usr/sbin/nologin"


def run(
    words: list[str], folder: Path, *, cwd: Path, user: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program as root without any network.

    ``folder`` holds the files to mount; ``user``: True if a user ``auditor`` exists.
    """
    script = "\n".join([*_opened(folder), *(_known(folder) if user else ()), f"cd {cwd}", 'exec "$@"'])
    return subprocess.run(
        ["unshare", "--mount", "--net", "--propagation", "private", "sh", "-e", "-c", script, "sh", *words],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "AUDITOR_LANG": "en", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def _known(folder: Path) -> list[str]:
    (folder / "passwd").write_text(Path("/etc/passwd").read_text("utf-8") + _PASSWD + "\n", "utf-8")
    (folder / "passwd").chmod(0o644)
    return [f"mount --bind {folder}/passwd /etc/passwd"]


def _opened(folder: Path) -> list[str]:
    """Return shell lines that cover closed folders on the way to needed paths by open ones with only those paths."""
    needed = [Path(sys.base_prefix).resolve(), SOURCE.resolve()]
    lines = []
    for number, closed in enumerate(sorted({other_path for path in needed for other_path in _closed(path)})):
        kept = folder / f"closed-{number}"
        kept.mkdir(exist_ok=True)
        lines += [f"mount --rbind {closed} {kept}", f"mount -t tmpfs -o mode=755 none {closed}"]
        for path in needed:
            if path.is_relative_to(closed):
                behind = shlex.quote(str(kept / path.relative_to(closed)))
                lines += [f"mkdir -p {shlex.quote(str(path))}", f"mount --rbind {behind} {shlex.quote(str(path))}"]
    return lines


def _closed(path: Path) -> list[Path]:
    """Return the first folder on the way that not every user may enter; empty if there is none."""
    return next(([parent] for parent in reversed((path, *path.parents)) if not parent.stat().st_mode & 0o001), [])
