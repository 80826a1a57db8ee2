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


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def _write(copy: Path, path: str, text: str) -> Path:
    """Folders on the way become packages and stay: the linter does not look into a folder that is none."""
    for folder in list(Path(path).parents)[:-1]:
        (copy / folder).mkdir(parents=True, exist_ok=True)
        (copy / folder / "__init__.py").touch()
    (copy / path).write_text(text + "\n")
    return copy / path


def _assert_broken(copy: Path, contract: str) -> None:
    done = _lint(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"^{re.escape(contract)}.* BROKEN", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    ("path", "line", "contract"),
    [
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
    ],
)
def test_a_breach_is_seen(copy: Path, path: str, line: str, contract: str) -> None:
    intruder = _write(copy, path, line)
    try:
        _assert_broken(copy, contract)
    finally:
        intruder.unlink()


@pytest.mark.parametrize(
    ("one", "other", "contract"),
    [
        ("auditor/checks/ipv6/dns/zz_one.py", "auditor/checks/ipv6/dns/zz_other.py", "Checks do not know each other"),
        ("auditor/checks/ipv6/dns/zz_one.py", "auditor/checks/ipv6/zz/zz_other.py", "Checks do not know each other"),
        ("probes/zz_one.py", "probes/zz_other.py", "Probes do not know each other"),
        ("reports/formats/zz_one.py", "reports/formats/zz_other.py", "Report formats do not know each other"),
    ],
)
def test_siblings_are_kept_apart(copy: Path, one: str, other: str, contract: str) -> None:
    first = _write(copy, one, f"from {other.removesuffix('.py').replace('/', '.')} import VALUE as VALUE")
    second = _write(copy, other, "VALUE = 1")
    try:
        _assert_broken(copy, contract)
    finally:
        first.unlink()
        second.unlink()
