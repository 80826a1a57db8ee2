"""Measures how long `auditor inventory validate` takes for a large table, and its memory, as a whole process.

Goal: 100,000 rows within 10 s and 300 MB. The table has what a province's list has: agencies, four kinds, domain names,
both families and notes.

    python -m benchmarks.inventory [--rows 100000] [--strict]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import PROGRAM, measure, verdict

SECONDS, MEGABYTES = 10.0, 300.0
_KINDS = ("cổng thông tin điện tử", "bộ định tuyến", "bộ chuyển mạch", "máy chủ")
_HEADER = "Mã đơn vị,Tên đơn vị,Tên,Loại,Tên miền,Địa chỉ IPv4,Địa chỉ IPv6,Ghi chú"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.csv")
        path.write_text("\n".join([_HEADER, *map(_row, range(options.rows))]) + "\n", "utf-8")
        cost = measure([*PROGRAM, "inventory", "validate", str(path)])
    print(f"{options.rows:,} rows: {cost.wall:.1f} s, {cost.peak_mb:.0f} MB in the largest process")
    goals = {
        f"within {SECONDS:.0f} s": cost.wall < SECONDS,
        f"under {MEGABYTES:.0f} MB": cost.peak_mb < MEGABYTES,
        "read whole": cost.code == 0,
    }
    return verdict(goals, strict=options.strict)


def _row(number: int) -> str:
    agency, high, low = number // 50, number >> 16, number & 0xFFFF
    return (
        f"DV{agency},Đơn vị số {agency},Thiết bị {number},{_KINDS[number % 4]},h{number}.dv{agency}.example.vn,"
        f"10.{high}.{low >> 8}.{low & 255},2001:db8:{high:x}::{low:x},Phòng máy {number}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--strict", action="store_true", help="end non-zero above a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
