"""The documents as tests see them: their fenced blocks, and the commands in those."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT, files

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Holds one fenced block. ``info`` is the text after the fence: ``console``, ``sh``, ``toml auditor.toml``."""

    path: Path
    line: int
    info: str
    text: str

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Holds one line to type, and the output that the document shows for it."""

    where: str
    text: str
    output: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def pages() -> tuple[Path, ...]:
    """Return the documents written by hand or generated for readers: those of the root and of docs/."""
    return tuple(p for p in files() if p.suffix == ".md" and (len(p.parts) == 1 or p.parts[0] == "docs"))


def blocks(*paths: Path) -> Iterator[Block]:
    for path in paths or pages():
        text = (ROOT / path).read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield Block(path=path, line=line, info=match["info"].strip(), text=match["text"])


def commands(*paths: Path) -> Iterator[Command]:
    """Yield every line to type: those after ``$`` in ``console`` blocks, every line of ``sh`` blocks."""
    for block in blocks(*paths):
        if block.info == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                text, *output = part.rstrip("\n").split("\n")
                yield Command(where=block.where, text=text, output=tuple(output))
        elif block.info == "sh":
            yield from (Command(where=block.where, text=line) for line in block.text.splitlines() if line)
