"""Tests that a command killed before its last commit changes nothing, and has the same result when repeated.

The changes of a command and its line in the audit log are one transaction: no change is stored without a line.
"""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.judging.vantage import vantage_subject
from auditor.service.cli.failures import EXIT_INCOMPLETE
from auditor.service.pipeline.summaries.declared import DECLARED
from auditor.service.runs import sealed_file, sealing
from auditor.service.runs.federation_files import kept_files
from auditor.service.runs.handover import KIND
from auditor.service.runs.run_transfer import export_run
from auditor.service.store.api import DatabaseStore
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from probes.observations.series import REACH
from tests.support import federated
from tests.support.audits import OK
from tests.support.forked import PORT, Forked, Stop, addresses
from tests.support.stores import DATABASES, store_url
from tests.unit.auditor.stored import START, Brief, Held, put

_VALUES = "framework,requirement,value,as_of,source,signatory\nplan-daklak-2023-2025,II.1.a,90,2026-12-31,BC 9,A\n"
OLD, NEW, THERE = RunId("old"), RunId("new"), RunId("there")
_GRANTED = bytes.fromhex("30053003020100")
"""An answer of a time-stamping authority (RFC 3161) that says granted and nothing else."""
BEFORE_ITS_COMMIT = Stop(method="auditor.service.store.sql.accounts.log_rows:add", after=True)
BEFORE_ITS_FILE = Stop(method="pathlib:Path.replace")


@dataclass(frozen=True, kw_only=True)
class Case:
    """Holds a command, a reader of the state that it changes, and the line that reports the change."""

    words: tuple[str, ...]
    seen: Callable[[DatabaseStore], object]
    line: str
    file: str | None = None
    """The file that the command writes beside the store."""
    code: int = OK
    config: str = "auditor.toml"


