"""Builds the packages for Debian and for RPM systems: ``scripts/package FOLDER [PYTHON]``.

The files of both are the same. The program lies in an environment of its own in /opt/auditor, made of the locked
packages and verified by their hashes; nothing is fetched or compiled on the machine that it is installed on.
"""

import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "scripts" / "packages"
TOOLS = Path(sys.prefix, "bin")
NAME = "ipv6-readiness-auditor"
OPT = "opt/auditor"
EXTRAS = "serve,rawpkt,postgresql"
PYTHON = "/usr/bin/python3.13"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
UNITS = "/usr/lib/systemd/system"
DOCUMENTS = f"usr/share/doc/{NAME}"
MOVED = {
    "etc/sysusers.d/auditor.conf": "usr/lib/sysusers.d/auditor.conf",
    "etc/sysctl.d/auditor.conf": "usr/lib/sysctl.d/60-auditor.conf",
}
"""Files of `auditor service install` that a package puts where those of packages are."""
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/auditor",
    "zsh": "usr/share/zsh/vendor-completions/_auditor",
    "fish": "usr/share/fish/vendor_completions.d/auditor.fish",
}
ZSH_OF_RPM = "/usr/share/zsh/site-functions/_auditor"
SCRIPTS = {"postinstall": "installed", "preremove": "before-removal", "postremove": "removed"}


def build(target: Path, python: str) -> None:
    """Write both packages into a folder."""
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="auditor-package-") as folder:
        stage = Path(folder, "stage")
        _install(_wheel(Path(folder)), stage / OPT, python)
        _add_machine_files(stage)
        _add_documents(stage)
        _set_times(stage)
        target.mkdir(parents=True, exist_ok=True)
        settings = Path(folder, "nfpm.json")
        settings.write_text(json.dumps(_settings(stage, python)), "utf-8")
        for packager in ("deb", "rpm"):
            _run(TOOLS / "nfpm", "package", "-f", settings, "-p", packager, "-t", target)


def _run(*words: str | Path, **more: Any) -> str:
    done = subprocess.run([str(word) for word in words], text=True, stdout=subprocess.PIPE, check=True, **more)
    return str(done.stdout)


def _wheel(folder: Path) -> Path:
    _run(
        sys.executable,
        "-P",
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        folder,
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _install(wheel: Path, place: Path, python: str) -> None:
    """Make the environment as it will be in /opt/auditor, with byte code that no later time stamp makes stale."""
    uv: list[str | Path] = [TOOLS / "uv", "--no-config", "--quiet"]
    _run(*uv, "venv", "--python", python, place)
    lock = ROOT / "requirements.lock"
    options: list[str | Path] = ["--python", place / "bin" / "python", "--link-mode", "copy"]
    _run(*uv, "pip", "install", *options, "--only-binary", ":all:", "--constraint", lock, f"{wheel}[{EXTRAS}]")
    for path in (place / "bin").iterdir():
        if path.name != "auditor" and not path.name.startswith("python"):
            path.unlink()
    command = place / "bin" / "auditor"
    command.write_text(_started_there(command.read_text("utf-8"), place), "utf-8")
    version = _run(python, "-c", "import sys; print(*sys.version_info[:2], sep='.')").strip()
    (place / "pyvenv.cfg").write_text(f"home = {Path(python).parent}\nversion = {version}\n", "utf-8")
    shutil.rmtree(place / "share", ignore_errors=True)
    for name in (".gitignore", ".lock", "CACHEDIR.TAG"):
        (place / name).unlink(missing_ok=True)
    for name in ("RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"):  # paths and times of this machine
        for path in place.glob(f"lib/python*/site-packages/*.dist-info/{name}"):
            path.unlink()
    strip = place.parent.parent
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    compiling = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    _run(*compiling, "-s", strip, "-p", "/", place / "lib", env=environment)


def _started_there(text: str, place: Path) -> str:
    """Return a command of an environment as it begins in /opt/auditor.

    Where the path here is longer than the kernel reads, the installer writes three lines for the shell in place of one.
    """
    _, _, code = text.partition("\n' '''\n" if text.startswith("#!/bin/sh\n") else "\n")
    interpreter = text[text.index(f"{place}/bin/") :].removeprefix(f"{place}/").split()[0].rstrip("'\"")
    return f"#!/{OPT}/{interpreter}\n{code}"


def _add_machine_files(stage: Path) -> None:
    """Add units, user, command, manual page, completion and the configuration to begin with."""
    environment = {"PATH": os.environ["PATH"], "AUDITOR_USER": "root", "AUDITOR_LANG": "en", "HOME": str(stage)}
    auditor: list[str | Path] = [stage / OPT / "bin" / "python", "-P", "-m", "auditor"]
    places: list[str | Path] = ["--root", stage, "--program", f"/{OPT}/bin", "--units", UNITS]
    quiet: dict[str, Any] = {"env": environment, "cwd": stage, "stderr": subprocess.DEVNULL}
    _run(*auditor, "service", "install", *places, **quiet)
    for before, after in MOVED.items():
        (stage / after).parent.mkdir(parents=True, exist_ok=True)
        (stage / before).rename(stage / after)
        (stage / before).parent.rmdir()
    for shell, place in COMPLETIONS.items():
        _write(stage / place, _run(*auditor, "completion", shell, **quiet))
    _write(stage / "usr/lib/tmpfiles.d/auditor.conf", (PARTS / "auditor.tmpfiles").read_text("utf-8"))
    _write(stage / "etc/auditor/auditor.toml", (PARTS / "auditor.toml").read_text("utf-8"))
    (stage / "usr/bin").mkdir(parents=True)
    (stage / "usr/bin/auditor").symlink_to(f"/{OPT}/bin/auditor")
    page = _run(sys.executable, "-P", ROOT / "scripts" / "man_page.py")
    manual = stage / "usr/share/man/man1/auditor.1.gz"
    manual.parent.mkdir(parents=True)
    manual.write_bytes(gzip.compress(page.encode(), mtime=0))


def _add_documents(stage: Path) -> None:
    place = stage / DOCUMENTS
    place.mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "examples", place / "examples")
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "LICENSE", PARTS / "copyright"):
        shutil.copy(path, place / path.name)
    shutil.copy(ROOT / "probes" / "rawpkt" / "LICENSE", place / "LICENSE.rawpkt")


