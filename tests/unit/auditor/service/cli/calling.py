"""Calls the command line as its entry point does, without leaving the process."""

import gc
from dataclasses import dataclass

import pytest

from auditor.service.cli import main


@dataclass(frozen=True, slots=True)
class Result:
    code: int
    out: str
    err: str


class Cli:
    """Runs a command as ``cli("checks", "list")``; any exception except SystemExit is a bug and is raised."""

    def __init__(self, captured: pytest.CaptureFixture[bytes]) -> None:
        self._captured = captured

    def __call__(self, *arguments: str) -> Result:
        self._captured.readouterr()
        code = _code(arguments)
        out, err = self._captured.readouterr()
        return Result(code, out.decode(), err.decode())


def _code(arguments: tuple[str, ...]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["auditor", *arguments])
        collected = gc.get_threshold()
        try:
            main.main()
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        finally:
            gc.set_threshold(*collected)  # this process goes on with other tests
    return 0
