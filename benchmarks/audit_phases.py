"""Measures the costs of planning, measuring, judging and writing an audit, inside the process of the audit.

The writing phase covers the default formats of an audit; CSV alone is written after it.

``benchmarks.audit`` starts it at the rehearsal's vantage: CPU time and peak memory of one phase cannot be told apart
from outside. The processes of raw sockets count as measuring once they have ended.

    python -m benchmarks.audit_phases CONFIG INVENTORY FOLDER
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from auditor.framework import catalogue
from auditor.service.cli.commands.measuring.audit import FOLDER_FORMATS
from auditor.service.cli.commands.measuring.running import judge_run, measure
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.output import write_folder
from auditor.service.config.issuer import issuer
from auditor.service.inventories.file_reading import load_files
from auditor.service.pipeline.measuring.network import own_addresses
from auditor.service.pipeline.plan.plan import plan
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.url import open_store
from benchmarks.store_size import in_use

Done = TypeVar("Done")
RESULT, CSV = "phases.json", "csv"


class Phases:
    """Measures one phase after another: seconds of the clock and of CPU, and the peak memory from its beginning on."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, float]] = {}

    def time(self, name: str, work: Callable[[], Done]) -> Done:
        """Do one phase."""
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        wall, cpu = time.perf_counter(), _cpu()
        done = work()
        self.taken[name] = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "peak_mb": _peak_mb()}
        return done


def _cpu() -> float:
    used = [resource.getrusage(whom) for whom in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> float:
    (line,) = [text for text in Path("/proc/self/status").read_text("ascii").splitlines() if text.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main(arguments: list[str]) -> int:
    """Measure an audit, and write the figures into the folder."""
    config_file, rows, folder = map(Path, arguments)
    phases = Phases()
    STATE.config, STATE.lang, STATE.verbosity = config_file, "en", -1
    config = load_config({"store": f"sqlite:///{folder}/audit.db", "profile": "quick"}).config
    known = catalogue.load()
    made = phases.time(
        "planning",
        lambda: plan(
            load_files([rows]).inventory,
            config,
            known,
            profile="quick",
            name="",
            now=datetime.now(UTC),
            own=own_addresses,
        ),
    )
    with open_store(config.store) as store:
        phases.time("measuring", lambda: measure(made, store))
        judged = phases.time("judging", lambda: judge_run(made.run, store, known, made.inventory))
        report = StoredReport(judged, store, known)
        issued, out = issuer(config), folder / "reports"
        phases.time("writing", lambda: write_folder(report, out, FOLDER_FORMATS, lang="en", issuer=issued))
        phases.time(CSV, lambda: write_folder(report, out, (CSV,), lang="en", issuer=issued))
        counts = {"subjects": sum(1 for _ in store.subjects(made.run)), "findings": sum(report.summary.values())}
    counts["stored"] = in_use(folder / "audit.db")
    (folder / RESULT).write_text(json.dumps({"phases": phases.taken, **counts}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
