"""The program that reads inventories: files on its standard input, subjects and problems on its standard output.

It is a process of its own, with bounds, because the files come from anywhere and are opened by code that is not ours.
What it says is data alone, one JSON value a line, and is checked as it is taken in.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from auditor.pipeline.reading_words import LINES, MEMORY, OUT_OF_MEMORY, SECONDS, Word, worded
from probes.net import confinement


def main() -> int:
    confinement.confine(MEMORY)
    confinement.allow_seconds(SECONDS)
    try:
        _read(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _read(source: BinaryIO, sink: BinaryIO) -> None:
    from inventory.errors import InventoryError
    from inventory.loader import load_sent
    from inventory.serial import encode

    def say(word: Word, *values: object) -> None:
        sink.write(json.dumps([word, *values], separators=(",", ":")).encode() + b"\n")

    def begin(name: str) -> None:
        say(Word.FILE, name)
        sink.flush()

    files = [(str(name), source.read(int(size))) for name, size in json.loads(source.readline())]
    try:
        loaded = load_sent(files, begin)
    except InventoryError as error:
        for problem in error.problems:
            say(Word.PROBLEM, worded(problem))
        say(Word.END, False)
        return
    for problem in loaded.warnings:
        say(Word.PROBLEM, worded(problem))
    found = loaded.inventory
    lists: Mapping[Word, Sequence[object]] = {
        Word.SUBJECTS: found.subjects, Word.UNITS: found.organisation.units, Word.EXEMPTIONS: found.exemptions,
        Word.SOURCES: found.sources,
    }  # fmt: skip
    for word, many in lists.items():
        for at in range(0, len(many), LINES):
            say(word, [encode(one) for one in many[at : at + LINES]])
    say(Word.END, True)


if __name__ == "__main__":
    sys.exit(main())