def _moment() -> int:
    return int(os.environ["SOURCE_DATE_EPOCH"])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _set_times(stage: Path) -> None:
    """Give everything the time of the commit, and modes that depend on no umask."""
    for path in (stage, *stage.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (_moment(), _moment()), follow_symlinks=False)


def _settings(stage: Path, python: str) -> dict[str, Any]:
    """Return the settings of nfpm."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        "name": NAME,
        "arch": ARCHITECTURES[platform.machine()],
        "platform": "linux",
        "version": project["version"],
        "release": "1",
        "section": "net",
        "priority": "optional",
        "maintainer": "The auditor's contributors <auditor@localhost>",
        "description": project["description"],
        "license": project["license"],
        "mtime": datetime.fromtimestamp(_moment(), UTC).isoformat(),
        "contents": list(_contents(stage)),
        "scripts": {phase: str(PARTS / f"{name}.sh") for phase, name in SCRIPTS.items()},
        "deb": {"compression": "zstd"},
        "rpm": {"compression": "zstd", "buildhost": "localhost"},
        "overrides": {
            "deb": {"depends": [Path(python).name, "ca-certificates", "systemd"]},
            "rpm": {"depends": [python, "ca-certificates", "systemd"]},
        },
    }


def _contents(stage: Path) -> Iterator[dict[str, Any]]:
    """Yield the environment as a whole and every other file: folders of the system stay the system's."""
    yield {"src": str(stage / OPT), "dst": f"/{OPT}", "type": "tree"}
    for folder in ("etc/auditor", DOCUMENTS, f"{DOCUMENTS}/examples"):
        yield {"dst": f"/{folder}", "type": "dir", "file_info": {"mode": 0o755}}
    for path in sorted(stage.rglob("*")):
        place = path.relative_to(stage).as_posix()
        if place.startswith(f"{OPT}/") or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink():
            yield {"src": str(path.readlink()), "dst": f"/{place}", "type": "symlink"}
            continue
        entry: dict[str, Any] = {"src": str(path), "dst": f"/{place}"}
        if place.startswith("etc/"):
            entry["type"] = "config|noreplace"
        if place == COMPLETIONS["zsh"]:
            yield {**entry, "dst": ZSH_OF_RPM, "packager": "rpm"}
            entry["packager"] = "deb"
        yield entry


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve(), sys.argv[2] if len(sys.argv) > 2 else PYTHON)
