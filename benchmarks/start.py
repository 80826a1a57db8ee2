"""Measures the start-up time of the program and the memory of one check, as whole processes.

Goals: `auditor --version` in less than 100 ms, which nobody notices; one `auditor check` of a host of the rehearsal in
less than 120 MB. The interpreter that starts and ends is shown beside it, for machines of another speed.

    python -m benchmarks.start [--rounds 15] [--strict]
"""

import argparse
import statistics
import sys

from benchmarks.processes import PROGRAM, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal

VERSION_MS, CHECK_MB = 100.0, 120.0
HOST = "cong.sonlam.gov.vn"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    bare = [measure([sys.executable, "-c", "pass"]) for _ in range(options.rounds)]
    version = [measure([*PROGRAM, "--version"]) for _ in range(options.rounds)]
    helped = [measure([*PROGRAM, "--help"]) for _ in range(options.rounds)]
    with Rehearsal.start() as lab:
        config = ["--config", str(lab.dir / "auditor.toml")]
        checks = [measure(lab.command([*PROGRAM, *config, "check", HOST])) for _ in range(3)]
    peak = max(check.peak_mb for check in checks)
    print(f"interpreter alone   {_ms(bare):6.0f} ms")
    print(f"auditor --version   {_ms(version):6.0f} ms  {_ms(version) / _ms(bare):.1f} interpreters")
    print(f"auditor --help      {_ms(helped):6.0f} ms  {_ms(helped) / _ms(bare):.1f} interpreters")
    print(f"auditor check HOST  {_ms(checks):6.0f} ms  {peak:.0f} MB, {peak / CHECK_MB:.2f} of the goal")
    goals = {
        f"--version under {VERSION_MS:.0f} ms": _ms(version) < VERSION_MS,
        f"check under {CHECK_MB:.0f} MB": peak < CHECK_MB,
        "all ended well": not any(check.code for check in (*bare, *version, *helped, *checks)),
    }
    return verdict(goals, strict=options.strict)


def _ms(rounds: list[ProcessCost]) -> float:
    return 1000 * statistics.median(round_.wall for round_ in rounds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
