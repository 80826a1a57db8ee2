"""Tests bombs and endless lines in every file that a command line can name: one clear error within bounds.

Each is read in a process of its own with limited memory: a reader that takes more ends without an error message. A
reader that takes more than linear time of so many megabytes does not end within any limit of time. The processes are
forked from one that has imported the readers.
"""

import bz2
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

MEGABYTES = 1_000
"""Address space of the program with its libraries, in MB: an unpacked table takes a quarter."""
SECONDS = 900
"""The limit on any machine: a quadratic reader takes an hour for these files on a fast one."""
LARGE = 12_000_000
_FORKING = """
import json, os, resource, signal, sys, traceback
from pathlib import Path
import auditor.framework.catalogue, auditor.framework.check, auditor.service.cli.main, auditor.service.config.loading
import auditor.service.derived.feeds, auditor.service.pipeline.operator_files.operator_files
import auditor.service.pipeline.operator_files.routing_tables, auditor.service.runs.declaring
import auditor.service.store.evidence.evidence_files
def run(program, out, err):
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    resource.setrlimit(resource.RLIMIT_AS, ({megabytes} * 2**20,) * 2)
    signal.alarm({seconds})
    try:
        exec(program, {{"sys": sys, "Path": Path}})
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
for line in sys.stdin:
    program, *sys.argv[1:], out, err = json.loads(line)
    if (number := os.fork()) == 0:
        run(program, out, err)
    print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), flush=True)
"""
_TABLES = """
from auditor.framework.check import load
from auditor.service.config.model import Config, ReferenceSection
from auditor.service.pipeline.operator_files.routing_tables import origins
problems = []
checks = [check for name, check in load().items() if name == "security.routing.rpki"]
origins(Config(reference=ReferenceSection.model_validate({key: sys.argv[1]})), checks, problems)
print(*problems, sep=chr(10))
"""
_FEW_ROWS = """
from auditor.service.pipeline.operator_files import routing_tables
from probes.wire.routing import roas
roas.MOST_ROWS = routing_tables.MOST_ROWS = 250_000
"""
_FEEDS = """
from auditor.service.derived.feeds import read_feeds
problems = []
read_feeds([Path(sys.argv[1])], problems)
print(*problems, sep=chr(10))
"""
_DECLARED = """
from auditor.service.runs.declaring import DeclarationError, read_declared
try:
    read_declared([Path(sys.argv[1])], [])
except DeclarationError as error:
    print(*error.problems, sep=chr(10))
"""
_WAIVERS = """
from auditor.framework import catalogue, policy
from auditor.service.pipeline.operator_files.operator_files import with_waivers
problems = []
with_waivers(policy.default(), Path(sys.argv[1]), catalogue.load(), problems)
print(*problems, sep=chr(10))
"""
_EVIDENCE = """
from auditor.service.store.evidence import evidence_files
from auditor.service.store.records import StoreError
try:
    evidence_files.read(Path(sys.argv[1]).parent)
except StoreError as error:
    print(error)
"""
_CONFIGURATION = """
from auditor.service.config.loading import load
from auditor.framework.operator_problems import OperatorError
try:
    load(explicit=Path(sys.argv[1]), environment={}, options={}, directories=[])
except OperatorError as error:
    print(*error.problems, sep=chr(10))
"""
ROUTES, ROAS = _TABLES.replace("key", '"routes"'), _TABLES.replace("key", '"roas"')
_MANY = "2001:db8::\t32\t" + "_".join(["64500"] * 200) + "\n"
_PADDED = json.dumps({"run": {}, "subjects": []})[:-1]


def _bomb() -> bytes:
    """Return 300 MB of zeros, compressed."""
    return gzip.compress(bytes(2**20)) * 300


