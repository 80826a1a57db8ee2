"""Tests sentences and tables of a period: unfinished periods, the authors, points without samples."""

from dataclasses import replace
from datetime import UTC, datetime

from auditor.figures.figure import Figure
from auditor.figures.movement import FigureMove
from auditor.figures.period_report import PeriodBefore
from auditor.texts.translate import Texts
from reports.period.tables import summary, tables
from tests.unit.reports.period_sample import report


def test_summary_of_a_period_that_lasts_says_so() -> None:
    going = replace(report(), made=datetime(2026, 11, 5, tzinfo=UTC))
    assert "Kỳ báo cáo chưa kết thúc: số liệu tính đến ngày 05/11/2026." in summary(going, Texts("vi"))
    assert not any("chưa kết thúc" in sentence for sentence in summary(report(), Texts("vi")))


def test_summary_begins_with_who_made_it() -> None:
    assert summary(report(), Texts("vi"))[0] == "Sở <A> lập ngày 20/01/2027."


def test_counts_judged_by_other_rules_are_told_wherever_they_stand_side_by_side() -> None:
    for lang, words in (("vi", "dù cơ quan, đơn vị không thay đổi gì"), ("en", "though nothing changed at an agency")):
        texts = Texts(lang)
        alike = replace(report(), before=None)
        told = {table.key for table in tables(alike, texts) if words in table.note}
        assert (told, any(words in sentence for sentence in summary(alike, texts))) == (set(), False)
        earlier = PeriodBefore(progress=alike.progress, whole=None, same_rules=False)
        other = replace(alike, same_rules=False, before=earlier)
        told = {table.key for table in tables(other, texts) if words in table.note}
        assert (told, any(words in sentence for sentence in summary(other, texts))) == ({"movement", "before"}, True)


def test_count_of_far_fewer_subjects_is_told_wherever_it_stands_beside_another() -> None:
    for lang, words in (("vi", "chưa bằng một nửa lượt cuối"), ("en", "less than half of what the last one did")):
        texts = Texts(lang)
        alike = replace(report(), before=None)
        assert not any(words in sentence for sentence in summary(alike, texts))
        earlier = PeriodBefore(progress=alike.progress, whole=None, slight=True)
        slight = replace(alike, progress=replace(alike.progress, slight_start=True), before=earlier)
        assert any(words in sentence for sentence in summary(slight, texts))
        assert {table.key for table in tables(slight, texts) if words in table.note} == {"before"}


def test_change_of_a_figure_that_is_an_interval_is_not_told_as_a_number() -> None:
    figures = (Figure(of=300, met=100), Figure(of=300, met=299), Figure(of=300, met=60, unknown=200))
    moves = tuple(
        FigureMove(figure="K08", start=start, end=end)
        for start, end in zip(figures, (*figures[1:], figures[0]), strict=True)
    )
    (table,) = (each for each in tables(replace(report(), moves=moves), Texts("vi")) if each.key == "figures")
    assert [row[3] for row in table.rows] == ["66,3", "–", "–"]


def test_figure_that_is_not_decided_gives_its_reasons_in_a_table_of_their_own() -> None:
    undecided = Figure(of=31, met=6, unknown=25, reasons={"U-SCOPE": 24, "U-RATE": 1})
    made = replace(report(), moves=(FigureMove(figure="K08", start=None, end=undecided),))
    by_key = {table.key: table for table in tables(made, Texts("vi"))}
    assert by_key["figures"].rows[0][2] == "từ 19,3% đến 100% (đạt 6/31; 25 chưa kết luận được)"
    assert by_key["undecided"].rows[0][1:] == ("25", "24 do chưa được cho phép; 1 do phép đo bị giới hạn hoặc bị chặn")
    assert not any("do chưa được cho phép" in cell for row in by_key["figures"].rows for cell in row)


def test_points_that_nobody_sampled_are_told_as_not_sampled() -> None:
    (table,) = (table for table in tables(report(), Texts("en")) if table.key == "availability")
    assert (table.rows, table.note) == ((), "No connection point was sampled in this period.")


def test_requirements_without_a_value_are_told_as_missing() -> None:
    (table,) = (table for table in tables(report(), Texts("en")) if table.key == "framework-plan-daklak-2023-2025")
    by_article = {row[0]: row for row in table.rows}
    assert by_article["II.1.a"][2] == "no figure"
    assert by_article["III.2.e"][2] == "no figure"
    assert any(row[2] == "measured" for row in table.rows)


def test_one_count_alone_is_not_said_to_have_changed_nothing() -> None:
    both = report()
    alone = replace(both, progress=replace(both.progress, start=None), moves=())
    for shown, words in ((both, "Nothing changed between the two counts."), (alone, "There is no other count")):
        (table,) = (table for table in tables(replace(shown, moves=()), Texts("en")) if table.key == "movement")
        assert table.note.startswith(words)


def test_a_target_of_all_is_written_without_a_sign() -> None:
    wanted = [
        row[3] for table in tables(report(), Texts("en")) if table.key.startswith("framework") for row in table.rows
    ]
    assert "100%" in wanted
    assert not any("≥ 100%" in each for each in wanted)


def test_papers_that_leave_out_the_same_targets_are_told_together() -> None:
    (said,) = [line for line in summary(report(), Texts("en")) if line.startswith("Every target in force")]
    assert said.endswith("the public edition leave out 39 targets without a figure, and count 10.")
