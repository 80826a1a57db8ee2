"""Tests that values are completed from this installation, and only with words that mean nothing to a shell."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from auditor.framework.findings import Outcome
from auditor.service.cli import completion
from auditor.service.store.url import open_store
from tests.support.own_checks import ID, forgotten, written
from tests.unit.auditor.stored import Brief, Held, put


def _context(**params: object) -> Any:
    context = SimpleNamespace(params=params)
    context.find_root = lambda: SimpleNamespace(params={})
    return cast(Any, context)


def test_runs_and_agencies_come_from_the_store_that_is_named() -> None:
    said = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]
    with open_store("sqlite:///other.db") as store:
        put(store, Held(name="first", findings={"www.tinh.vn": said}))
        put(store, Held(name="second", days=1, findings={"www.tinh.vn": said}))
    context = _context(store="sqlite:///other.db")
    assert completion.runs(context, "") == ["second", "first"]
    assert completion.runs(context, "se") == ["second"]
    assert completion.runs(_context(store="sqlite:///none.db"), "") == []


def test_words_that_a_shell_would_read_as_more_are_not_offered() -> None:
    offer = completion.words("good", "$(reboot)", "two words", "`id`", "a;b", "\x1b[31m")
    assert offer("") == ["good"]


def test_areas_complete_behind_a_comma() -> None:
    assert "ipv6.dns,security.tls" in completion.check_prefixes(_context(), "ipv6.dns,security.t")


def test_check_ids_with_own_checks_offers_them_too(tmp_path: Path) -> None:
    folder = written(tmp_path / "checks").parents[1]
    Path("auditor.toml").write_text(f"[checks]\nfolders = [{str(folder)!r}]\n", "utf-8")
    with forgotten():
        assert completion.check_ids(_context(), "local.") == [ID]
        assert "local.web" in completion.check_prefixes(_context(), "local.w")


def test_check_ids_with_own_checks_that_cannot_be_loaded_offers_the_others(tmp_path: Path) -> None:
    folder = written(tmp_path / "checks", "raise SystemError").parents[1]
    Path("auditor.toml").write_text(f"[checks]\nfolders = [{str(folder)!r}]\n", "utf-8")
    with forgotten():
        assert completion.check_ids(_context(), "ipv6.dns.ns-aa") == ["ipv6.dns.ns-aaaa"]


def test_probes_and_frameworks_are_offered_by_name() -> None:
    assert "dns" in completion.probes("")
    assert completion.probes("tc") == ["tcp"]
    assert completion.frameworks("")
