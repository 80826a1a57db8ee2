"""Tests that a round goes on with one worker killed, one cut off, the database restarted and the centre killed.

Everything runs in a network namespace with addresses that a vantage may judge by, so that verdicts are decided. The
centre is no vantage itself.
"""

import contextlib
import signal
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.service.scheduler.model import AuditRequest, Job, JobId, JobState
from auditor.service.store.records import RunState, StoreError
from tests.support import private_net
from tests.support.postgresql import Server, running
from tests.support.ready import Ready
from tests.support.remote import Centre, certificate
from tests.support.stores import DATABASES

VANTAGES = ("hub", "province")
NETWORKS = ("tslcd", "internet")
NUMBERS = range(1, 4)
ADDRESSES = tuple((f"192.0.2.{number}", f"2001:db8::{number}") for number in range(1, 2 * len(NUMBERS) + 1))
ROWS = tuple(
    f"host-{number},portal,{v4},{v6},https,G01,Sở A,{NETWORKS[number % 2]}"
    for number, (v4, v6) in enumerate(ADDRESSES, 1)
)
WITHOUT_IPV6, WITHOUT_TLS13 = (3, 4), (5, 6)
"""Portals of each network that refuse connects over IPv6, and that speak nothing newer than TLS 1.2."""
DECIDED = {
    ("province", "pass"): 3 + 12,
    ("province", "warn"): 2,
    ("province", "fail"): 1,
    ("hub", "pass"): 13,
    ("hub", "warn"): 2,
}
"""The number of decided findings by vantage and outcome.

The path of a website over IPv6 is judged only from the Internet.
"""
COLUMNS = "name,kind,ipv4,ipv6,services,agency_code,agency_name,network"
SETUP = "\n".join(f"ip addr add {v4}/32 dev lo; ip addr add {v6}/128 dev lo nodad" for v4, v6 in ADDRESSES)
CONTROL = tuple(address for pair in ADDRESSES[:2] for address in pair)
OWN = ", ".join(f'"{address}"' for pair in ADDRESSES for address in pair)
"""The machine's addresses, named one by one: a vantage measures its own addresses only then."""
SETTINGS = f"""
lang = "en"
timeout = 10
only = ["ipv6.web.reach", "security.tls.versions", "security.tls.cert-expiry", "security.tls.cert-strength"]
[vantage]
name = "{{name}}"
networks = ["{{network}}"]
control = [{{control}}]
[addressing]
allow_documentation_prefixes = true
[scope]
allow = [{OWN}]
"""
Found = frozenset[tuple[str, ...]]


class SlowTls:
    """Answers TLS after a delay, so that measuring takes some seconds; some addresses have defects."""

    def __init__(self, folder: Path) -> None:
        files = certificate(folder)
        self._listening: list[socket.socket] = []
        for number, addresses in enumerate(ADDRESSES, 1):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            if number in WITHOUT_TLS13:
                context.maximum_version = ssl.TLSVersion.TLSv1_2
            for address in addresses[: 1 if number in WITHOUT_IPV6 else 2]:
                self._listen(address, context)

    def _listen(self, address: str, context: ssl.SSLContext) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listening = socket.create_server((address, 443), family=family, backlog=100)
        self._listening.append(listening)
        threading.Thread(target=self._accept, args=(listening, context), daemon=True).start()

    def _accept(self, listening: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=(listening.accept()[0], context), daemon=True).start()

    def _answer(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError), connection:
            time.sleep(0.2)
            with context.wrap_socket(connection, server_side=True) as session:
                session.recv(1)

    def close(self) -> None:
        for one in self._listening:
            one.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """Start a database server for the test, which restarts it; yield None for SQLite."""
    if request.param == "sqlite":
        yield None
        return
    with running() as server:
        yield server


@pytest.fixture
def centre(database: Server | None, tmp_path: Path) -> Iterator[Centre]:
    (tmp_path / "tls").mkdir()
    with contextlib.ExitStack() as stack:
        stack.enter_context(private_net.entered(SETUP))
        stack.enter_context(closing(SlowTls(tmp_path / "tls")))
        url = "" if database is None else stack.enter_context(database.database())
        begin = stack.enter_context(Ready.here()).begin
        made = Centre(tmp_path, ROWS, url, CONTROL, SETTINGS, COLUMNS, measures=False, begin=begin)
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
    """Wait for the end of a job in which each subject was measured once at each vantage and judged once.

    Return the measurements and findings, without times and ids of the run.
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


def decided(found: Found) -> Counter[tuple[str, str]]:
    """Count the decided findings by vantage and outcome."""
    findings = (line for line in found if len(line) == len(("id", "subject", "check", "code", "outcome", "vantage")))
    return Counter((line[5], line[4]) for line in findings if line[4] in ("pass", "warn", "fail"))


def has_evidence(centre: Centre, number: JobId) -> bool:
    """True if both workers have delivered evidence, or the job has ended before that was seen."""
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
    assert decided(undisturbed) == DECIDED

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
