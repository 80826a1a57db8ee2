"""The checkout as these tests see it: its files without anything that git ignores."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("auditor", "probes", "inventory", "reports")
_UNTRACKED = {".git", ".venv", "__pycache__", "build", "dist", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to ROOT; without git, every file but the obvious."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (ROOT / ".git").exists():
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        candidates = [Path(name) for name in listed.split("\0") if name]
    else:
        candidates = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not _UNTRACKED & set(path.parts)]
    return tuple(sorted(path for path in candidates if (ROOT / path).is_file()))


def python_files(*tops: str) -> tuple[Path, ...]:
    return tuple(path for path in files() if path.suffix == ".py" and path.parts[0] in tops)


def module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
