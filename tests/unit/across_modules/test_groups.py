"""Groups: which endpoints are compared, and that their probes run behind everything else and once."""

import asyncio
import math
from dataclasses import replace
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress, Kind, Service
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.framework.expand import groups
from probes.framework.profile import AUDIT, QUICK, Profile
from probes.framework.recorder import Recorder
from probes.framework.registry import Disturbing, Probe
from probes.framework.tasks import EndpointTask, GroupTask, NameTask, WebTarget
from probes.net.api import Net
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.observations.path import EchoTrain
from probes.observations.tls import TlsSupport
from probes.observations.transport import EchoSeries, TcpConnect
from tests.unit.auditor.contexts import A4, A6, B6, SITE, evidence, names
from tests.unit.probes.framework.examples import V4, V6, look, name_probe, subject
from tests.unit.probes.framework.examples import connect as connect_step
from tests.unit.probes.framework.running import measure, offsets
from tests.unit.probes.framework.virtual import run

REFUSED = Failure(kind=FailureKind.REFUSED)
WEB = replace(SITE, services=(Service(name="http", port=80), Service(name="https", port=443)))


def tried(port: int, *opened: object, shut: tuple[object, ...] = ()) -> list[Evidence]:
    every = [(one, None) for one in opened] + [(one, REFUSED) for one in shut]
    return [
        evidence(TcpConnect(address=one, port=port, failure=failure), to=ip_address(str(one)), attempt=port)  # type: ignore[arg-type]
        for one, failure in every
    ]


def test_the_open_endpoints_of_the_service_that_visitors_use() -> None:
    envelopes = [names(A4, A6, B6), *tried(443, A4, A6, shut=(B6,)), *tried(80, A4, A6, B6)]
    (group,) = groups(WEB, envelopes)
    assert (group.service.name, {endpoint.address for endpoint in group.endpoints}) == ("https", {A4, A6})
    assert {endpoint.name for endpoint in group.endpoints} == {"www.example.vn"}
    assert group.key == "https#443 www.example.vn"


def test_without_https_it_is_http() -> None:
    (group,) = groups(WEB, [names(A4, A6), *tried(443, shut=(A4, A6)), *tried(80, A4, A6)])
    assert group.service.name == "http"


def test_nothing_open_is_no_group() -> None:
    assert groups(WEB, [names(A4, A6), *tried(443, shut=(A4, A6))]) == ()


def test_only_web_sites_have_groups() -> None:
    router = replace(WEB, kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER}), host=None, addresses=(A6,))
    assert groups(router, tried(443, A6)) == ()


async def _answers(task: EndpointTask, net: Net, rec: Recorder) -> None:
    await asyncio.sleep(1)
    rec.record(connect_step(task.endpoint.address, task.endpoint.port or 0), t0=0.0)


async def _compares(task: GroupTask, net: Net, rec: Recorder) -> None:
    rec.record(EchoSeries(address=task.endpoints[0].address, interval=1.0, payload_size=len(task.endpoints)), t0=0.0)


def _probe(name: str, shape: str, run_it: object, *records: type[Observation]) -> Probe:
    services = frozenset({"https"})
    return Probe(name=name, version=1, title=name, records=records, shape=shape, run=run_it, services=services)  # type: ignore[arg-type]


CONNECTS, COMPARES = _probe("tcp", "endpoint", _answers, TcpConnect), _probe("compare", "group", _compares, EchoSeries)
PORTAL = subject("www.vn", Kind.PORTAL, services=(Service(name="https", port=443),))


async def _names(task: NameTask, rec: Recorder) -> None:
    rec.record(look("AAAA", str(V6), name=task.name), t0=0.0)
    rec.record(look("A", str(V4), name=task.name), t0=0.0)


