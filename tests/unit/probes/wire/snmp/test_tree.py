"""Dotted OIDs as a device wrote them: numbers, or nothing."""

import pytest

from probes.wire.snmp.tree import Oid, oid_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.3.6.1.2.1.1.1.0", (1, 3, 6, 1, 2, 1, 1, 1, 0)),
        ("0.0", (0, 0)),
        ("4294967295", (4_294_967_295,)),
        (".".join(["1"] * 128), (1,) * 128),
        (".".join(["1"] * 129), None),
        ("12345678901", None),
        ("", None),
        (".1.3", None),
        ("1..3", None),
        ("1.3.", None),
        ("1.3\n", None),
        ("1.-3", None),
        ("1.+3", None),
        ("1. 3", None),
        ("1.1_0", None),
        ("1.٣", None),
        ("iso.3", None),
    ],
)
def test_oid_of_a_text_is_its_numbers_or_none(text: str, wanted: Oid | None) -> None:
    assert oid_of(text) == wanted
