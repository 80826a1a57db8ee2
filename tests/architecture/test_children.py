"""No program that the product starts sees modules of the current folder or our whole environment."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.tree import PACKAGES, ROOT, python_files

_STARTS = frozenset(
    {
        "Popen",
        "run",
        "call",
        "check_call",
        "check_output",
        "getoutput",
        "getstatusoutput",
        "create_subprocess_exec",
        "create_subprocess_shell",
        "subprocess_exec",
        "subprocess_shell",
        "system",
        "popen",
        "posix_spawn",
        "posix_spawnp",
        "execv",
        "execve",
        "execvp",
        "execvpe",
        "execl",
        "execle",
        "execlp",
        "spawnv",
        "spawnve",
        "spawnl",
        "spawnle",
    }
)
_HOLDERS = frozenset({"subprocess", "asyncio", "os", "loop", "pty"})
_NOT_STARTS = frozenset({("asyncio", "run"), ("os", "run"), ("loop", "run")})
COMMANDS = "probes/net/core/children.py"
"""The one file that may name the interpreter."""


def _faults(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.executable":
            yield node.lineno, "the interpreter"
        elif isinstance(node, ast.Constant) and node.value == "-m":
            yield node.lineno, "a module by its name"
        elif isinstance(node, ast.Call) and _is_start(node.func):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            if not {"env", "cwd"} <= given.keys():
                yield node.lineno, "without env= and cwd="
            elif ast.unparse(given["env"]).startswith(("os.environ", "None", "{**os.environ")):
                yield node.lineno, "with the whole environment"


def _is_start(called: ast.expr) -> bool:
    """True if a call starts a program, by its name and its holder; names imported by themselves count too."""
    if isinstance(called, ast.Name):
        return called.id in _STARTS - {"run", "call", "system"}
    if not isinstance(called, ast.Attribute) or called.attr not in _STARTS:
        return False
    holder = ast.unparse(called.value)
    return (holder, called.attr) not in _NOT_STARTS and (holder in _HOLDERS or holder.endswith("get_running_loop()"))


def test_every_start_of_a_program_names_its_environment_and_folder() -> None:
    found = {
        f"{path}:{line}: {what}"
        for path in python_files(*PACKAGES)
        if str(path) != COMMANDS
        for line, what in _faults((ROOT / path).read_text("utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize("script", ["containers/compose.yaml", "auditor/service/units/auditor-rawpkt@.service"])
def test_what_others_start_keeps_the_current_folder_out(script: str) -> None:
    text = (ROOT / script).read_text("utf-8").replace('", "', " ").replace('","', " ")
    starts = [line for line in text.splitlines() if "bin/python" in line or "python3 " in line]
    assert starts
    assert [line for line in starts if "python -P -m" not in line and "python3 -I -c" not in line] == []


@pytest.mark.parametrize("folder", ["containers/rehearsal", "benchmarks"])
def test_what_runs_as_root_beside_the_product_keeps_the_current_folder_out(folder: str) -> None:
    text = "\n".join((ROOT / path).read_text("utf-8") for path in python_files(folder.partition("/")[0]))
    assert 'sys.executable, "-m"' not in text


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("subprocess.run(words)", ["without env= and cwd="]),
        ("subprocess.Popen(words, env=os.environ, cwd='/')", ["with the whole environment"]),
        ("subprocess.Popen(words, env={}, cwd='/')", []),
        ("asyncio.create_subprocess_exec(*words, env={})", ["without env= and cwd="]),
        ("asyncio.get_running_loop().subprocess_exec(made, *words)", ["without env= and cwd="]),
        ("os.execv(path, words)", ["without env= and cwd="]),
        ("words = [sys.executable, '-m', 'x']", ["the interpreter", "a module by its name"]),
        ("asyncio.run(main())", []),
    ],
)
def test_the_test_sees(line: str, faults: list[str]) -> None:
    assert sorted(what for _, what in _faults(line)) == sorted(faults)


def test_files_of_inventories_are_read_in_the_confined_program_alone() -> None:
    named = {
        (path.as_posix(), name.name)
        for path in python_files("auditor", "probes", "reports")
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in ("inventory.loader", "inventory")
        for name in node.names
        if name.name not in ("LoadedInventory",)
    }
    assert named == {("auditor/service/inventories/reader_program.py", "load_sent")}
