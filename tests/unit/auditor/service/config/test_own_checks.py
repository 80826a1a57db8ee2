"""Tests that an operator's checks come from folders that only the operator can change; errors name file and line."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.framework import catalogue, check
from auditor.service.config import own_checks
from auditor.service.config.own_checks import OwnCheckError
from auditor.texts.translate import Texts
from tests.support.own_checks import ID, forgotten, written


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    check.load()
    with forgotten():
        yield


def refused(folder: Path) -> str:
    with pytest.raises(OwnCheckError) as caught:
        own_checks.load([folder])
    (wrong,) = caught.value.problems
    return str(wrong)


def test_load_registers_the_check_under_its_path_in_both_languages(tmp_path: Path) -> None:
    written(tmp_path)
    own_checks.load([tmp_path])
    known = catalogue.load()
    assert [one.id for one in known.select(["local"], [])] == [ID]
    titles = {lang: Texts(lang, known.checks).title(known.find(ID).id) for lang in ("vi", "en")}
    assert titles == {
        "vi": "Máy chủ web không tiết lộ phiên bản phần mềm",
        "en": "Web server keeps its version to itself",
    }


def test_load_twice_registers_once(tmp_path: Path) -> None:
    written(tmp_path)
    own_checks.load([tmp_path])
    own_checks.load([tmp_path])
    assert own_checks.loaded() == (tmp_path.resolve(),)


def test_load_writes_nothing_into_the_folder(tmp_path: Path) -> None:
    written(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    own_checks.load([tmp_path])
    assert sorted(tmp_path.rglob("*")) == before


def test_load_of_a_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, "x = 1\n\nif\n")
    assert refused(tmp_path) == f"{path}:3: is not valid Python: invalid syntax"


def test_load_of_a_failing_import_names_the_line_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "import json\n\njson.loads('{')\n")
    assert refused(tmp_path).startswith(f"{path}:3: cannot be loaded: JSONDecodeError: ")


def test_load_of_a_file_without_a_check_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, "x = 1\n")
    assert refused(tmp_path) == f"{path}:1: declares no check"


def test_load_of_a_foreign_id_names_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path, check_of("ipv6.web"))
    line = path.read_text("utf-8").splitlines().index("def example(subject, evidence, ctx):") + 1
    lines = {f"{path}:{number}: declares ipv6.web.example, but its ids begin with local.web." for number in (line, 4)}
    assert refused(tmp_path) in lines


def test_load_of_an_id_that_is_taken_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "a")
    path = written(tmp_path / "b")
    own_checks.load([tmp_path / "a"])
    assert refused(tmp_path / "b").startswith(f"{path}:")
    assert "registered twice" in refused(tmp_path / "b")


def test_load_of_a_name_that_makes_no_id_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, name="Web/Example.py")
    assert refused(tmp_path).startswith(f"{path}: must stand as AREA/NAME.py")


def test_load_of_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").endswith("there is no such folder of checks")


@pytest.mark.parametrize("name", ["web/example.py", "web", "."])
def test_load_of_what_others_can_write_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "checks"
    written(folder)
    place = folder / name
    place.chmod(place.stat().st_mode | 0o002)
    assert refused(folder).startswith(f"{place}: can be written by other users")
    assert ID not in check.registered()


def test_load_below_a_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    above = tmp_path / "shared"
    written(above / "checks")
    above.chmod(0o777)
    assert refused(above / "checks").startswith(f"{above}: can be written by other users")
    above.chmod(0o1777)  # sticky: only the owner of a file can remove it
    own_checks.load([above / "checks"])


def test_load_of_a_link_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "checks")
    (tmp_path / "elsewhere.py").write_text("", "utf-8")
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere.py")
    assert refused(tmp_path / "checks") == f"{path}: is a link, and checks are not read through links"


def test_load_of_files_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "checks"
    written(folder)
    monkeypatch.setattr(own_checks, "trusted_users", lambda environment: frozenset({os.geteuid() + 1}))
    with pytest.raises(OwnCheckError, match=f"{folder}: belongs to another user"):
        own_checks.load([folder])


def check_of(area: str) -> str:
    """Return a file whose check pretends to stand in another area."""
    return f"""from auditor.framework.check import check, passed
from inventory.model import WEB_KINDS

def example(subject, evidence, ctx):
    yield from ()

example.__module__ = "auditor.checks.{area}.example"
check(version=1, title="t", why="w", fix="f", problem="p", references=("r",), needs=(), kinds=WEB_KINDS,
      messages={{"OK": passed("o")}})(example)
"""
