"""The import contracts of pyproject.toml hold, and they bite: each is shown a copy of the tree that breaks it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT

_LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    # The folder goes first on the path by hand: the editable install would lead back to the real tree.
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); {_LINT}"
    return subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)


def test_the_tree_keeps_every_contract() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


BREACHES = (
    ("auditor/checks/ipv6/dns/zz_socket.py", "import socket", "Judging is pure"),
    ("auditor/checks/ipv6/dns/zz_clock.py", "def now() -> float:\n    import time", "Judging is pure"),
    ("auditor/checks/ipv6/dns/zz_net.py", "import probes.net", "Judging is pure"),
    ("reports/zz_files.py", "from pathlib import Path", "Judging is pure"),
    ("auditor/checks/ipv6/dns/zz_model.py", "import pydantic", "pydantic"),
    ("probes/zz_judges.py", "import auditor.framework.findings", "Layers"),
    ("reports/zz_stores.py", "import auditor.service.store", "Layers"),
    ("inventory/zz_probes.py", "import probes.framework.evidence", "Layers"),
    ("auditor/facts/zz_service.py", "import auditor.service.config", "Layers"),
    ("auditor/figures/zz_reports.py", "import reports.document", "Layers"),
    ("auditor/service/store/zz_web.py", "import auditor.service.web", "Inside the service"),
    ("probes/zz_raw.py", "import scapy", "scapy"),
)
SIBLINGS = (
    ("auditor/checks/ipv6/dns/zz_one.py", "auditor/checks/ipv6/dns/zz_other.py", "Checks do not know each other"),
    ("auditor/checks/ipv6/dns/zz_two.py", "auditor/checks/ipv6/zz/zz_other.py", "Checks do not know each other"),
    ("probes/zz_one.py", "probes/zz_other.py", "Probes do not know each other"),
    ("reports/formats/zz_one.py", "reports/formats/zz_other.py", "Report formats do not know each other"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the linter's output for a copy of the tree with all breaches; reading the tree takes most of its time."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, line, _ in BREACHES:
        _write(folder, path, line)
    for one, other, _ in SIBLINGS:
        _write(folder, one, f"from {_module(other)} import VALUE as VALUE")
        _write(folder, other, "VALUE = 1")
    done = _lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def _write(folder: Path, path: str, text: str) -> None:
    """Write a file, and make the folders on the way packages: the linter does not look into other folders."""
    for package in list(Path(path).parents)[:-1]:
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").touch()
    (folder / path).write_text(text + "\n")


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _said_under(contract: str, told: str) -> str:
    """Return the linter's findings against a contract, in one line."""
    found = re.search(rf"^{re.escape(contract)}[^\n]*\n-+\n(.*?)(?=^-{{5,}}$|\Z)", told, re.MULTILINE | re.DOTALL)
    assert found is not None, told
    return " ".join(found[1].split())


@pytest.mark.parametrize(("path", "line", "contract"), BREACHES)
def test_a_breach_is_seen(told: str, path: str, line: str, contract: str) -> None:
    imported = line.split()[-1] if line.split()[0] != "from" else line.split()[1]
    assert f"{_module(path)} -> {imported} (" in _said_under(contract, told)


@pytest.mark.parametrize(("one", "other", "contract"), SIBLINGS)
def test_siblings_are_kept_apart(told: str, one: str, other: str, contract: str) -> None:
    assert f"{_module(one)} -> {_module(other)} (" in _said_under(contract, told)
