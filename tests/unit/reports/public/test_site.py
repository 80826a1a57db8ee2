"""Tests the pages and files of the public edition: whole, sealed, in both languages, without any data of a host."""

import hashlib
import re
from dataclasses import replace
from datetime import date

import pytest

from auditor.figures.period import Extent, parse_period
from auditor.framework import catalogue as checks
from auditor.service.runs.period_counts import leaks, period_progress
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports.json_data import encode
from reports.public.edition import Edition, document, earlier_edition
from reports.public.site import DIGESTS, PageWords, period_words, site
from tests.support import published
from tests.unit.reports.public.test_edition import ISSUED, YEAR, edition


def test_site_has_no_host_and_no_address_of_the_inventory_in_any_byte() -> None:
    files = site(edition())
    assert leaks(files, published.subjects()) == []
    everything = b"".join(files.values())
    assert b"mgmt-exposed" not in everything
    assert not re.search(rb"2001:db8|192\.0\.2\.|tinh\.vn|654321|765432", everything)


def test_site_that_holds_a_host_is_found_out() -> None:
    with MemoryStore() as store:
        published.fill(store, name_of_last="UBND (www.so1.tinh.vn)")
        made = period_progress(YEAR, store, checks.load(), published.AFTER)
        rows = list(store.subjects(RunId(made.end.run)))
    files = site(Edition(progress=made, issued=ISSUED, issuer="so1.tinh.vn"))
    assert {value for _, value in leaks(files, rows)} == {"so1.tinh.vn"}


def test_site_names_the_digest_of_every_other_file() -> None:
    files = site(edition())
    lines = dict(line.split("  ")[::-1] for line in files[DIGESTS].decode().splitlines())
    assert lines == {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != DIGESTS}


def test_pages_ask_for_nothing_and_escape_what_they_show() -> None:
    first = earlier_edition(encode(document(edition(days=(-240,)))), YEAR)
    files = site(edition(earlier=first))
    for page, lang in (("index.html", "vi"), ("en.html", "en")):
        text = files[page].decode()
        assert f'<html lang="{lang}">' in text
        assert "<script" not in text
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "Đính chính" in files["index.html"].decode()
    assert "Corrections" in files["en.html"].decode()


def test_site_tells_where_its_two_counts_were_judged_by_other_rules() -> None:
    words = {"index.html": "dù cơ quan, đơn vị không thay đổi gì", "en.html": "though nothing changed at an agency"}
    alike = edition()
    for is_told, made in ((False, alike), (True, replace(alike, same_rules=False))):
        files = site(made)
        assert {page: words[page] in files[page].decode() for page in words} == dict.fromkeys(words, is_told)


def test_site_tells_where_far_less_was_looked_at_in_the_beginning() -> None:
    words = {"index.html": "chưa bằng một nửa lượt cuối", "en.html": "less than half as much was looked at"}
    alike = edition()
    slight = replace(alike, progress=replace(alike.progress, slight_start=True))
    for is_told, made in ((False, alike), (True, slight)):
        files = site(made)
        assert {page: words[page] in files[page].decode() for page in words} == dict.fromkeys(words, is_told)


@pytest.mark.parametrize("days", [published.DAYS, (-240,)])
def test_site_tells_where_the_last_count_is_in_doubt_or_of_a_part(days: tuple[int, ...]) -> None:
    words = {
        "index.html": ("Lượt cuối chưa đáng tin", "Lượt ngày 01/03/2026 có số kết luận nhiều hơn gấp đôi"),
        "en.html": ("The last count is in doubt", "The count of 1 Mar 2026 decided more than twice as much"),
    }
    sound = edition(days)
    fullest = Extent(run="r0", day=date(2026, 3, 1), decided=900)
    doubted = replace(sound, progress=replace(sound.progress, doubtful=True, fuller=fullest))
    for is_told, made in ((False, sound), (True, doubted)):
        files = site(made)
        assert all((text in files[name].decode()) == is_told for name, texts in words.items() for text in texts)


def test_share_with_many_undecided_is_an_interval_and_with_all_undecided_none() -> None:
    words = PageWords(Texts("en"), {"smallest": 5})
    bars = [words.bar({"of": 20, "met": met, "unknown": unknown}) for met, unknown in ((15, 2), (15, 3), (0, 20))]
    assert [None if bar is None else bar.text for bar in bars] == ["75%", "75%–90%", None]


@pytest.mark.parametrize(
    ("name", "vi", "en"),
    [
        ("2026", "năm 2026", "the year 2026"),
        ("2026-Q3", "quý 3 năm 2026", "quarter 3 of 2026"),
        ("2026-09", "tháng 09/2026", "09/2026"),
    ],
)
def test_period_is_worded_as_people_say_it(name: str, vi: str, en: str) -> None:
    period = parse_period(name)
    assert (period_words(Texts("vi"), period), period_words(Texts("en"), period)) == (vi, en)
