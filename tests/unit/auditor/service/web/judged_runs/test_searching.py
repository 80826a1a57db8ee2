"""Tests the search of the pages: parts of names without accents, addresses, and only results the reader may see."""

from collections.abc import Iterator

import pytest

from auditor.framework import catalogue
from auditor.service.accounts.model import Account, Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs import searching
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from tests.support import judged


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path_factory.mktemp("search") / "a.db") as made:
        judged.fill(made)
        yield made


def view(store: SqlStore, agency: str | None = None) -> AccountView:
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    record = store.latest_judgement(judged.RUN)
    assert record is not None
    bound = None if agency is None else AgencyId(agency)
    account = Account(key=1, name="x", role=Role.VIEWER, agency=bound, lang="vi", created=judged.NOW)
    return AccountView(account, digests.of(record), store)


@pytest.mark.parametrize("text", ["so y te", "Sở Y tế", "SO-YT", "tế sở"])
def test_agencies_by_part_of_a_name_or_code_are_found(store: SqlStore, text: str) -> None:
    assert [code for code, _ in searching.agencies(view(store), text).shown] == [judged.AGENCY]


@pytest.mark.parametrize("text", [judged.OURS, "cong.yte", "CONG yte"])
def test_subjects_by_part_of_a_domain_are_found(store: SqlStore, text: str) -> None:
    assert [line.id for line in searching.subjects(view(store), text).shown] == [judged.OURS]


def test_subjects_of_another_agency_are_not_found(store: SqlStore) -> None:
    assert searching.subjects(view(store), "example.vn").of == 2
    own = view(store, judged.AGENCY)
    assert [line.id for line in searching.subjects(own, "example.vn").shown] == [judged.OURS]
    assert searching.subjects(own, judged.THEIRS).of == 0
    assert searching.agencies(own, judged.OTHER_NAME).of == 0


def test_checks_by_id_or_title_in_any_language_are_found() -> None:
    known, languages = catalogue.load().checks.values(), [Texts("vi"), Texts("en")]
    (check,) = (check for check in known if check.id == "ipv6.web.aaaa")
    for text in (check.id, *(texts.title(check.id) for texts in languages)):
        assert check in searching.checks(known, text, languages).shown


def test_matches_are_bounded_and_counted() -> None:
    known = list(catalogue.load().checks.values())
    found = searching.checks(known, ".", [Texts("en")])
    assert (len(found.shown), found.of) == (searching.MOST, len(known))


@pytest.mark.parametrize("text", ["", "   ", "[]", "x" * 200])
def test_empty_and_endless_texts_match_nothing(store: SqlStore, text: str) -> None:
    wanted = searching.wanted_text(text)
    assert len(wanted) <= searching.LONGEST
    assert searching.subjects(view(store), wanted).of == 0


def test_addresses_are_looked_for_in_their_usual_form() -> None:
    assert searching.wanted_text(" 2001:0DB8:0::0001 ") == "2001:db8::1"
    assert searching.wanted_text("[2001:DB8::1]") == "2001:db8::1"
    assert searching.wanted_text("192.0.2.") == "192.0.2."
