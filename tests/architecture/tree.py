"""The checkout as these tests see it: its files without anything that git ignores."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("auditor", "probes", "inventory", "reports")
_COMMITTED_DOTS = {".ci", ".editorconfig", ".github", ".gitignore", ".pre-commit-config.yaml"}
_MADE = {"__pycache__", "build", "dist", "rehearsal-report"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is or would be committed, relative to ROOT; without git, all but those that tools make."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        candidates = [Path(name) for name in listed.split("\0") if name]
    else:
        candidates = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not _is_made(path.relative_to(ROOT))]
    return tuple(sorted(path for path in candidates if (ROOT / path).is_file()))


def _is_made(path: Path) -> bool:
    hidden = {part for part in path.parts if part.startswith(".")} - _COMMITTED_DOTS
    return bool(hidden or _MADE & set(path.parts)) or path.suffix in {".mo", ".db"}


def python_files(*tops: str) -> tuple[Path, ...]:
    return tuple(path for path in files() if path.suffix == ".py" and path.parts[0] in tops)


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
