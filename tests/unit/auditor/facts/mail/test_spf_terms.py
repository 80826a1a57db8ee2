"""Tests that terms behind ``all`` matter if they were meant to allow a sender."""

import pytest

from auditor.facts.mail.spf_terms import behind_all


@pytest.mark.parametrize(
    ("record", "unread"),
    [
        ("v=spf1 mx -all", ()),
        ("v=spf1 mx -all include:spf.example.vn", ("include:spf.example.vn",)),
        ("v=spf1 redirect=example.vn ~all", ("redirect=example.vn",)),
        ("v=spf1 ~all redirect=example.vn", ("redirect=example.vn",)),
        ("v=spf1 mx -all exp=why.example.vn", ()),
        ("v=spf1 mx ~all -all", ()),
        ("v=spf1 mx -all -ip4:192.0.2.1", ()),
        ("v=spf1 +all mx", ()),
    ],
)
def test_only_terms_that_would_let_somebody_in_are_told(record: str, unread: tuple[str, ...]) -> None:
    assert behind_all((f'"{record}"',))[1] == unread
