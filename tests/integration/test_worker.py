"""Tests a centre and the workers of two vantages, as real processes with TLS between them."""

import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import TokenScope
from auditor.service.scheduler.model import AuditRequest, Job, JobState
from auditor.service.store.records import RunRecord, RunState
from tests.support.ready import Ready
from tests.support.remote import Centre, certificate

ROWS = tuple(f"host-{number},host,127.0.0.1,::1,https:{{port}},G01,Sở A" for number in range(1, 5))


class Slow:
    """Accepts connections and sends nothing, so that a worker measures for some seconds.

    ``connected`` is called for every connection, before a worker can measure anything over it.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._taken: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.connected: Callable[[], None] = lambda: None
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, 0 if not self._sockets else self.port))
            one.listen(100)
            self._sockets.append(one)
            self._threads.append(threading.Thread(target=self._accept, args=(one,), daemon=True))
            self._threads[-1].start()

    @property
    def port(self) -> int:
        return int(self._sockets[0].getsockname()[1])

    def _accept(self, one: socket.socket) -> None:
        while True:
            try:
                self._taken.append(one.accept()[0])
            except OSError:
                return
            self.connected()

    def close(self) -> None:
        for one in self._sockets:
            one.shutdown(socket.SHUT_RDWR)  # closing it would not wake the thread in accept()
        for thread in self._threads:
            thread.join()
        for one in (*self._sockets, *self._taken):
            one.close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    with closing(Slow()) as made:
        yield made


@pytest.fixture
def centre(program: Ready, tmp_path: Path, slow: Slow) -> Iterator[Centre]:
    made = Centre(tmp_path, [row.format(port=slow.port) for row in ROWS], begin=program.begin)
    with made.front.serving():
        made.serve()
        try:
            yield made
        finally:
            made.end_all()


def order(centre: Centre, *vantages: str, hours: float = 1.0) -> int:
    wanted = AuditRequest(inventory="inventory.csv", profile="quick", vantages=vantages, hours=hours)
    with centre.store() as store:
        return centre.jobs(store).start(wanted, "admin", "::1").id


def asked(centre: Centre, body: Mapping[str, object]) -> int:
    """Request an audit over the API, with a token that permits it."""
    with centre.store() as store:
        accounts = Accounts(store.database)
        token = accounts.issue(accounts.all()[0], "::1", "orders", [TokenScope.RUN], timedelta(days=1))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{centre.port}/api/v1/jobs"
    with urlopen(Request(url, json.dumps(body).encode(), headers), timeout=300) as answer:
        return int(json.load(answer)["id"])


def job(centre: Centre, number: int) -> Job:
    with centre.store() as store:
        return next(one for one in centre.jobs(store).latest() if one.id == number)


def over(centre: Centre, number: int) -> bool:
    return not job(centre, number).is_open


def members(centre: Centre, number: int) -> dict[str, RunRecord]:
    """Return the runs of a job's round by vantage."""
    run = job(centre, number).run
    if run is None:
        return {}
    with centre.store() as store:
        try:
            return {one.vantage: one for one in map(store.run, store.run(run).members)}
        except Exception:
            return {}


def counted(centre: Centre, run: RunRecord) -> tuple[int, int]:
    """Return the number of pieces of evidence, and the number of measured subjects."""
    with centre.store() as store:
        return len(list(store.all_evidence(run.id))), len(store.measured(run.id))


def test_round_of_three_vantages_is_measured_everywhere_and_judged_once(centre: Centre) -> None:
    centre.worker("hub", "tslcd")
    centre.worker("province", "internet")
    number = order(centre, "centre", "hub", "province")
    centre.until(lambda: over(centre, number))
    made, found = job(centre, number), members(centre, number)
    assert (made.state, made.problem) == (JobState.FINISHED, {})
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(
        ("centre", "hub", "province"), RunState.FINISHED
    )
    assert found["hub"].networks == ("tslcd",)
    with centre.store() as store:
        assert made.run is not None
        assert len(store.judgements(made.run)) == 1
        assert all(store.judgements(one.id) == () for one in found.values())
        for one in found.values():
            assert {piece.vantage for piece in store.all_evidence(one.id)} == {one.vantage}
            assert len(store.measured(one.id)) == len(list(store.subjects(one.id)))


def test_addition_to_a_round_is_measured_by_the_workers_of_the_round(
    program: Ready, tmp_path: Path, slow: Slow
) -> None:
    centre = Centre(tmp_path, [row.format(port=slow.port) for row in ROWS], measures=False, begin=program.begin)
    with centre.front.serving():
        centre.serve()
        try:
            centre.worker("hub", "tslcd")
            number = order(centre, "hub")
            centre.until(lambda: over(centre, number))
            with centre.store() as store:
                subject = next(store.subjects(members(centre, number)["hub"].id)).id
            body = {"inventory": "inventory.csv", "subjects": [subject], "amends": job(centre, number).run}
            added = asked(centre, body)
            centre.until(lambda: over(centre, added))
            made = job(centre, added)
            assert (made.state, made.problem, list(members(centre, added))) == (JobState.FINISHED, {}, ["hub"])
            assert made.run is not None
            with centre.store() as store:
                assert store.run(made.run).amends == body["amends"]
                assert [each.id for each in store.subjects(made.run)] == [subject]
        finally:
            centre.end_all()


