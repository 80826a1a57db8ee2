"""Names shown in messages and workbooks can be typed into a table again."""

import pytest

from inventory.kinds import CLEARANCE_WORDS, KIND_WORDS, LEVEL_WORDS, NETWORK_WORDS, ROW_KINDS
from inventory.model import Clearance, Network
from inventory.tables.columns import COLUMNS, Column, TableKind, recognise
from inventory.tables.display_names import (
    CLEARANCE_NAMES,
    COLUMN_NAMES,
    KIND_NAMES,
    LEVEL_NAMES,
    NETWORK_NAMES,
    column_name,
    word_name,
)
from inventory.word_matching import fold


@pytest.mark.parametrize("kind", TableKind)
def test_every_column_name_is_recognised_as_its_column(kind: TableKind) -> None:
    assert {column: recognise(COLUMN_NAMES[column], kind) for column in COLUMNS[kind]} == {
        column: column for column in COLUMNS[kind]
    }


def test_every_word_has_names_that_are_read_as_it() -> None:
    assert {name: KIND_WORDS[fold(name)] for kind in ROW_KINDS for name in KIND_NAMES[kind]} == {
        name: kind for kind in ROW_KINDS for name in KIND_NAMES[kind]
    }
    assert {NETWORK_WORDS[fold(NETWORK_NAMES[each].vi)] for each in Network} == set(Network)
    assert {CLEARANCE_WORDS[fold(CLEARANCE_NAMES[each].vi)] for each in Clearance} == set(Clearance)
    assert {LEVEL_WORDS[fold(names.vi)] for names in LEVEL_NAMES.values()} == set(LEVEL_NAMES)


def test_names_follow_the_language_and_leave_other_texts_alone() -> None:
    assert (column_name("ipv4", "vi"), column_name("ipv4", "en"), column_name("Điện thoại", "vi")) == (
        "Địa chỉ IPv4",
        "ipv4",
        "Điện thoại",
    )
    assert (word_name(Column.KIND, "router", "vi"), word_name(Column.TAGS, "router", "vi")) == (
        "bộ định tuyến",
        "router",
    )
