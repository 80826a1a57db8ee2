"""Tests the values that the pages' templates render."""

import re
from importlib import resources

import pytest
from markupsafe import Markup

from auditor.service.pipeline.summaries.subject_lines import Rung
from auditor.service.web.rendering.render import environment, texts_in


def test_evidence_lines_stand_on_lines_of_their_own_and_deciding_ones_are_marked() -> None:
    template = environment().from_string(
        '{% from "macros_evidence.html.j2" import evidence_lines %}{{ evidence_lines(lines, ui) }}'
    )
    lines = [("first <b>", False), ("second", True), ("third", False)]
    markup = template.render(lines=lines, ui=lambda key: Markup(f"[{key}]"))
    assert markup == (
        '<pre translate="no">first &lt;b&gt;\n<mark><span class="hidden">[deciding] </span>second</mark>\nthird</pre>'
    )


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0 kbit/s"), (1_000.0, "1 kbit/s"), (99_940.0, "99,9 kbit/s"), (2.5e6, "2,5 Mbit/s")]
)
def test_amount_of_little_traffic_stands_in_kilobits(value: float, shown: str) -> None:
    template = environment().from_string(
        '{% from "tslcd_macros.html.j2" import amount %}{{ amount("in-rate", value, t) }}'
    )
    assert template.render(value=value, t=texts_in("vi")) == shown


@pytest.mark.parametrize(
    ("rung", "shown"),
    [
        (Rung(0, at_least=False), "not capable of IPv6"),
        (Rung(0, at_least=True), "[level_undecided]"),
        (Rung(2, at_least=True), "IPv6 enabled, with an address [next_level_undecided]"),
    ],
)
def test_level_that_nobody_could_decide_is_not_stated(rung: Rung, shown: str) -> None:
    template = environment().from_string('{% from "macros_names.html.j2" import levels %}{{ levels(ladders, t, ui) }}')
    assert template.render(ladders={"device": rung}, t=texts_in("en"), ui=lambda key: Markup(f"[{key}]")) == shown


def test_evidence_of_a_finding_is_linked_by_number() -> None:
    template = environment().from_string(
        '{% from "macros_evidence.html.j2" import evidence_links %}{{ evidence_links(ids, ui) }}'
    )
    markup = template.render(ids=["ab", "cd"], ui=lambda key: Markup(f"[{key}]"))
    links = re.findall(r'<a href="#e-(\w+)" title="(\w+)">(.*?)</a>', markup)
    assert links == [
        ("ab", "ab", '<span class="hidden">[evidence] </span>1'),
        ("cd", "cd", '<span class="hidden">[evidence] </span>2'),
    ]


UNFOLDED = {"grid", "beside"}
"""Classes of tables that stay tables on a phone, since their cells are only clear beside each other."""


@pytest.mark.parametrize("name", sorted(environment().list_templates()))
def test_table_of_a_page_folds_on_a_phone(name: str) -> None:
    source = (resources.files("auditor.service.web") / "templates" / name).read_text("utf-8")
    for classes in re.findall(r'<table(?: class="([^"]*)")?>', source):
        assert {"fold", *UNFOLDED} & set(classes.split())
