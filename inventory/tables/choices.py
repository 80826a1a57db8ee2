"""Holds a person's choices for the reading of a table, in place of those that its header suggests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from inventory.model import Kind
from inventory.tables.columns import Column, Recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """Holds the column that a title at this position, from 1, stands for; None: its cells are notes."""

    position: int
    column: Column | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    """Holds the choices for a table: its columns, the kind of rows that name none, or to leave it out."""

    source: str
    columns: tuple[ColumnChoice, ...] = ()
    kind: Kind | None = None
    left_out: bool = False

    @property
    def given(self) -> frozenset[Column]:
        """Return the columns that the table need not have."""
        return frozenset({Column.KIND}) if self.kind else frozenset()

    def applied(self, recognised: Recognised) -> Recognised:
        """Return the header with the chosen columns."""
        columns = list(recognised.columns)
        for choice in self.columns:
            if 0 < choice.position <= len(columns):
                columns[choice.position - 1] = choice.column
        return replace(recognised, columns=tuple(columns))


Choices = Mapping[str, TableChoice]
NO_CHOICES: Choices = {}
