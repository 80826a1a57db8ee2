"""A round goes on where one worker is killed, one is cut off, the database restarts and the centre is killed."""

import contextlib
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.service.scheduler.model import AuditRequest, Job, JobId, JobState
from auditor.service.store.records import RunState, StoreError
from tests.support.postgresql import Server, running
from tests.support.remote import Centre, certificate
from tests.support.stores import DATABASES

ROWS = tuple(f"host-{number},host,127.0.0.1,::1,https:{{port}},G01,Sở A" for number in range(1, 7))
VANTAGES = ("hub", "province")
Found = frozenset[tuple[str, ...]]


class SlowTls:
    """Speaks TLS after a moment, so that measuring takes some seconds."""

    def __init__(self, folder: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate(folder))
        self._listening: list[socket.socket] = []
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, self.port if self._listening else 0))
            one.listen(100)
            self._listening.append(one)
            threading.Thread(target=self._accept, args=(one,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listening[0].getsockname()[1])

    def _accept(self, one: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=(one.accept()[0],), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            time.sleep(0.2)
            with self._context.wrap_socket(connection, server_side=True) as session:
                session.recv(1)

    def close(self) -> None:
        for one in self._listening:
            one.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """Start a server of its own for the test, as it is to be restarted; none for SQLite."""
    if request.param == "sqlite":
        yield None
        return
    with running() as server:
        yield server


@pytest.fixture
def centre(database: Server | None, tmp_path: Path) -> Iterator[Centre]:
    (tmp_path / "tls").mkdir()
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(closing(SlowTls(tmp_path / "tls"))).port
        url = "" if database is None else stack.enter_context(database.database())
        made = Centre(tmp_path, [row.format(port=port) for row in ROWS], url, (f"127.0.0.1:{port}", f"[::1]:{port}"))
        stack.enter_context(made.front.serving())
        stack.callback(made.end_all)
        yield made


def order(centre: Centre) -> JobId:
    wanted = AuditRequest(inventory="inventory.csv", profile="quick", vantages=VANTAGES, hours=1)
    with centre.store() as store:
        return centre.jobs(store).start(wanted, "admin", "::1").id


def job(centre: Centre, number: JobId) -> Job:
    with centre.store() as store:
        return centre.jobs(store).job(number)


def finished(centre: Centre, number: JobId) -> Found:
    """Wait for the end of a job, of which each subject was measured once at each vantage and judged once.

    Returns what was measured and what was found, without times and ids of the run.
    """
    centre.until(lambda: not job(centre, number).is_open)
    made = job(centre, number)
    assert (made.state, made.problem) == (JobState.FINISHED, {})
    assert made.run is not None
    with centre.store() as store:
        whole = store.run(made.run)
        members = [store.run(one) for one in whole.members]
        assert {one.vantage: one.state for one in members} == dict.fromkeys(VANTAGES, RunState.FINISHED)
        for one in members:
            pieces = [piece.id for piece in store.all_evidence(one.id)]
            assert len(pieces) == len(set(pieces))
            assert len(store.measured(one.id)) == len(list(store.subjects(one.id)))
        (judgement,) = store.judgements(whole.id)
        subjects = [subject.id for subject in store.subjects(whole.id)]
        assert len(subjects) == len(set(subjects)) >= len(ROWS)
        findings = (one for subject in subjects for one in store.findings(judgement.id, subject))
        measured = (one for member in members for one in store.all_evidence(member.id) if one.subject in set(subjects))
        return frozenset(
            [
                *((one.id, one.subject, one.check, one.code, one.outcome.value, one.vantage) for one in findings),
                *((one.vantage, one.subject, one.probe, one.task) for one in measured),
            ]
        )


def has_evidence(centre: Centre, number: JobId) -> bool:
    """Whether both workers have delivered something, or the job ended on a machine that was too fast for us."""
    made = job(centre, number)
    if made.run is None or not made.is_open:
        return made.run is not None
    with centre.store() as store, contextlib.suppress(StoreError):
        members = store.run(made.run).members
        return bool(members) and all(sum(1 for _ in store.all_evidence(one)) > 1 for one in members)
    return False


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_round_disturbed_everywhere_ends_as_an_undisturbed_one(centre: Centre, database: Server | None) -> None:
    service = centre.serve()
    hub = centre.worker("hub", "tslcd")
    centre.worker("province", "internet")
    undisturbed = finished(centre, order(centre))
    assert len(undisturbed) > 2 * len(VANTAGES) * len(ROWS)

    number = order(centre)
    centre.until(lambda: has_evidence(centre, number))
    hub.send_signal(signal.SIGKILL)
    centre.front.cut()
    if database is not None:
        database.stop()
        centre.until(lambda: "was lost" in centre.log("centre") or "cannot be reached" in centre.log("centre"))
        database.start()
    service.send_signal(signal.SIGKILL)
    service.wait()
    hub.wait()
    centre.serve()
    centre.front.open = True
    centre.worker("hub", "tslcd")
    assert finished(centre, number) == undisturbed
    assert "Traceback" not in centre.log("hub") + centre.log("province")
