"""Tests the entry point: positions of global options, the choice of the language, the cost of a bare call."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.service.cli import global_options
from auditor.service.cli.main import MEASURES, command_of, hoisted
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.version import program_version
from tests.unit.auditor.service.cli.calling import Cli

HEAVY = ("typer", "click", "pydantic", "sqlalchemy", "alembic", "rich", "babel", "aiohttp", "jinja2", "cryptography")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], []),
        (["check", "a", "--lang", "en"], ["--lang", "en", "check", "a"]),
        (["check", "--lang=en", "a"], ["--lang=en", "check", "a"]),
        (["check", "a", "-v", "-q"], ["-v", "-q", "check", "a"]),
        (["--verbose", "check", "--quiet"], ["--verbose", "--quiet", "check"]),
        (["check", "--config", "x.toml", "a"], ["--config", "x.toml", "check", "a"]),
        (["check", "--color", "never", "a"], ["--color", "never", "check", "a"]),
        (["check", "a", "--lang"], ["--lang", "check", "a"]),
        (["check", "--", "-v", "--lang", "en"], ["check", "--", "-v", "--lang", "en"]),
        (["check", "-f", "-"], ["check", "-f", "-"]),
        (["check", "--only", "ipv6.dns", "a"], ["check", "--only", "ipv6.dns", "a"]),
    ],
)
def test_global_options_come_first(given: list[str], wanted: list[str]) -> None:
    assert hoisted(given) == wanted


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ([], ""),
        (["--lang", "check"], ""),
        (["check", "judge"], "check"),
        (["judge", "check"], "judge"),
        (["--lang", "vi", "--config=check.toml", "-v", "audit", "x.csv"], "audit"),
        (["--color", "never", "probe", "icmp6", "a"], "probe"),
    ],
)
def test_the_command_is_known_before_anything_is_read(given: list[str], command: str) -> None:
    """The command must be known first: those that measure give up their privileges before anything is read."""
    assert command_of(hoisted(given)) == command


def test_what_only_reads_keeps_away_from_privileges() -> None:
    assert not MEASURES & {"judge", "report", "diff", "checks", "config", "respond"}


@pytest.mark.parametrize(
    ("value", "wanted"), [(None, "vi"), ("", "vi"), ("vi", "vi"), ("en", "en"), ("fr", "vi"), ("EN", "vi")]
)
def test_vietnamese_unless_english_is_asked_for(
    value: str | None, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("AUDITOR_LANG")
    else:
        monkeypatch.setenv("AUDITOR_LANG", value)
    assert language() == wanted
    assert ui("Show this help") == {"vi": "Hiện phần trợ giúp này", "en": "Show this help"}[wanted]


def test_what_is_not_translated_shows_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "vi")
    assert ui("no such text, {name}", name="a\x1bb") == "no such text, a\\x1bb"


def test_a_closed_pipe_ends_the_program_as_a_signal_would() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "auditor.service.cli.main", "checks", "list"]
    done = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def _python(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("AUDITOR_")} | environment,
    )


_RUN_MAIN = """
import sys
from auditor.service.cli.main import main
try:
    main()
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""


def test_version_loads_no_other_module() -> None:
    done = _python(_RUN_MAIN, "--version")
    assert (done.returncode, done.stdout) == (0, f"auditor {program_version()}\n")
    assert {name.partition(".")[0] for name in done.stderr.split()} & set(HEAVY) == set()


def test_the_version_beside_other_options(cli: Cli) -> None:
    assert cli("--version", "--lang", "en").out == f"auditor {program_version()}\n"


def test_help_loads_no_configuration_no_network_and_nothing_that_judges() -> None:
    done = _python(_RUN_MAIN, "check", "--help")
    assert done.returncode == 0
    modules = set(done.stderr.split())
    loaded = {name.partition(".")[0] for name in modules}
    assert loaded & {"sqlalchemy", "alembic", "rich", "aiohttp", "jinja2", "cryptography", "dns"} == set()
    assert modules & {"auditor.framework.check", "auditor.figures.figure", "reports.document"} == set()


