"""Compiles the message catalogues beside this file: every .po that is newer than its .mo, or every one with --all.

Run by the build hook (hatch_build.py) and by auditor.sh, also by path and without the project being installed:
it must import nothing but Babel.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).resolve().parent
_UNDATED = datetime.fromtimestamp(0, UTC)
"""Babel writes the minute of compiling into a catalogue without a date: the same commit would give two wheels."""


def compile_catalogues(root: Path = HERE, *, everything: bool = False) -> list[Path]:
    """Returns the .mo files written; fuzzy translations are left out, so that they show as untranslated."""
    sources = sorted(root.glob("*/LC_MESSAGES/*.po"))
    return [_compile(po) for po in sources if everything or _is_stale(po)]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or po.stat().st_mtime_ns > mo.stat().st_mtime_ns


def _compile(po: Path) -> Path:
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, domain=po.stem, abort_invalid=True)
    catalogue.creation_date = catalogue.revision_date = _UNDATED
    # Written beside and renamed: two first starts may compile at the same time, and nobody must read half a file.
    descriptor, temporary = tempfile.mkstemp(dir=po.parent, prefix=f".{po.stem}-", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as target:
            write_mo(target, catalogue)
        os.chmod(temporary, 0o644)
        os.replace(temporary, po.with_suffix(".mo"))
    except BaseException:
        os.unlink(temporary)
        raise
    return po.with_suffix(".mo")


if __name__ == "__main__":
    compile_catalogues(everything="--all" in sys.argv[1:])
