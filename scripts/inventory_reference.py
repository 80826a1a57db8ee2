"""The reference page of the inventory's tables: every column, every word of a closed list, and every tag."""

from collections.abc import Callable, Iterable, Iterator

from inventory.kinds import CLEARANCE_SPELLINGS, KIND_SPELLINGS, LEVEL_SPELLINGS, NETWORK_SPELLINGS, ROW_KINDS
from inventory.model import Kind
from inventory.tables.column_guide import ALL, GUIDE
from inventory.tables.columns import SECOND_CHOICES, Column, TableKind, spellings
from inventory.tables.display_names import CLEARANCE_NAMES, COLUMN_NAMES, KIND_NAMES, LEVEL_NAMES, NETWORK_NAMES
from inventory.tables.written_tables import ORDER
from inventory.tags import TAGS

_TITLES = {
    TableKind.TARGETS: "Targets (đối tượng)",
    TableKind.UNITS: "Units (đơn vị)",
    TableKind.EXEMPTIONS: "Exemptions (miễn trừ)",
}
_HEADER = ("column", "tên cột", "also read", "meaning", "ý nghĩa", "example", "kinds")
_HEAD = """# The inventory's tables

CSV, XLSX and ODS hold one table a sheet; YAML holds lists under `targets`, `units` and `exemptions`. Only a name (or
one address) and a kind are required. `auditor inventory template FILE.xlsx` writes a workbook with these columns and
pick lists; `auditor inventory validate FILE` tells how a file is read and what is wrong in it.

Titles are compared without accents, case, punctuation and spaces, and once more without what stands in brackets.
Columns that are not known are kept as notes; units and exemptions keep no notes, so that both are left out there.
Titles above the header, rows of totals and signatures are left out, each with a notice; merged cells are filled down,
and a row with a number such as `II` and the name of an agency is the agency of the rows below it, as far as the next
row with such a number (`III`), whatever that names; groups within an agency are numbered in another way (`A`).
"""


Table = Callable[[Iterable[str], Iterable[Iterable[str]]], str]


def inventory_page(note: str, table: Table) -> str:
    """The page, with the note on its first line; ``table`` writes a table of Markdown."""
    parts = [note, _HEAD]
    for kind in TableKind:
        parts += [f"## {_TITLES[kind]}\n", table(_HEADER, _columns(kind)) + "\n"]
    parts += ["## Words of closed lists\n", table(("column", "word", "từ", "also read"), _words()) + "\n"]
    parts += ["## Tags (nhãn)\n", table(("tag", "meaning", "ý nghĩa"), _tags()) + "\n"]
    return "\n".join(parts)


def _columns(kind: TableKind) -> Iterator[tuple[str, ...]]:
    names = spellings(kind)
    second = SECOND_CHOICES if kind is TableKind.TARGETS else {}
    for column in (*ORDER[kind], *([Column.NOTE] if Column.NOTE not in ORDER[kind] else []), Column.ORDINAL):
        guide = GUIDE[column]
        own = {column.value, COLUMN_NAMES[column].casefold()}
        others = "; ".join(name for name in names.get(column, ()) if name.casefold() not in own)
        if column in second:
            others += f"; where no other title means it: {second[column]}"
        yield (
            f"`{column}`",
            COLUMN_NAMES[column],
            others,
            guide.meaning.en,
            guide.meaning.vi,
            f"`{guide.example}`",
            _kinds(guide.kinds) if kind is TableKind.TARGETS else "",
        )


def _kinds(kinds: frozenset[Kind]) -> str:
    return "all" if kinds == ALL or not kinds else ", ".join(kind for kind in Kind if kind in kinds)


def _words() -> Iterator[tuple[str, ...]]:
    for kind in ROW_KINDS:
        yield f"`{Column.KIND}`", f"`{kind}`", KIND_NAMES[kind].vi, _others(KIND_SPELLINGS[kind])
    for network, names in NETWORK_NAMES.items():
        yield f"`{Column.NETWORK}`", f"`{network}`", names.vi, _others(NETWORK_SPELLINGS[network])
    for clearance, names in CLEARANCE_NAMES.items():
        yield f"`{Column.CLEARANCE}`", f"`{clearance}`", names.vi, _others(CLEARANCE_SPELLINGS[clearance])
    for level, names in LEVEL_NAMES.items():
        yield f"`{Column.UNIT_LEVEL}`", f"`{level}`", names.vi, _others(LEVEL_SPELLINGS[level])


def _others(spelt: str) -> str:
    return "; ".join(name.strip() for name in spelt.split(";"))


def _tags() -> Iterator[tuple[str, ...]]:
    for guide in TAGS.values():
        yield ", ".join(f"`{form}`" for form in guide.written), guide.meaning.en, guide.meaning.vi
