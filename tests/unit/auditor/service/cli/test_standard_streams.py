"""Tests commands with closed or full standard streams, and commands interrupted during imports."""

import subprocess
import sys

import pytest

BEGIN = "import sys; from auditor.service.cli import main; "
TOLD = "import sys; from auditor.service.cli import standard_streams; standard_streams.prepare(); "


def shell(line: str, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python code by a shell line in which ``"$@"`` is the program with its arguments."""
    command = ["sh", "-c", line, "sh", sys.executable, "-c", code, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [("checks", "list"), ("--help",)])
def test_output_that_takes_no_more_is_told_in_a_line(words: tuple[str, ...]) -> None:
    done = shell('"$@" > /dev/full', BEGIN + "main.main()", *words, "--lang", "en")
    assert (done.returncode, done.stderr) == (1, "auditor: -: no space left\n")


def test_interrupt_while_it_imports_leaves_no_traceback() -> None:
    interrupted = "main._choose_language = lambda words: (_ for _ in ()).throw(KeyboardInterrupt); main.main()"
    done = shell('"$@"', BEGIN + interrupted, "checks", "list")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_messages_that_cannot_be_written_end_nothing() -> None:
    done = shell('"$@" 2> /dev/full', TOLD + "print('told', file=sys.stderr, flush=True); print('done')")
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_streams_that_are_closed_are_not_taken_by_files() -> None:
    opened = "print(open('/dev/null').fileno() > 2 and all((sys.stdin, sys.stderr)))"
    assert shell('"$@" <&- 2>&-', TOLD + opened).stdout == "True\n"


def test_reader_of_messages_that_left_ends_the_command() -> None:
    code = TOLD + "[print('x' * 4_096, file=sys.stderr) for _ in range(100)]; print('went on')"
    assert shell('"$@" 2>&1 | head -c 1', code).stdout.strip() == "x"


def test_messages_keep_how_letters_are_written_that_their_encoding_lacks() -> None:
    code = "from auditor.service.cli import terminal_letters as letters; letters.fit_terminal(); "
    done = shell('PYTHONIOENCODING=latin-1 "$@"', code + TOLD + "print('Đắk Lắk', file=sys.stderr)")
    assert (done.stdout, done.stderr) == ("", "Dak Lak\n")


def test_messages_that_are_kept_in_memory_stay_there() -> None:
    kept = "import io, sys; sys.stderr = io.StringIO(); "
    done = shell('"$@"', kept + TOLD + "print('told', file=sys.stderr); print(sys.stderr.getvalue(), end='')")
    assert (done.stdout, done.stderr) == ("told\n", "")