def test_round_ordered_at_the_terminal_is_measured_by_the_worker_and_reported(centre: Centre) -> None:
    centre.worker("hub", "tslcd")
    words = ("--vantage", "centre", "--vantage", "hub", "--profile", "quick", "--out", "reports")
    ordered = centre.start("centre", "audit", "inventory.csv", *words)
    centre.until(lambda: ordered.poll() is not None, 300)
    assert ordered.returncode in (0, 3, 4), centre.log("centre")
    with centre.store() as store:
        (whole,) = (one for one in store.runs() if one.is_round)
        assert {store.run(one).vantage: store.run(one).state for one in whole.members} == {
            "centre": RunState.FINISHED,
            "hub": RunState.FINISHED,
        }
        assert len(store.judgements(whole.id)) == 1
    report = json.loads((centre.here("centre") / "reports" / "result.json").read_bytes())
    assert {one["name"] for one in report["run"]["vantages"]} == {"centre", "hub"}


def test_killed_worker_goes_on_from_its_spool(centre: Centre, slow: Slow) -> None:
    first = centre.worker("province", "internet")
    number = order(centre, "province")
    centre.until(
        lambda: "province" in members(centre, number) and counted(centre, members(centre, number)["province"])[0] > 3
    )
    first.send_signal(signal.SIGKILL)
    first.wait()
    before, _ = counted(centre, members(centre, number)["province"])
    centre.worker("province", "internet")
    centre.until(lambda: over(centre, number))
    assert "going on with lease" in centre.log("province")
    run = members(centre, number)["province"]
    assert run.state is RunState.FINISHED
    assert counted(centre, run)[0] > before
    with centre.store() as store:
        ids = [one.id for one in store.all_evidence(run.id)]
        assert len(ids) == len(set(ids))
    assert list((centre.here("province") / "auditor.db.spool" / "leases").iterdir()) == []


def test_worker_that_was_cut_off_delivers_when_it_is_back(centre: Centre, slow: Slow) -> None:
    slow.connected = centre.front.cut  # by then it measures, and needs nothing more of the centre for that
    centre.worker("province", "internet")
    number = order(centre, "province")
    spool = centre.here("province") / "auditor.db.spool" / "leases"
    centre.until(lambda: list(spool.glob("*/measured")))
    centre.until(lambda: "cannot be reached" in centre.log("province"))
    assert job(centre, number).is_open
    centre.front.open = True
    centre.until(lambda: over(centre, number))
    assert members(centre, number)["province"].state is RunState.FINISHED


def test_vantage_without_worker_is_cut_off_at_the_deadline(centre: Centre) -> None:
    number = order(centre, "centre", "hub", hours=1 / 3_600)
    centre.until(lambda: over(centre, number))
    found = members(centre, number)
    assert job(centre, number).state is JobState.FINISHED
    assert (found["centre"].state, found["hub"].state) == (RunState.FINISHED, RunState.INTERRUPTED)
    centre.worker("hub", "tslcd")
    later = order(centre, "hub")
    centre.until(lambda: over(centre, later))
    assert members(centre, later)["hub"].state is RunState.FINISHED
    assert counted(centre, found["hub"]) == (0, 0)


def test_worker_that_does_not_trust_the_certificate_gets_no_work(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other, _ = certificate(tmp_path / "other")
    distrustful = centre.worker("hub", "tslcd", ca=other)
    number = order(centre, "hub")
    centre.until(lambda: "hub" in members(centre, number))
    centre.until(lambda: "CERTIFICATE_VERIFY_FAILED" in centre.log("hub"))
    assert centre.end(distrustful) == 0
    assert "subjects of run" not in centre.log("hub") + centre.log("centre")
    centre.worker("hub", "tslcd")
    centre.until(lambda: over(centre, number))
    assert members(centre, number)["hub"].state is RunState.FINISHED


def test_worker_of_other_networks_gets_no_work(centre: Centre) -> None:
    number = order(centre, "hub")
    centre.until(lambda: "hub" in members(centre, number))
    differs = centre.worker("hub", "internet")
    centre.until(lambda: "vantage_differs" in centre.log("hub"))
    assert centre.end(differs) == 0
    assert "subjects of run" not in centre.log("hub") + centre.log("centre")
    assert counted(centre, members(centre, number)["hub"]) == (0, 0)
