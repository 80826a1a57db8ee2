"""Tests that the tutorial's and the README's commands print in the rehearsal the output that the page shows."""

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.architecture.documents import Command, commands
from tests.architecture.tree import ROOT

pytest_plugins = ("tests.support.rehearsal",)

TUTORIAL, README = Path("docs/tutorial.md"), Path("README.md")
ELLIPSIS = "…"
FILES = {"evidence", "policy.toml", "inventory.csv"}
"""Files that the commands write and read."""


def _typed() -> Iterator[Command]:
    """Yield the commands of ``console`` blocks after the start of the shell; the fixture starts it."""
    inside = False
    for command in commands(TUTORIAL):
        inside = inside or command.text.endswith("containers.rehearsal shell")
        if inside and command.words[0] in ("auditor", "printf"):
            yield command
    yield from (command for command in commands(README) if command.output)


def test_the_tutorial(lab: Rehearsal, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "auditor"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auditor.service.cli.main "$@"\n')
    program.chmod(0o755)
    folder = tmp_path / "folder"
    folder.mkdir()
    environment = {"PYTHONPATH": str(ROOT), "AUDITOR_CONFIG": str(lab.dir / "auditor.toml"), "AUDITOR_LANG": "en"}
    typed = list(_typed())
    assert len(typed) >= 8

    def type_all(chain: list[Command]) -> None:
        for command in chain:
            type_one(command)

    def type_one(command: Command) -> None:
        line = f'cd "{folder}" && PATH="{program.parent}:$PATH" && {command.text.replace("./auditor.sh", "auditor")}'
        done = lab.run(["sh", "-c", line], "vantage", 90, environment)
        assert done.returncode in (0, 3), f"{command.text}: {done.stderr}"
        _assert_in_order(command, done.stdout.splitlines())

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(type_all, _chains(typed)))


def _chains(typed: list[Command]) -> list[list[Command]]:
    """Return the commands in chains: a command follows those that write its files; other chains need not wait."""
    chains: list[list[Command]] = []
    for command in typed:
        names = FILES & set(command.words)
        sharing = [chain for chain in chains if any(names & set(command.words) for command in chain)]
        chains = [chain for chain in chains if chain not in sharing]
        chains.append([*(command for chain in sharing for command in chain), command])
    assert sorted(len(chain) for chain in chains)[-2:] == [2, 3], chains
    return sorted(chains, key=len, reverse=True)


def _uncounted(line: str) -> str:
    """Replace the numbers of sums, which grow with the catalogue: the page stays correct then."""
    sums = " of 100" in line or line.startswith("Result: ")
    return re.sub(r"\d+", "#", line.rstrip()) if sums else line.rstrip()


def _assert_in_order(command: Command, printed: list[str]) -> None:
    rest = iter(printed)
    for wanted in command.output:
        if wanted in ("", ELLIPSIS):
            continue
        if not any(_uncounted(line) == _uncounted(wanted) for line in rest):
            pytest.fail(
                f"{command.where}: {command.text}\nprinted no line {wanted!r} there, but:\n" + "\n".join(printed)
            )