_MAIN = "from auditor.service.cli.main import main; main()"


@pytest.mark.parametrize(
    ("arguments", "environment", "heading", "line"),
    [
        (("--help",), {}, "Cách dùng: ", "Hiện phần trợ giúp này"),
        (("--help", "--lang", "en"), {}, "Usage: ", "Show this help"),
        (("check", "--help", "--lang=en"), {}, "Usage: ", "Only these checks or areas"),
        (("check", "--help"), {"AUDITOR_LANG": "en"}, "Usage: ", "Only these checks or areas"),
        (("checks", "--help"), {}, "Cách dùng: ", "Các lệnh:"),
        (("--help", "--lang", "vi"), {"AUDITOR_LANG": "en"}, "Cách dùng: ", "Hiện phần trợ giúp này"),
    ],
)
def test_help_speaks_the_language_asked_for(
    arguments: tuple[str, ...], environment: dict[str, str], heading: str, line: str
) -> None:
    done = _python(_MAIN, *arguments, **environment)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{heading}auditor ")
    assert line in done.stdout
    assert "<list" not in done.stdout
    foreign = "Usage:" if heading != "Usage: " else "Cách dùng:"
    assert foreign not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ("audit a.csv", "audit a.csv --resume R2"),
        (
            "--lang en audit a.csv --only ipv6.dns --resume R1 --name 'quý 1'",
            "--lang en audit a.csv --only ipv6.dns --name 'quý 1' --resume R2",
        ),
        ("audit --resume=R1 'my list.csv' --out b", "audit 'my list.csv' --out b --resume R2"),
    ],
)
def test_command_again_repeats_the_global_options(
    arguments: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resume() -> str:
        return global_options.command_again(without="--resume", more=("--resume", "R2"))

    program = tmp_path / "auditor"
    program.touch(0o755)
    monkeypatch.setattr(global_options.STATE, "arguments", tuple(shlex.split(arguments)))
    monkeypatch.setattr("sys.argv", ["main.py"])
    assert resume() == f"auditor {wanted}"
    monkeypatch.setattr("sys.argv", [str(program)])
    monkeypatch.setenv("PATH", "")
    assert resume() == f"{program} {wanted}"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert resume() == f"auditor {wanted}"


def test_without_a_command_help_and_exit_2(cli: Cli) -> None:
    for arguments in ((), ("checks",), ("config",)):
        result = cli(*arguments)
        assert result.code == 2
        assert "auditor" in result.out


def test_main_leaves_what_is_imported_to_no_collection_at_the_end() -> None:
    program = """
import atexit
import gc
import sys
atexit.register(lambda: print("frozen", gc.get_freeze_count()))  # the first to be registered is the last to run
from auditor.service.cli.main import main
sys.argv = ["auditor", "checks", "list"]
main()
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.rpartition("frozen ")[2]) > 10_000


@pytest.mark.parametrize("environment", [{}, {"PYTHONWARNINGS": "default"}])
def test_libraries_say_nothing_of_what_peers_sent_unless_asked_to(environment: dict[str, str]) -> None:
    """Libraries are silenced: they warn of odd serial numbers of certificates on stderr, amid a log of JSON."""
    program = "import warnings\nfrom auditor.service.cli.main import silence_libraries\nsilence_libraries()\n"
    done = _python(f"{program}warnings.warn('odd serial number')", **environment)
    assert done.returncode == 0
    assert ("odd serial number" in done.stderr) is bool(environment)


def test_a_crash_leaves_no_core_file() -> None:
    """A crash leaves no core file, since memory holds communities, keys and passwords too."""
    limit = "import resource; print(*resource.getrlimit(resource.RLIMIT_CORE))"
    code = f"from auditor.service.cli import main; main._choose_language = lambda words: exec({limit!r}); main.main()"
    done = subprocess.run(
        ["sh", "-c", 'ulimit -S -c unlimited; "$@"', "sh", sys.executable, "-c", code, "checks", "list"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[0] == "0 0"