HOSTILE: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "a gzip bomb as a route table": (ROUTES, _bomb, "is larger than 268,435,456 bytes"),
    "a bzip2 bomb as a route table": (ROUTES, lambda: bz2.compress(bytes(2**20), 1) * 300, "is larger than"),
    "a route table of one line": (ROUTES, lambda: b"1" * LARGE, "row 1: is of no known form"),
    "a packed route table of one line": (ROUTES, lambda: gzip.compress(b" " * 200 * 2**20, 1), "row 1: is of no"),
    "a route table of blanks": (ROUTES, lambda: b"\n" * LARGE, "holds no row"),
    "a route of two hundred origins, and again": (
        ROUTES,
        lambda: gzip.compress(_MANY.encode() * 26_000, 1),
        "has more than 5,000,000 rows",
    ),
    "a gzip bomb as ROAs": (ROAS, _bomb, "is larger than 268,435,456 bytes"),
    "ROAs of lists": (ROAS, lambda: b'{"roas": [' + b"[]," * (LARGE // 3) + b"1]}", "row 1, roas: is missing"),
    "lists beside ROAs": (
        _FEW_ROWS + ROAS,
        lambda: b'{"x": [' + b"[]," * (LARGE // 3) + b"]}",
        "more than 250,000 rows",
    ),
    "ROAs in a list": (ROAS, lambda: b'{"x": {"y": [' + b"[]," * (LARGE // 3), "is not valid JSON"),
    "ROAs nested": (ROAS, lambda: b'{"roas": ' + b"[" * LARGE, "is not valid JSON"),
    "ROAs in CSV of one line": (ROAS, lambda: b"ASN,IP Prefix,Max Length,Trust Anchor\n" + b"1" * LARGE, "row 2"),
    "ROAs with metadata of 12 MB": (
        ROAS,
        lambda: b'{"metadata": {"a": "' + b"a" * LARGE + b'"}, "roas": []}',
        "is not valid JSON: a value",
    ),
    "monthly data of 12 MB": (_FEEDS, lambda: b"month,received,site\n" + b"," * LARGE, "is larger than 5,000,000"),
    "declared values of 12 MB": (_DECLARED, lambda: b"x" * LARGE, "is larger than 5,000,000 bytes"),
    "accepted defects of 12 MB": (_WAIVERS, lambda: b'"' * LARGE, "is larger than 5,000,000 bytes"),
    "a configuration of 12 MB": (_CONFIGURATION, lambda: b"a = [" * (LARGE // 5), "is larger than 4,194,304 bytes"),
    "an evidence folder of one line": (_EVIDENCE, lambda: _PADDED.encode() + b" " * 200 * 2**20, ":1: "),
    "an evidence folder of lists": (_EVIDENCE, lambda: b'{"a": [' + b"[]," * (LARGE // 3) + b"1]}\n", ":1: "),
    "an evidence folder nested": (_EVIDENCE, lambda: b'{"a":' * (LARGE // 5) + b"\n", ":1: "),
}


@pytest.fixture(scope="module")
def reading() -> "Iterator[subprocess.Popen[str]]":
    """Yield the process to fork: it reads a program and its words as a JSON line, and writes the result as a line."""
    with subprocess.Popen(
        [sys.executable, "-c", _FORKING.format(megabytes=MEGABYTES, seconds=SECONDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin"},
        cwd="/",
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_one_clear_error_within_bounds(
    reading: "subprocess.Popen[str]", tmp_path: Path, what: str
) -> None:
    program, make, error = HOSTILE[what]
    path, out, err = (tmp_path / name for name in ("evidence.jsonl", "out", "err"))
    path.write_bytes(make())
    code = _run(reading, program, path, out, err)
    said = out.read_text("utf-8")
    assert (code, len(said.splitlines())) == (0, 1), err.read_text("utf-8")[-2_000:]
    assert error in said


def _run(reading: "subprocess.Popen[str]", *words: object) -> int:
    assert reading.stdin is not None
    assert reading.stdout is not None
    reading.stdin.write(json.dumps([*map(str, words)]) + "\n")
    reading.stdin.flush()
    return int(reading.stdout.readline())
