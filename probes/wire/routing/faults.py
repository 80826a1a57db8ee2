"""Names what can be wrong with a row of a table. The row is a line, or in JSON the number of the object in its list."""

from enum import StrEnum


class TableFault(StrEnum):
    PREFIX = "prefix"
    ASN = "asn"
    LENGTH = "length"
    NUMBER = "number"
    FIELDS = "fields"
    FORM = "form"
    EMPTY = "empty"
    JSON = "json"
    ROWS = "rows"


class TableError(ValueError):
    """The first thing that cannot be read. ``field`` is the column or key as the file calls it, ``value`` what stands
    there."""

    def __init__(self, fault: TableFault, *, row: int = 0, field: str = "", value: str = "") -> None:
        super().__init__(f"row {row}, {field}: {fault.value}: {value[:60]}")
        self.fault, self.row, self.field, self.value = fault, row, field, value[:60]
