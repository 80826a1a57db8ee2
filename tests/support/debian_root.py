"""Makes a minimal Debian 13 once in a session of tests, and runs commands in a copy of it, in own namespaces."""

import fcntl
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.fetching import skip_unless_fetched

_START = """
mount -t proc proc "$0/proc" && mkdir -p "$0/dev/pts" && mount -t devpts devpts "$0/dev/pts" && ip link set lo up &&
exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
"""
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_MAKE = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates", "--dpkgopt=force-unsafe-io"]
_MAKE += ['--aptopt=Acquire::Languages "none"']  # descriptions of packages are not needed
_MAKE += [f"--customize-hook=copy-in {_CERTIFICATES} /etc/ssl/certs"]  # this machine fetches its packages with them
_MAKE += ["--customize-hook=copy-in /etc/resolv.conf /etc"]
_UNSHARED = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def run(words: list[str], *, timeout: float = 1800, fetches: bool = False, **more: Any) -> str:
    """Run a command that must end well, and return its standard output. ``fetches``: it installs packages."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    done = subprocess.run(words, text=True, timeout=timeout, check=False, **streams)
    if fetches:
        skip_unless_fetched(done)
    assert done.returncode == 0, f"{words}: {done.stdout[-3_000:]}{(done.stderr or '')[-3_000:]}"
    return str(done.stdout)


def mirror() -> str:
    """Return the address from which this machine has its Debian packages."""
    places = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    match = re.search(r"https?://\S+", "\n".join(place.read_text("utf-8") for place in places if place.is_file()))
    assert match is not None
    return match[0]


def base(folders: pytest.TempPathFactory) -> Path:
    """Return the archive of a minimal Debian 13; all processes of a session share it."""
    own = folders.getbasetemp()
    folder = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    archive = folder / "debian-13.tar"
    with (folder / "debian-13.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            environment = {**os.environ, "TMPDIR": str(folder)}
            run([*_MAKE, "trixie", f"{archive}.tar", mirror()], fetches=True, env=environment)
            Path(f"{archive}.tar").rename(archive)
    return archive


def why_not() -> str | None:
    """Return why no root can be entered here (this user may not mount or make namespaces), or None if one can be."""
    words = [*_UNSHARED, "--net", "sh", "-c", "mount -t tmpfs none /mnt"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stderr.strip() or "unshare" if done.returncode else None


def inside(root: Path, *words: str, network: bool = False, **more: Any) -> str:
    """Run a command in a root, with /proc and, unless it may use the machine's network, loopback alone."""
    spaces = _UNSHARED if network else [*_UNSHARED, "--net"]
    return run([*spaces, "--", "sh", "-c", _START, str(root), *words], fetches=network, **more)
