"""Tests the centre's interface for workers over HTTP: one vantage for each token, and nothing outside its lease."""

import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.config.model import Config, RemoteVantageSection
from auditor.service.leases import frames
from auditor.service.leases.order import read_order
from auditor.service.store.evidence import journal
from auditor.service.store.records import Sample, Series
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from probes.framework.evidence import Evidence
from tests.support.serving import VANTAGE, Program, Served, serving
from tests.unit.auditor.service.leases.deliveries import OURS, OURS_TOO, RUN, THEIRS, evidence
from tests.unit.auditor.service.store import examples

pytest_plugins = ("tests.support.pages",)

ROOT = "/api/v1"
ASKING = {"worker": "w1", "vantage": VANTAGE, "networks": ["internet"], "version": "0.2.0", "wait": 0}
OCTETS = {"Content-Type": "application/octet-stream"}


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    inventory, reference, policy = (store.put_blob(name) for name in (b"inventory", b"reference", b"policy"))
    run = replace(examples.run(), vantage=VANTAGE, networks=("internet",), started=datetime.now(UTC))
    store.create_run(replace(run, inventory=inventory, reference=reference, policy=policy))
    store.add_subjects(RUN, [OURS, OURS_TOO, THEIRS])
    other = RemoteVantageSection(networks=("tslcd",))
    async with serving(store, Config(vantages={VANTAGE: RemoteVantageSection(), "other": other})) as made:
        made.app[SITE].leases.defer(RUN, VANTAGE, [OURS.id, OURS_TOO.id])
        yield made


@pytest.fixture
async def worker(served: Served) -> Program:
    return served.program(served.admin(), TokenScope.WORKER)


def of_other_vantage(served: Served) -> Program:
    token = served.app[SITE].accounts.issue(
        served.admin(), "::1", "p", [TokenScope.WORKER], timedelta(days=1), vantage="other"
    )
    made = Program(served.base, token)
    served.clients.append(made)
    return made


def now(task: str = "t", **given: Any) -> Evidence:
    return replace(evidence(vantage=VANTAGE, task=task, **given), started=datetime.now(UTC))


