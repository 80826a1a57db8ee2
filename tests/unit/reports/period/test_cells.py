"""Tests words of cells that several tables of a period hold."""

from auditor.texts.translate import Texts
from reports.period.cells import share_words, unit_name
from tests.support import published
from tests.unit.reports.period_sample import report


def test_share_words_cut_what_is_not_all_of_the_time() -> None:
    assert [share_words(share, Texts("en")) for share in (1.0, 0.99999, 0.0, None)] == [
        "100%",
        "99.99%",
        "0%",
        "not measured",
    ]


def test_unit_name_is_the_code_where_there_is_no_name() -> None:
    assert unit_name(report(), None, Texts("en")) == "no agency"
    assert unit_name(report(), published.LARGE, Texts("en")) != published.LARGE
