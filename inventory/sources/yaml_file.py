"""Reads the YAML form of the tables: lists of mappings under ``targets``, ``units`` and ``exemptions``."""

from collections.abc import Iterator

from inventory.cells.decimals import unmistakable
from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.sources.decoding import to_text
from inventory.sources.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode, read_nodes
from inventory.tables.choices import NO_CHOICES, Choices
from inventory.tables.columns import Column, TableKind, nearest_column, recognise
from inventory.tables.table import ROW_LIMIT, SourceTable
from inventory.tables.table_rows import TableRow
from inventory.word_matching import nearest

_KINDS = {kind.value: kind for kind in TableKind}
_LISTS = frozenset({Column.IPV4, Column.IPV6, Column.SERVICES, Column.TAGS, Column.ALLOWED_PORTS, Column.EXPECTED_ASN})


def read_yaml(
    source: str, data: bytes, problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> tuple[SourceTable, ...]:
    """Return the tables of a YAML file. A row's number is the line where its mapping begins."""
    place = CellPosition(problems, RowOrigin(source=source))
    text = to_text(data, place)
    if text is None:
        return ()
    before = problems.count
    root = read_nodes(text, place)
    if root is None:
        if problems.count == before:
            place.report(Code.EMPTY_FILE)
        return ()
    return tuple(_Reader(source, problems).tables(root))


class _Reader:
    def __init__(self, source: str, problems: ProblemCollector) -> None:
        self._source = source
        self._problems = problems

    def _at(self, row: int, field: str = "") -> CellPosition:
        return CellPosition(self._problems, RowOrigin(source=self._source, row=row), field)

    def tables(self, root: Node) -> Iterator[SourceTable]:
        if not isinstance(root, MappingNode):
            self._at(root.row).report(Code.YAML_SHAPE, wanted="mapping")
            return
        for key, value in root.items:
            kind = _KINDS.get(key.text)
            if kind is not None:
                yield self._table(kind, key, value)
            else:
                close = nearest(key.text, _KINDS)
                self._at(key.row).report(Code.YAML_UNKNOWN_KEY, key.text, suggestion=close, known=" ".join(_KINDS))

    def _table(self, kind: TableKind, key: ScalarNode, value: Node) -> SourceTable:
        if isinstance(value, ScalarNode) and not value.text:
            return SourceTable(kind, ())
        if not isinstance(value, SequenceNode):
            self._at(value.row, key.text).report(Code.YAML_SHAPE, wanted="list")
            return SourceTable(kind, ())
        if len(value.items) > ROW_LIMIT:
            self._at(value.row).report(Code.TOO_MANY_ROWS, limit=str(ROW_LIMIT))
        return SourceTable(kind, tuple(self._rows(kind, value)))

    def _rows(self, kind: TableKind, value: SequenceNode) -> Iterator[TableRow]:
        for item in value.items[:ROW_LIMIT]:
            if isinstance(item, MappingNode):
                yield TableRow(RowOrigin(source=self._source, row=item.row), dict(self._cells(kind, item)))
            else:
                self._at(item.row).report(Code.YAML_SHAPE, wanted="mapping")

    def _cells(self, kind: TableKind, item: MappingNode) -> Iterator[tuple[Column, str]]:
        spelt: dict[Column, str] = {}
        for key, value in item.items:
            column = recognise(key.text, kind)
            if column is None:
                self._at(key.row).report(Code.UNKNOWN_COLUMN, key.text, suggestion=nearest_column(key.text, kind))
            elif column in spelt and spelt[column] != key.text:  # the same key twice is reported already
                self._at(key.row).report(Code.COLUMN_TWICE, key.text, column=column, first=spelt[column])
            elif column is not Column.ORDINAL:
                spelt[column] = key.text
                text = self._text(column, value)
                yield column, unmistakable(text) if column is Column.BANDWIDTH_MBPS else text

    def _text(self, column: Column, value: Node) -> str:
        if isinstance(value, ScalarNode):
            return value.text
        if isinstance(value, SequenceNode) and column in _LISTS:
            items = [item for item in value.items if isinstance(item, ScalarNode)]
            if len(items) == len(value.items):
                return " ".join(item.text for item in items)
        self._at(value.row, column).report(Code.YAML_SHAPE, wanted="text")
        return ""