def test_what_needs_life_is_asked_of_the_living_alone() -> None:
    async def answers(task: EndpointTask, net: Net, rec: Recorder) -> None:
        silence = Failure(kind=FailureKind.TIMEOUT)
        step = TcpConnect(address=task.endpoint.address, port=443)
        rec.record(step if task.endpoint.address == V6 else replace(step, failure=silence), t0=0.0)

    async def at_length(task: EndpointTask, net: Net, rec: Recorder) -> None:
        rec.record(EchoSeries(address=task.endpoint.address, interval=1.0, payload_size=56), t0=0.0)

    async def main() -> None:
        knocks = Probe(name="tcp", version=1, title="t", records=(TcpConnect,), shape="endpoint", run=answers)
        long = Probe(
            name="a", version=1, title="a", records=(EchoSeries,), shape="endpoint", run=at_length, needs_answer=True
        )
        kept = await measure([PORTAL], name_probe(_names), long, knocks)
        assert {envelope.task for envelope in kept.of("tcp")} == {str(V4), str(V6)}
        assert [envelope.task for envelope in kept.of("a")] == [str(V6)]

    run(main())


@pytest.mark.parametrize(
    ("profile", "silent", "begun"),
    [(QUICK, frozenset(), 1.0), (AUDIT, frozenset(), 50.0), (QUICK, frozenset({V4}), 50.0)],
    ids=["quick", "audit", "quick-with-a-silent-address"],
)
def test_what_needs_life_begins_beside_the_others_where_somebody_waits_and_all_live(
    profile: Profile, silent: frozenset[IPAddress], begun: float
) -> None:
    async def connects(task: EndpointTask, net: Net, rec: Recorder) -> None:
        await asyncio.sleep(1)
        failure = Failure(kind=FailureKind.TIMEOUT) if task.endpoint.address in silent else None
        rec.record(TcpConnect(address=task.endpoint.address, port=443, failure=failure), t0=0.0)

    async def takes_long(task: EndpointTask, net: Net, rec: Recorder) -> None:
        await asyncio.sleep(50)
        rec.record(EchoSeries(address=task.endpoint.address, interval=1.0, payload_size=56, rtts=(0.1,)), t0=0.0)

    async def echoes(task: EndpointTask, net: Net, rec: Recorder) -> None:
        rec.record(EchoTrain(address=task.endpoint.address, interval=1.0, rtts=(0.1,)), t0=0.0)

    shape = {"version": 1, "shape": "endpoint"}
    long = Probe(name="long", title="l", records=(EchoSeries,), run=takes_long, **shape)  # type: ignore[arg-type]
    connect = Probe(name="tcp", title="t", records=(TcpConnect,), run=connects, **shape)  # type: ignore[arg-type]
    train = Probe(name="train", title="e", records=(EchoTrain,), run=echoes, needs_answer=True, **shape)  # type: ignore[arg-type]
    kept = run(measure([PORTAL], name_probe(_names), long, connect, train, profile=profile))
    assert offsets(kept.of("train")) == [begun, begun]
    assert offsets(kept.of("long")) == [0.0, 0.0]


def test_what_stands_behind_a_mail_host_holds_nothing_up() -> None:
    """A hundred seconds of SMTP pauses are not waited for; the simultaneous questions to a web server are."""

    async def talks(task: EndpointTask, net: Net, rec: Recorder) -> None:
        greeted = SmtpDialogue(address=task.endpoint.address, port=25, server_name=None, connected=True)
        rec.record(replace(greeted, replies=(SmtpReply(code=220),), starttls=StartTls.DONE), t0=0.0)

    async def at_length(task: EndpointTask, net: Net, rec: Recorder) -> None:
        await asyncio.sleep(100)
        rec.record(TlsSupport(address=task.endpoint.address, port=25, server_name=None, protocol="smtp"), t0=0.0)

    async def echo(task: EndpointTask, net: Net, rec: Recorder) -> None:
        rec.record(EchoSeries(address=task.endpoint.address, interval=1.0, payload_size=56, rtts=(0.1,)), t0=0.0)

    def begun(service: str, knock: Probe) -> list[float]:
        shape = {"version": 1, "shape": "endpoint"}
        behind = Probe(
            name="x",
            title="x",
            records=(TlsSupport,),
            run=at_length,
            services=frozenset({service}),
            needs_open=True,
            deadline=200.0,
            **shape,  # type: ignore[arg-type]
        )
        answers = Probe(name="icmp", title="i", records=(EchoSeries,), run=echo, **shape)  # type: ignore[arg-type]
        alive = Probe(name="a", title="a", records=(EchoTrain,), run=echo, needs_answer=True, **shape)  # type: ignore[arg-type]
        host = subject("mx.vn", Kind.HOST, services=(Service(name=service, port=25),))
        kept = run(measure([host], name_probe(_names), knock, behind, answers, alive, profile=AUDIT))
        assert offsets(kept.of("x")) != []
        return offsets(kept.of("a"))

    smtp, https = frozenset({"smtp"}), frozenset({"https"})
    dialogue = Probe(
        name="smtp", version=1, title="s", records=(SmtpDialogue,), shape="endpoint", run=talks, services=smtp
    )
    assert begun("smtp", dialogue) == [0.0, 0.0]
    knock = Probe(
        name="tcp", version=1, title="t", records=(TcpConnect,), shape="endpoint", run=_answers, services=https
    )
    assert begun("https", knock) == [101.0, 101.0]


