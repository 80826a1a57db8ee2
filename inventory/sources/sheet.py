"""Defines one sheet as it was written, before anything in it is interpreted."""

from dataclasses import dataclass

from inventory.tables.merged_cells import Merge
from inventory.tables.table_header import Record


@dataclass(frozen=True, slots=True)
class Sheet:
    """Holds the rows of a sheet that have anything in them; ``source`` is its name in problems, ``title`` its own name.

    ``hidden_rows`` and ``hidden_columns`` have something in them and are not shown by a spreadsheet; ``hidden`` tells
    that the whole sheet is not.
    """

    source: str
    title: str
    records: tuple[Record, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
