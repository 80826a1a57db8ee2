"""Measures a national centre with the files of 34 provinces of 3,300 systems: importing them, and its report.

python -m benchmarks.federation [--provinces 34] [--defects 30000]
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from auditor.framework import catalogue
from auditor.service.runs import federation_files, sealed_file
from auditor.service.runs.federation_files import kept_files, kept_summary
from auditor.service.store.database.sqlite import open_sqlite
from auditor.texts.translate import Texts
from reports import federation
from reports.federation import FederationReport, ProvinceEntry
from tests.support.federated import ROUND, STARTED, head, lines, write

PROVINCES, DEFECTS = 34, 30_000
"""A fifth of the 156,000 findings of a province."""


def main(arguments: list[str]) -> int:
    """Print seconds of CPU, bytes and memory."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.federation", description=__doc__)
    parser.add_argument("--provinces", type=int, default=PROVINCES)
    parser.add_argument("--defects", type=int, default=DEFECTS)
    options = parser.parse_args(arguments)
    provinces, defects = options.provinces, options.defects
    with tempfile.TemporaryDirectory() as name:
        folder, begun = Path(name), time.process_time()
        paths = [
            write(folder / f"{number}", head(number, subjects=3_300), lines(number, defects))
            for number in range(1, provinces + 1)
        ]
        written = time.process_time()
        size = sum(path.stat().st_size for path in paths)
        with open_sqlite(folder / "centre.db") as store:
            for path in paths:
                file = sealed_file.read(path, federation_files.KIND)
                federation_files.import_summary(file, store, STARTED + timedelta(days=2))
            taken = time.process_time()
            entries = tuple(
                ProvinceEntry(summary=kept_summary(store, kept[-1]), signer="")
                for _, kept in sorted(kept_files(store).items())
            )
        report = FederationReport(round=ROUND, entries=entries, checks=catalogue.load().checks)
        page = federation.html(report, Texts("vi", report.checks))
        done = time.process_time()
        stored = (folder / "centre.db").stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{provinces} provinces, {provinces * defects} defects: files {size / 1e6:.1f} MB in {written - begun:.1f} s")
    print(f"taken in {taken - written:.1f} s ({(taken - written) / provinces:.2f} s each), store {stored / 1e6:.1f} MB")
    print(f"report in {done - taken:.2f} s ({len(page) / 1e3:.0f} kB), peak {peak:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
