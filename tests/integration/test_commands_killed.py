"""A command that is killed before its last commit has changed nothing, and says the same when it is typed again.

What a command does and the line of the audit log about it are one transaction: nothing is kept that no line tells of.
"""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.runs.federation_files import kept_files
from auditor.service.store.api import DatabaseStore
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.support import federated
from tests.support.audits import OK
from tests.support.forked import Forked, Stop
from tests.support.stores import DATABASES, store_url
from tests.unit.auditor.stored import START, Held, Said, put

_VALUES = "framework,requirement,value,as_of,source,signatory\nplan-daklak-2023-2025,II.1.a,90,2026-12-31,BC 9,A\n"
OLD, NEW = RunId("old"), RunId("new")
BEFORE_ITS_COMMIT = Stop(method="auditor.service.store.sql.accounts.log_rows:add", after=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A command, what it changes, and the line that tells of it."""

    words: tuple[str, ...]
    seen: Callable[[DatabaseStore], object]
    line: str


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
    "runs seal": Case(
        words=("runs", "seal", NEW, "--out", "{folder}/seal.json"),
        seen=lambda store: store.seal(NEW) is not None,
        line="run_sealed",
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
}


@pytest.fixture(scope="module")
def forked() -> Iterator[Forked]:
    started = Forked.start()
    yield started
    started.end()


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    found = {"www.tinh.vn": [Said(check="ipv6.web.aaaa", outcome=Outcome.FAIL)]}
    (tmp_path / "inventory.csv").write_text("id,name,kind,fqdn\nw,w,portal,www.tinh.vn\n")
    (tmp_path / "values.csv").write_text(_VALUES, "utf-8")
    federated.write(tmp_path / "T01.jsonl.gz", federated.head(1), federated.lines(1))
    with store_url(request, tmp_path) as made:
        with open_store(made) as store:
            for name in (OLD, NEW):
                days = (datetime.now(UTC) - START) / timedelta(days=1) - (40 if name == OLD else 0.1)
                put(store, Held(name=name, title="weekly", days=days, findings=found))
        yield made


def _state(url: str, case: Case) -> tuple[object, int]:
    with open_store(url) as store, store.database.reading() as connection:
        return case.seen(store), len(log_rows.of_kind(connection, case.line))


def test_killed_commands_have_changed_nothing_and_work_again(forked: Forked, tmp_path: Path, url: str) -> None:
    log = tmp_path / "log"
    for name, case in CASES.items():
        words = [*(word.format(folder=tmp_path) for word in case.words), "--store", url]
        before = _state(url, case)
        number = forked.audit(words, log, BEFORE_ITS_COMMIT)
        assert forked.reached(number), (name, log.read_text())
        os.kill(number, signal.SIGKILL)
        assert forked.ended(number) == -signal.SIGKILL
        assert _state(url, case) == before, name
        assert forked.ended(forked.audit(words, log)) == OK, (name, log.read_text())
        seen, lines = _state(url, case)
        assert (seen != before[0], lines) == (True, before[1] + 1), name