CASES = {
    "inventory import": Case(
        words=("inventory", "import", "{folder}/inventory.csv", "--name", "tinh", "--apply"),
        seen=lambda store: store.inventories(),
        line="inventory_imported",
    ),
    "federate import": Case(
        words=("federate", "import", "{folder}/T01.jsonl.gz"),
        seen=lambda store: len(kept_files(store)),
        line="summary_imported",
    ),
    "runs forget": Case(
        words=("runs", "forget", "--older-than", "1"),
        seen=lambda store: store.run(OLD).forgotten is not None,
        line="evidence_forgotten",
    ),
    "declare add": Case(
        words=("declare", "add", "{folder}/values.csv"),
        seen=lambda store: len(store.declared_entries()),
        line="values_declared",
    ),
    "frameworks declare": Case(
        words=("frameworks", "declare", NEW, "{folder}/values.csv"),
        seen=lambda store: sum(1 for _ in store.evidence(NEW, DECLARED)),
        line="values_declared",
    ),
    "mesh import": Case(
        words=("mesh", "import", "{folder}/mesh.jsonl.gz"),
        seen=lambda store: len(store.series(vantage_subject("hub").id, "a")),
        line="samples_imported",
    ),
    "runs import": Case(
        words=("runs", "import", "{folder}/there.jsonl.gz"),
        seen=lambda store: THERE in {run.id for run in store.runs()},
        line="run_imported",
    ),
    "judge": Case(
        words=("judge", NEW, "--fail-on", "never", "--format", "csv={folder}/judged.csv"),
        seen=lambda store: len(store.judgements(NEW)),
        line="judged_again",
        file="judged.csv",
        code=EXIT_INCOMPLETE,  # the run has no evidence
    ),
    "runs seal": Case(
        words=("runs", "seal", NEW, "--out", "{folder}/seal.json"),
        seen=lambda store: store.seal(NEW) is not None,
        line="run_sealed",
        file="seal.json",
    ),
    "runs stamp": Case(
        words=("runs", "stamp", NEW, "--out", "{folder}/stamped.json"),
        seen=lambda store: "timestamp" in (sealing.stored_seal(NEW, store) or {}),
        line="seal_stamped",
        file="stamped.json",
        config="stamping.toml",
    ),
}


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    started = Forked.start()
    yield started
    started.end()


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    found = {"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL)]}
    (tmp_path / "inventory.csv").write_text("id,name,kind,fqdn\nw,w,portal,www.tinh.vn\n")
    (tmp_path / "values.csv").write_text(_VALUES, "utf-8")
    federated.write(tmp_path / "T01.jsonl.gz", federated.head(1), federated.lines(1))
    _write_files(tmp_path)
    with store_url(request, tmp_path) as made:
        with open_store(made) as store:
            for name in (OLD, NEW):
                days = (datetime.now(UTC) - START) / timedelta(days=1) - (40 if name == OLD else 0.1)
                put(store, Held(name=name, title="weekly", days=days, findings=found))
        yield made


def _write_files(folder: Path) -> None:
    """Write the files to import and two configurations: with another vantage, and with a time-stamp authority."""
    at = int((datetime.now(UTC) - timedelta(minutes=5)).timestamp())
    with (folder / "mesh.jsonl.gz").open("wb") as file:
        row = sealed_file.dump({"sample": ["hub", REACH, 6, at, 1.0, "ok"]})
        sealed_file.write(file, KIND, {"vantage": "a"}, [row], None)
    with MemoryStore() as there, (folder / "there.jsonl.gz").open("wb") as file:
        put(there, Held(name=THERE))
        export_run(file, THERE, there, None)
    (folder / "reply").write_bytes(_GRANTED)
    (folder / "auditor.toml").write_text(
        "[vantage]\nname = 'hub'\n[mesh.hub]\naddresses = ['10.64.0.10']\n[mesh.a]\naddresses = ['10.64.1.10']\n"
    )
    (folder / "stamping.toml").write_text(
        f"[seal]\ntimestamp_url = 'http://{addresses()[0][0]}:{PORT}{folder}/reply'\n"
    )


def _words(case: Case, folder: Path, url: str) -> list[str]:
    return ["--config", f"{folder}/{case.config}", *(word.format(folder=folder) for word in case.words), "--store", url]


def _state(url: str, case: Case) -> tuple[object, int]:
    with open_store(url) as store, store.database.reading() as connection:
        return case.seen(store), len(log_rows.of_kind(connection, case.line))


def test_killed_commands_have_changed_nothing_and_work_again(forked: Forked, tmp_path: Path, url: str) -> None:
    log = tmp_path / "log"
    for name, case in CASES.items():
        words, before = _words(case, tmp_path, url), _state(url, case)
        number = forked.audit(words, log, BEFORE_ITS_COMMIT)
        assert forked.reached(number), (name, log.read_text())
        os.kill(number, signal.SIGKILL)
        assert forked.ended(number) == -signal.SIGKILL
        assert _state(url, case) == before, name
        assert case.file is None or not (tmp_path / case.file).exists(), name
        assert forked.ended(forked.audit(words, log)) == case.code, (name, log.read_text())
        seen, lines = _state(url, case)
        assert (seen != before[0], lines) == (True, before[1] + 1), name
        assert case.file is None or (tmp_path / case.file).exists(), name


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_killed_before_its_file_has_a_name_the_same_command_writes_it(forked: Forked, tmp_path: Path, url: str) -> None:
    log, read = tmp_path / "log", lambda store: sealing.stored_seal(NEW, store)
    for name in ("runs seal", "runs stamp"):
        case = replace(CASES[name], seen=read)
        words, file = _words(case, tmp_path, url), tmp_path / str(case.file)
        number = forked.audit(words, log, BEFORE_ITS_FILE)
        assert forked.reached(number), (name, log.read_text())
        os.kill(number, signal.SIGKILL)
        assert forked.ended(number) == -signal.SIGKILL
        kept = _state(url, case)
        assert (kept[1], file.exists()) == (1, False), name
        assert forked.ended(forked.audit(words, log)) == OK, (name, log.read_text())
        assert _state(url, case) == kept, name
        assert sealing.load_seal(file.read_bytes()) == kept[0], name