async def _endless(task: GroupTask, net: Net, rec: Recorder) -> None:
    await asyncio.sleep(math.inf)


async def _takes_time(task: GroupTask, net: Net, rec: Recorder) -> None:
    await asyncio.sleep(2)
    rec.record(connect_step(task.endpoints[0].address, task.service.port), t0=0.0)


def test_what_disturbs_others_is_measured_when_they_are_done() -> None:
    """The ordinary part starts with the others; waiting does not count against its deadline; a silent probe ends."""

    async def in_two_parts(task: GroupTask, net: Net, rec: Recorder) -> Disturbing:
        await _compares(task, net, rec)

        async def then() -> None:
            await asyncio.sleep(3)
            await _compares(task, net, rec)

        return then

    async def main() -> None:
        first = _probe("z", "group", _takes_time, TcpConnect)
        silent = replace(_probe("y", "group", _endless, TcpConnect), deadline=7.0)
        disturbing = replace(_probe("a", "group", in_two_parts, EchoSeries), deadline=4.0)
        kept = await measure([PORTAL], name_probe(_names), CONNECTS, disturbing, first, silent)
        assert offsets(kept.of("z")) == offsets(kept.of("a")) == [1.0]
        (both,) = kept.of("a")
        assert both.failure is None
        assert [step.t for step in both.steps] == [0.0, 7.0 + 3.0]

    run(main())


def test_what_disturbs_others_is_bounded_too() -> None:
    async def in_two_parts(task: GroupTask, net: Net, rec: Recorder) -> Disturbing:
        return lambda: _endless(task, net, rec)

    async def main() -> None:
        disturbing = replace(_probe("a", "group", in_two_parts, EchoSeries), deadline=4.0)
        (cut,) = (await measure([PORTAL], name_probe(_names), CONNECTS, disturbing)).of("a")
        assert cut.failure is not None
        assert cut.failure.kind is FailureKind.CUT_SHORT

    run(main())


def test_groups_large_file_of_the_inventory_is_in_the_task() -> None:
    named = replace(WEB, declared=replace(WEB.declared, test_url="https://www.example.vn/ban-do.svg"))
    (group,) = groups(named, [names(A4, A6), *tried(443, A4, A6)])
    assert group.web == WebTarget(object_url="https://www.example.vn/ban-do.svg")


def test_a_group_is_measured_behind_its_endpoints_and_once() -> None:
    async def main() -> None:
        kept = await measure([PORTAL], name_probe(_names), CONNECTS, COMPARES)
        (compared,) = kept.of("compare")
        assert (compared.task, compared.endpoint) == ("https#443 www.vn", None)
        assert offsets([compared]) == [1.0]
        (step,) = compared.steps
        assert isinstance(step, EchoSeries)
        assert step.payload_size == 2
        written = kept.written.copy()
        again = await measure([PORTAL], name_probe(_names), CONNECTS, COMPARES, store=replace(kept, finished={}))
        assert again.written == written

    run(main())
