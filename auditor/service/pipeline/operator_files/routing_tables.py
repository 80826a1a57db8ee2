"""Reads the offline tables of ``[reference]`` once, before anything is sent, and only if a check needs them.

The data that a verdict rests on is kept with the evidence: the rows about an address, and the digest and date of the
table. A table that cannot be read is an error of the operator, with file, row and field.
"""

import bz2
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from auditor.framework.check import Check
from auditor.framework.operator_problems import OperatorProblem, problem, unreadable
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files import parsed_tables
from inventory.safe_open import read_whole
from probes.net.origins import Origins
from probes.observations.routing import DatedBy, RouteOrigin, Table
from probes.wire.routing import roas, routes
from probes.wire.routing.faults import TableError, TableFault
from probes.wire.routing.prefixes import MOST_ROWS

LARGEST = 1 << 28
"""Maximum bytes of a table, packed or unpacked: the largest tables take a third of it."""
_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"

T = TypeVar("T", roas.Roas, routes.RouteTable)


class TableTooLarge(Exception):
    """Raised if a table is larger than ``LARGEST`` once it is unpacked."""


def origins(config: Config, checks: Iterable[Check], problems: list[OperatorProblem]) -> Origins:
    """Return the tables that the checks read; add the problems of a table to ``problems``."""
    if not any(RouteOrigin in check.needs for check in checks):
        return Origins()
    reference = config.reference
    pairs = (
        _table(path, "routes", reference.routes_taken, routes.RouteTable, routes.read, problems)
        for path in reference.routes
    )
    allowed = (_table(path, "roas", reference.roas_taken, roas.Roas, roas.read, problems) for path in reference.roas)
    return Origins(
        routes=tuple(pair for pair in pairs if pair is not None),
        roas=tuple(pair for pair in allowed if pair is not None),
    )


def _table(
    path: Path,
    key: str,
    taken: datetime | None,
    kind: type[T],
    read: Callable[[bytes], T],
    problems: list[OperatorProblem],
) -> tuple[T, Table] | None:
    at = f"{path}: reference.{key}"
    try:
        packed = read_whole(path, LARGEST)
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        digest = hashlib.sha256(packed).hexdigest()
        table = parsed_tables.parsed(kind, digest, lambda: read(_unpacked(packed)))
    except OSError as error:
        problems.append(unreadable(error, at=at))
    except TableTooLarge:
        problems.append(problem("is larger than {most:n} bytes", at=at, most=LARGEST))
    except (EOFError, zlib.error):
        problems.append(problem("the packed file ends too early or is damaged", at=at))
    except TableError as error:
        problems.append(_explained(error, at))
    else:
        when, by = _dated(table, path, taken, written)
        return table, Table(source=path.name, digest=f"sha256:{digest}", taken=when, dated_by=by)
    return None


def _unpacked(data: bytes) -> bytes:
    """Return the unpacked table; its first bytes tell the format."""
    if data[:2] == _GZIP:
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(LARGEST + 1)
    elif data[:3] == _BZIP2:
        data = bz2.BZ2File(io.BytesIO(data)).read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TableTooLarge
    return data


def _dated(
    table: roas.Roas | routes.RouteTable, path: Path, taken: datetime | None, written: datetime
) -> tuple[datetime, DatedBy]:
    """Return the date of a table and its source: configuration, content, file name, or else the file's last change."""
    inside = table.generated if isinstance(table, roas.Roas) else table.dated
    for by, when in (
        (DatedBy.CONFIGURATION, taken),
        (DatedBy.CONTENT, _moment(inside)),
        (DatedBy.NAME, _moment(routes.dated(path.name))),
    ):
        if when is not None:
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC), by
    return written, DatedBy.FILE


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None


def _explained(error: TableError, at: str) -> OperatorProblem:
    field = error.field or "?"
    row, value = error.row, error.value
    match error.fault:
        case TableFault.PREFIX:
            return problem(
                "row {row}, {field}: '{value}' is not a prefix such as 2001:db8::/32",
                at=at,
                row=row,
                field=field,
                value=value,
            )
        case TableFault.ASN:
            return problem(
                "row {row}, {field}: '{value}' is not an AS number", at=at, row=row, field=field, value=value
            )
        case TableFault.LENGTH:
            return problem(
                "row {row}, {field}: '{value}' is not a length that fits the prefix",
                at=at,
                row=row,
                field=field,
                value=value,
            )
        case TableFault.NUMBER:
            return problem("row {row}, {field}: '{value}' is not a number", at=at, row=row, field=field, value=value)
        case TableFault.FIELDS if error.field:
            return problem(
                "row {row}, {field}: is missing or not of the form of this file", at=at, row=row, field=field
            )
        case TableFault.FIELDS:
            return problem(
                "row {row}: has not as many fields as the other rows: '{value}'", at=at, row=row, value=value
            )
        case TableFault.EMPTY:
            return problem("holds no row", at=at)
        case TableFault.ROWS:
            return problem("has more than {most:n} {most/row/rows}", at=at, most=MOST_ROWS)
        case TableFault.JSON:
            return problem("is not valid JSON: {why}", at=at, why=value)
        case _:
            return problem("row {row}: is of no known form; see the guide about routing tables", at=at, row=row)
