"""Tests ``auditor runs export|import``: the messages about content, origin and the next step, and about bad files."""

from pathlib import Path

import pytest

from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.service.runs.test_sealed_file import keys
from tests.unit.auditor.stored import Held, put

HERE, THERE = "sqlite:///auditor.db", "sqlite:///centre.db"


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store(HERE) as store:
        put(store, Held(name="a", days=-400))


def test_run_files_go_from_store_to_store_with_a_signature(cli: Cli, tmp_path: Path) -> None:
    key, public = keys(tmp_path, "so-gd")
    given = cli("--lang", "en", "runs", "export", "a", "a.sealed", "--key", str(key))
    assert (given.code, given.out.startswith("sha256:")) == (0, True)
    words = ("--lang", "en", "runs", "import", "a.sealed", "--store", THERE, "--round", "luot-3")
    taken = cli(*words, "--public-key", str(public))
    assert (taken.code, taken.out) == (0, "luot-3\n"), taken.err
    assert "signed with the key sha256:" in taken.err
    assert "auditor judge luot-3" in taken.err
    assert "is here already" in cli(*words).err
    with open_store(THERE) as centre:
        assert centre.run(RunId("luot-3")).members == ("a",)
    assert (Path("a.sealed").stat().st_mode & 0o777) == 0o600


def test_run_of_a_vantage_is_taken_with_its_own_key_only(cli: Cli, tmp_path: Path) -> None:
    (key, public), (other, _) = keys(tmp_path, "own"), keys(tmp_path, "other=1")
    with open_store(HERE) as store:
        vantage = store.run(RunId("a")).vantage
    trusted = ("--public-key", f"{vantage}={public}", "--public-key", str(tmp_path / "other=1.pub"))
    words = ("--lang", "en", "runs", "import", "a.sealed", "--store", THERE, *trusted)
    cli("runs", "export", "a", "a.sealed", "--key", str(other))
    assert "signed with another key" in cli(*words).err
    cli("runs", "export", "a", "a.sealed", "--key", str(key), "--force")
    assert cli(*words).code == 0


def test_run_files_that_cannot_be_taken_end_with_one_line_and_make_nothing(cli: Cli, tmp_path: Path) -> None:
    _, public = keys(tmp_path, "so-gd")
    cli("runs", "export", "a", "a.sealed")
    refused = cli("--lang", "en", "runs", "import", "a.sealed", "--store", THERE, "--public-key", str(public))
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "has no signature" in refused.err
    Path("bad.sealed").write_bytes(Path("a.sealed").read_bytes()[:-20])
    refused = cli("--lang", "vi", "runs", "import", "bad.sealed", "--store", THERE)
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "bị cắt ngắn" in refused.err
    assert cli("runs", "export", "nowhere", "n.sealed").code == 2
    assert not Path("n.sealed").exists()


def test_run_is_exported_over_a_file_with_force_only(cli: Cli) -> None:
    Path("a.sealed").write_text("kept")
    assert cli("runs", "export", "a", "a.sealed").code == 2
    assert Path("a.sealed").read_text() == "kept"
    assert cli("runs", "export", "a", "a.sealed", "--force").code == 0
