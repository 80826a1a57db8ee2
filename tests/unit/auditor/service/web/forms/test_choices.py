"""Tests the labels that forms offer instead of ids, and how a typed label is resolved."""

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import CheckId
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.forms.choices import agencies_of, check_groups, subject_named
from auditor.texts.translate import LANGUAGES, Texts
from inventory.model import AgencyId, Kind, SubjectId
from inventory.organisation import Organisation, Unit

PROVINCE, DEPARTMENT = AgencyId("tinh"), AgencyId("so-y-te")


def line(subject: str, **values: str | tuple[str, ...]) -> SubjectLine:
    return SubjectLine(id=SubjectId(subject), kind=Kind.PORTAL, agency=None, outcomes={}, ladders={}, **values)  # type: ignore[arg-type]  # the fields of a test


LINES = (
    line("web", name="Cổng tỉnh", host="www.tinh.vn", addresses=("2001:db8::1", "192.0.2.1")),
    line("mail", name="Thư điện tử", host="mail.tinh.vn", addresses=("192.0.2.1",)),
)


def test_agencies_of_two_trees_are_each_once_in_the_order_of_the_first() -> None:
    first = Organisation(units=(Unit(code=PROVINCE, name="Tỉnh"), Unit(code=DEPARTMENT, name="Sở", parent=PROVINCE)))
    second = Organisation(units=(Unit(code=DEPARTMENT, name="Sở cũ"), Unit(code=AgencyId("xa"), name="Xã")))
    assert [(each.code, each.name, each.depth) for each in agencies_of((first, second))] == [
        (PROVINCE, "Tỉnh", 0),
        (DEPARTMENT, "Sở", 1),
        ("xa", "Xã", 0),
    ]


def test_check_groups_are_by_the_first_two_parts() -> None:
    checks = map(CheckId, ("security.tls.cert", "ipv6.web.reach", "ipv6.web.aaaa", "ipv6.dns.aaaa"))
    assert [(group.prefix, len(group.checks)) for group in check_groups(checks, Texts("vi"))] == [
        ("ipv6.dns", 1),
        ("ipv6.web", 2),
        ("security.tls", 1),
    ]


def test_check_groups_of_every_check_have_a_name() -> None:
    for lang in LANGUAGES:
        groups = check_groups(catalogue.load().checks, Texts(lang))
        assert [group.prefix for group in groups if group.name == group.prefix] == []


@pytest.mark.parametrize(
    ("typed", "subject"),
    [
        ("web", "web"),
        ("www.tinh.vn", "web"),
        ("CONG TINH", "web"),
        ("2001:db8::1", "web"),
        ("192.0.2.1", None),
        ("", None),
        ("tinh", None),
    ],
)
def test_subject_named_finds_the_only_one(typed: str, subject: str | None) -> None:
    assert subject_named(LINES, typed) == subject
