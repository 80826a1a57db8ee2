"""Names the mistakes in a row of a table. A row is a line, or in JSON the number of the object in its list."""

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
    """Raised for the first mistake in a table. ``field`` is the file's column or key, ``value`` its content."""

    def __init__(self, fault: TableFault, *, row: int = 0, field: str = "", value: str = "") -> None:
        super().__init__(f"row {row}, {field}: {fault.value}: {value[:60]}")
        self.fault, self.row, self.field, self.value = fault, row, field, value[:60]
