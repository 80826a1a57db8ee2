"""Runs the rehearsal: `python -m containers.rehearsal run -- CMD …`, `… shell`, `… round`, `… packages [--missing]`."""

import argparse
import os
import signal
import sys
from pathlib import Path

from containers.rehearsal import packages
from containers.rehearsal.errors import RehearsalError
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.topology import VANTAGES


def main(arguments: list[str]) -> int:
    """Run the command of the command line; return its exit status, or 2 if it could not be run."""
    options = _parser().parse_args(arguments)
    if options.action == "packages":
        names = packages.missing(tests=options.tests) if options.missing else packages.needed(tests=options.tests)
        print(*names, sep="\n", end="\n" if names else "")
        return 0
    if options.action == "round":
        return _round(options.out, options.command)
    command = [os.environ.get("SHELL", "/bin/sh")] if options.action == "shell" else _command(options.command)
    try:
        return _run(command, options.vantage, options.keep)
    except RehearsalError as problem:
        print(f"rehearsal: {problem}", file=sys.stderr)
        return 2


def _round(out: Path, words: list[str]) -> int:
    from containers.rehearsal.round import audit  # what needs no .venv must not import the product

    try:
        return audit(out, words[1:] if words[:1] == ["--"] else words)
    except RehearsalError as problem:
        print(f"rehearsal: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run(command: list[str], vantage: str, keep: Path | None) -> int:
    with Rehearsal.start(keep) as lab:
        # An interrupt from the terminal is for the command; the rehearsal ends after it, in order.
        lab.settle()
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            status = lab.popen(command, vantage).wait()
        finally:
            signal.signal(signal.SIGINT, before)
    return 128 - status if status < 0 else status


def _command(words: list[str]) -> list[str]:
    command = words[1:] if words[:1] == ["--"] else words
    if not command:
        raise SystemExit("rehearsal: no command to run")
    return command


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m containers.rehearsal", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="start the province, run a command at a vantage, end it")
    shell = actions.add_parser("shell", help="the same with a shell")
    for action in (run, shell):
        action.add_argument("--vantage", choices=VANTAGES, default="vantage")
        action.add_argument("--keep", type=Path, metavar="DIR", help="work in DIR and leave it there")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD ARG…")
    round = actions.add_parser("round", help="audit the province and its TSLCD from three vantages")
    round.add_argument("--out", type=Path, required=True, metavar="DIR", help="for the store and the reports")
    round.add_argument("command", nargs=argparse.REMAINDER, metavar="-- OPTION…", help="options of the audits")
    needed = actions.add_parser("packages", help="names of the Debian packages needed")
    needed.add_argument("--missing", action="store_true", help="only those not installed")
    needed.add_argument("--tests", action="store_true", help="with the clients that the rehearsal's own tests use")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
