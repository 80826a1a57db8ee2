"""Files and folders are created in one place (``store/files.py``): so they are private whatever the umask."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PLACE = "auditor/service/store/files.py"
ELSEWHERE = {
    "auditor/locale/compile.py": "compiles catalogues when the program is built; they are for everybody",
    "auditor/service/accounts/keys.py": "gives a file that it made by the one place its name",
    "auditor/service/cli/command_sections.py": "writes a line of the help, no file",
    "auditor/service/inventories/export.py": "makes an archive in memory",
    "auditor/service/store/database/backup.py": "connects to a copy that it made by the one place",
    "inventory/sources/sheet_bounds.py": "makes an archive in memory",
    "auditor/service/store/database/sqlite.py": "watches a database that is there",
    "auditor/service/web/downloads/downloads.py": "writes an archive into a file that it made by the one place",
}
_METHODS = frozenset({"write_text", "write_bytes", "touch", "mkdir", "symlink_to", "hardlink_to"})
_OF_MODULES = frozenset(
    {
        "os.mkdir",
        "os.makedirs",
        "os.mkfifo",
        "os.mknod",
        "os.symlink",
        "os.link",
        "os.creat",
        "shutil.copy",
        "shutil.copy2",
        "shutil.copyfile",
        "shutil.copytree",
        "shutil.move",
        "sqlite3.connect",
        "logging.FileHandler",
        "gzip.open",
    }
)
_MODULES = frozenset({"tempfile"})
_WRITES = frozenset("wax+")


def _creates(source: str) -> Iterator[tuple[int, str]]:
    """Yield the calls that would create a file or folder, with their lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            module, _, last = name.rpartition(".")
            if (
                name in _OF_MODULES
                or module in _MODULES
                or (last in _METHODS and module)
                or (name == "os.open" and "O_CREAT" in ast.unparse(node))
                or (last == "open" and name != "os.open" and any(_is_mode(word) for word in _words(node)))
                or (last == "ZipFile" and any(_is_mode(word) for word in _words(node)))
            ):
                yield node.lineno, name


def _words(node: ast.Call) -> Iterator[str]:
    """Yield texts that may be the mode: from a function's second argument or a method's first."""
    first = 0 if ast.unparse(node.func).rpartition(".")[2] == "open" and isinstance(node.func, ast.Attribute) else 1
    for arg in (*node.args[first:], *(each.value for each in node.keywords)):
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
            yield arg.value


def _is_mode(text: str) -> bool:
    return len(text) <= 3 and bool(_WRITES & set(text)) and set(text) <= _WRITES | set("rbt")


@pytest.mark.parametrize("package", ["auditor", "inventory", "probes", "reports"])
def test_nothing_is_created_elsewhere(package: str) -> None:
    found = [
        f"{name}:{line} {call}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if (name := str(path.relative_to(ROOT))) != PLACE and name not in ELSEWHERE
        for line, call in _creates(path.read_text("utf-8"))
    ]
    assert found == []


def test_the_exceptions_are_still_there() -> None:
    for name in ELSEWHERE:
        assert list(_creates(Path(ROOT, name).read_text("utf-8"))), name


@pytest.mark.parametrize(
    "call",
    [
        'open("x", "w")',
        'path.open("wb")',
        'open("x", mode="a+")',
        'path.write_text("")',
        "path.mkdir()",
        'os.open("x", os.O_WRONLY | os.O_CREAT)',
        "tempfile.mkdtemp()",
        'zipfile.ZipFile("x", "w")',
        "os.makedirs(x)",
    ],
)
def test_calls_that_create_are_found(call: str) -> None:
    assert list(_creates(call))


@pytest.mark.parametrize(
    "call", ['open("x", "rb")', "path.open()", 'sink.open("a.txt")', "os.open(folder, os.O_RDONLY)"]
)
def test_calls_that_read_are_not_found(call: str) -> None:
    assert not list(_creates(call))
