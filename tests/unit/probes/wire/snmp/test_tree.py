"""Dotted OIDs as a device wrote them: numbers, or nothing."""

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp.tree import Oid, Tree, oid_of


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


def varbind(oid: str, value: str) -> Varbind:
    return Varbind(oid=oid, type="int", value=value)


def test_tree_column_holds_what_is_below_it_in_the_order_of_the_answers() -> None:
    given = ["1.2.3.9", "1.2.30.1", "1.2.3.10", "1.2.3", "1.2.2.7", "1.2.3.4294967295", "1.2.3.9"]
    tree = Tree(varbind(oid, str(number)) for number, oid in enumerate(given))
    assert list(tree.integers((1, 2, 3)).items()) == [((9,), 0), ((10,), 2), ((), 3), ((4_294_967_295,), 5)]
    assert list(tree.integers((1, 2))) == [(3, 9), (30, 1), (3, 10), (3,), (2, 7), (3, 4_294_967_295)]
    assert [tree.has_below(root) for root in ((1, 2, 3, 9), (1, 2, 30), (1, 2, 4), (1, 3), ())] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert not Tree().has_below(())