async def upload(program: Program, path: str, data: bytes, **headers: str) -> tuple[int, Any]:
    sent = {**OCTETS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with program.session.post(program.base + ROOT + path, data=BytesIO(data), headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


async def leased(worker: Program) -> str:
    status, said, _ = await worker.send(f"{ROOT}/leases", ASKING)
    assert status == 200
    return str(said["lease"])


async def test_batch_goes_from_lease_to_end(served: Served, worker: Program) -> None:
    status, said, _ = await worker.send(f"{ROOT}/leases", ASKING)
    assert status == 200
    order = read_order(said)
    assert ([one.id for one in order.subjects], order.run.id, order.run.vantage) == (
        [OURS.id, OURS_TOO.id],
        RUN,
        VANTAGE,
    )
    lines = journal.evidence(now()) + journal.measured([OURS.id])
    for _ in range(2):
        assert await upload(worker, f"/leases/{order.key}/evidence", gzip.compress(lines)) == (200, {"taken": 1})
    assert (await worker.send(f"{ROOT}/leases/{order.key}/beat", {}))[0] == 200
    assert (await worker.send(f"{ROOT}/leases/{order.key}/end", {}))[0] == 200
    status, said, _ = await worker.send(f"{ROOT}/leases/{order.key}/end", {})
    assert (status, said["code"]) == (409, "lease_lost")
    assert (await worker.send(f"{ROOT}/leases", ASKING))[0] == 204
    assert len(list(served.app[SITE].store.all_evidence(RUN))) == 1


async def test_what_the_worker_may_forget_survives_a_loss_of_power(
    served: Served, worker: Program, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, secured = await leased(worker), list[tuple[int, int]]()
    secure, time = store.secure, datetime.now(UTC).replace(microsecond=0)
    series = Series(subject=OURS.id, metric="reach", vantage=VANTAGE, family=6)

    def noted() -> None:
        kept = store.samples(series, time, time + timedelta(seconds=1))
        secured.append((len(list(store.all_evidence(RUN))), len(list(kept))))
        secure()

    monkeypatch.setattr(store, "secure", noted)
    await upload(worker, f"/leases/{lease}/evidence", gzip.compress(journal.evidence(now())))
    await upload(worker, "/samples", gzip.compress(frames.dump([(series, Sample(time=time, value=1.0))])))
    assert secured == [(1, 0), (1, 1)]


async def test_order_leaves_out_what_was_measured(served: Served, worker: Program) -> None:
    lease = await leased(worker)
    await upload(worker, f"/leases/{lease}/evidence", gzip.compress(journal.measured([OURS.id])))
    _, said, _ = await worker.send(f"{ROOT}/leases", ASKING)
    assert [one.id for one in read_order(said).subjects] == [OURS_TOO.id]
    assert said["lease"] == lease


async def test_blobs_of_the_run_and_no_others_are_given(served: Served, worker: Program, store: SqlStore) -> None:
    lease, secret, run = await leased(worker), store.put_blob(b"not yours"), store.run(RUN)
    assert (await worker.get(f"{ROOT}/leases/{lease}/blobs/{run.inventory}"))[:2] == (200, "inventory")
    assert (await worker.get(f"{ROOT}/leases/{lease}/blobs/{secret}"))[0] == 404


@pytest.mark.parametrize(
    "wrong", [{"vantage": "other"}, {"networks": ["tslcd"]}, {"networks": ["internet", "tslcd"]}, {"networks": []}]
)
async def test_worker_whose_configuration_differs_gets_nothing(worker: Program, wrong: dict[str, object]) -> None:
    status, said, _ = await worker.send(f"{ROOT}/leases", ASKING | wrong)
    assert (status, said["code"]) == (409, "vantage_differs")


async def test_lease_of_another_vantage_is_none(served: Served, worker: Program) -> None:
    lease, other = await leased(worker), of_other_vantage(served)
    asking = ASKING | {"vantage": "other", "networks": ["tslcd"]}
    assert (await other.send(f"{ROOT}/leases", asking))[0] == 204
    sent = gzip.compress(journal.evidence(now()))
    assert (await upload(other, f"/leases/{lease}/evidence", sent))[0] == 409
    for deed in ("beat", "end"):
        assert (await other.send(f"{ROOT}/leases/{lease}/{deed}", {}))[0] == 409
    assert (await other.get(f"{ROOT}/leases/{lease}/blobs/{64 * '0'}"))[0] == 409
    assert list(served.app[SITE].store.all_evidence(RUN)) == []


async def test_token_of_people_s_programs_is_no_worker_s(served: Served) -> None:
    for scope in TokenScope:
        if scope is not TokenScope.WORKER:
            assert (await served.program(served.admin(), scope).send(f"{ROOT}/leases", ASKING))[0] == 403
    viewer = served.add("y tế", Role.VIEWER)
    assert (await served.program(viewer, TokenScope.WORKER).send(f"{ROOT}/leases", ASKING))[0] == 403


async def test_worker_s_token_reads_nothing_else(worker: Program) -> None:
    for path in ("/runs", "/me", "/jobs", "/inventories", "/audit-log"):
        assert (await worker.get(ROOT + path))[0] == 403, path


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        (lambda: now(subject=THEIRS.id), 422, "other_subject"),
        (lambda: replace(now(), vantage="other"), 422, "other_vantage"),
        (lambda: replace(now(), started=datetime.now(UTC) + timedelta(minutes=11)), 422, "other_time"),
        (lambda: replace(now(), started=datetime.now(UTC) - timedelta(minutes=11)), 422, "other_time"),
    ],
)
async def test_evidence_outside_the_lease_is_refused_by_name(
    served: Served, worker: Program, wrong: Callable[[], Evidence], status: int, code: str
) -> None:
    lease = await leased(worker)
    sent = gzip.compress(journal.evidence(now("first")) + journal.evidence(wrong()))
    answer = await upload(worker, f"/leases/{lease}/evidence", sent)
    assert (answer[0], answer[1]["code"], answer[1]["errors"][0]["where"]) == (status, code, ["line 2"])
    assert list(served.app[SITE].store.all_evidence(RUN)) == []


@pytest.mark.parametrize(
    ("sent", "headers", "status"),
    [
        (lambda: gzip.compress(b"\0" * 200_000_000, 9, mtime=0), {}, 413),
        (lambda: b"\0" * 8_000_001, {}, 413),
        (lambda: b"plain", {}, 400),
        (lambda: gzip.compress(b"{}", mtime=0), {"Content_Type": "application/json"}, 415),
        (lambda: gzip.compress(b"{}", mtime=0), {"Content_Encoding": "gzip"}, 415),
    ],
)
async def test_bombs_and_other_bodies_are_refused(
    worker: Program, sent: Callable[[], bytes], headers: dict[str, str], status: int
) -> None:
    """The bodies are made in the test: four processes collect tests, and only one runs this one."""
    lease = await leased(worker)
    assert (await upload(worker, f"/leases/{lease}/evidence", sent(), **headers))[0] == status


async def test_samples_are_kept_under_the_vantage_of_the_token(served: Served, worker: Program) -> None:
    time = datetime.now(UTC).replace(microsecond=0)
    series = Series(subject=OURS.id, metric="reach", vantage="somebody else", family=6)
    sent = gzip.compress(frames.dump([(series, Sample(time=time, value=1.0))]))
    for _ in range(2):
        assert await upload(worker, "/samples", sent) == (200, {"taken": 1})
    kept = replace(series, vantage=VANTAGE)
    assert list(served.app[SITE].store.samples(kept, time, time + timedelta(seconds=1))) == [
        Sample(time=time, value=1.0)
    ]
    assert served.app[SITE].store.series(OURS.id, "somebody else") == ()
