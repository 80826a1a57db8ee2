"""Measures how long `auditor inventory validate` takes for a large table, and its memory, as a whole process.

Goal: 100,000 rows within 10 s of the processor and 300 MB, as CSV and as XLSX. The table has what a province's list
has: agencies, four kinds, domain names, both families and notes. Beside it the peers: the same file read by the
libraries alone (csv with a model of pydantic for each row; openpyxl), which understand nothing of an office's table.

    python -m benchmarks.inventory [--rows 100000] [--strict]
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from openpyxl import Workbook, load_workbook
from pydantic import BaseModel, Field

from benchmarks.processes import PROGRAM, measure, verdict

SECONDS, MEGABYTES = 10.0, 300.0
_KINDS = ("cổng thông tin điện tử", "bộ định tuyến", "bộ chuyển mạch", "máy chủ")
_HEADER = ("Mã đơn vị", "Tên đơn vị", "Tên", "Loại", "Tên miền", "Địa chỉ IPv4", "Địa chỉ IPv6", "Ghi chú")
_PEER = (sys.executable, "-P", "-m", "benchmarks.inventory", "--peer")


class _Row(BaseModel):
    """The model of the peer: each value with the type that it has in an inventory."""

    agency: str = Field(alias="Mã đơn vị")
    name: str = Field(alias="Tên")
    kind: str = Field(alias="Loại")
    host: str = Field(alias="Tên miền", pattern=r"^[a-z0-9.-]+$")
    ipv4: IPv4Address = Field(alias="Địa chỉ IPv4")
    ipv6: IPv6Address = Field(alias="Địa chỉ IPv6")


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    if options.peer is not None:
        print(sum(1 for _ in _read_by_peer(options.peer)))
        return 0
    goals: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in _tables(Path(folder), options.rows):
            goals |= _measured(path, options.rows)
    return verdict(goals, strict=options.strict)


def _measured(path: Path, rows: int) -> dict[str, bool]:
    cost, peer = measure([*PROGRAM, "inventory", "validate", str(path)]), measure([*_PEER, str(path)])
    form = path.suffix.removeprefix(".").upper()
    for name, each in (("auditor", cost), ("peer", peer)):
        print(f"{form}, {rows:,} rows, {name}: {each.wall:.1f} s, CPU {each.cpu:.1f} s, {each.peak_mb:.0f} MB")
    print(f"{form}: {cost.cpu / peer.cpu:.1f} × the peer's CPU, {cost.peak_mb / peer.peak_mb:.1f} × its memory")
    return {
        f"{form} within {SECONDS:.0f} s of the processor": cost.cpu < SECONDS,
        f"{form} under {MEGABYTES:.0f} MB": cost.peak_mb < MEGABYTES,
        f"{form} read whole": cost.code == peer.code == 0,
    }


def _tables(folder: Path, rows: int) -> Iterator[Path]:
    written, workbook = folder / "inventory.csv", folder / "inventory.xlsx"
    with written.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([_HEADER, *map(_row, range(rows))])
    yield written
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh mục")
    for cells in (_HEADER, *map(_row, range(rows))):
        sheet.append(cells)
    book.save(workbook)
    yield workbook


def _row(number: int) -> tuple[str, ...]:
    agency, high, low = number // 50, number >> 16, number & 0xFFFF
    return (
        f"DV{agency}",
        f"Đơn vị số {agency}",
        f"Thiết bị {number}",
        _KINDS[number % 4],
        f"h{number}.dv{agency}.example.vn",
        f"10.{high}.{low >> 8}.{low & 255}",
        f"2001:db8:{high:x}::{low:x}",
        f"Phòng máy {number}",
    )


def _read_by_peer(path: Path) -> Iterator[_Row]:
    """Read the rows of a file by the libraries alone."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            yield from map(_Row.model_validate, csv.DictReader(file))
        return
    records = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
    titles = next(records)
    yield from (_Row.model_validate(dict(zip(titles, cells, strict=True))) for cells in records)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--strict", action="store_true", help="end non-zero above a goal")
    parser.add_argument("--peer", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
