"""Tests how findings about a web site, or a shared system inside TSLCD, decide a sample of it."""

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address
from types import SimpleNamespace
from typing import cast

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Finding, FindingId, Level, LevelBasis, Outcome, Severity
from auditor.service.config.model import Config
from auditor.service.pipeline.measuring import collecting
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.sampling.pages import APP_REACH, HTTP_OK, REACH, _app_sample, _sample, look, sites
from auditor.service.store.records import Quality, Sample
from inventory.inventory import Inventory
from inventory.model import Endpoint, Kind, Network, Service, Subject, SubjectId
from probes.framework import vantage as selftest
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.series import APP_OK, WEB_OK
from probes.observations.transport import TcpConnect
from tests.unit.auditor.service.sampling.world import START
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import REFUSED, FakeNet

BLANK = Finding(
    id=FindingId("0" * 16),
    check=REACH,
    check_version=1,
    code="X",
    outcome=Outcome.PASS,
    severity=Severity.HIGH,
    level=Level.REQUIRED,
    level_basis=LevelBasis.VERIFIED,
    subject=SubjectId("www.example"),
    vantage="here",
    address=None,
    detail=None,
    reason=None,
    args={},
    evidence=(),
)
PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
NOT, UNSURE, BUG = Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE, Outcome.ERROR


@pytest.mark.parametrize(
    ("reach", "served", "value", "quality"),
    [
        ([PASS], [PASS], 1.0, Quality.OK),
        ([PASS, WARN], [PASS, NOT], 1.0, Quality.OK),  # one of two addresses connects, and serves
        ([FAIL], [NOT], 0.0, Quality.OK),
        ([PASS], [FAIL], 0.0, Quality.OK),
        ([PASS], [WARN], 0.0, Quality.OK),  # no page over IPv4 either: it is not up
        ([UNSURE], [UNSURE], None, Quality.VANTAGE),
        ([FAIL, UNSURE], [NOT], None, Quality.VANTAGE),
        ([PASS], [BUG], None, Quality.VANTAGE),
    ],
)
def test_sample_outcomes_become_values(
    reach: list[Outcome], served: list[Outcome], value: float | None, quality: Quality
) -> None:
    sample = _sample([*findings(REACH, reach), *findings(HTTP_OK, served)], START)
    assert sample is not None
    assert (sample.value, sample.quality, sample.time) == (value, quality, START)


@pytest.mark.parametrize(
    ("outcome", "value", "quality"),
    [(PASS, 1.0, Quality.OK), (WARN, 0.0, Quality.OK), (FAIL, 0.0, Quality.OK), (UNSURE, None, Quality.VANTAGE)],
)
def test_samples_of_a_shared_system(outcome: Outcome, value: float | None, quality: Quality) -> None:
    sample = _app_sample(findings(APP_REACH, [outcome]), START)
    assert sample == Sample(time=START, value=value, quality=quality)
    assert _app_sample(findings(HTTP_OK, [FAIL]), START) is None


def test_without_ipv6_there_is_nothing_to_sample() -> None:
    assert _sample([*findings(REACH, [NOT]), *findings(HTTP_OK, [NOT])], START) is None
    assert _sample([], START) is None
    assert _sample(findings(CheckId("ipv6.web.aaaa"), [FAIL]), START) is None


def findings(check: CheckId, outcomes: list[Outcome]) -> list[Finding]:
    return [replace(BLANK, check=check, outcome=outcome) for outcome in outcomes]


V6, V4 = "2001:db8:1::1", "192.0.2.1"
CONTROL, CONTROL4 = "2001:db8:ffff::1", "198.51.100.1"
WEB = Subject(
    id=SubjectId("www.tinh.example"),
    kind=Kind.PORTAL,
    kinds=frozenset({Kind.PORTAL}),
    name="www.tinh.example",
    host="www.tinh.example",
    services=(Service(name="http", port=80),),
)

APP = replace(
    WEB, id=SubjectId("lgsp.tinh.example"), name="lgsp.tinh.example", host="lgsp.tinh.example", network=Network.TSLCD
)


class Internet(FakeNet):
    """Answers everything except the parts that the test closes."""

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        failure = REFUSED if str(endpoint.address) in self.closed else None
        step = TcpConnect(address=endpoint.address, port=endpoint.port or 0, failure=failure)
        return rec.record(step, t0=rec.now())

    closed: frozenset[str] = frozenset()


async def looked(
    monkeypatch: pytest.MonkeyPatch,
    *,
    closed: Iterable[str] = (),
    names: dict[str, str],
    networks: tuple[Network, ...] = (Network.INTERNET,),
) -> list[tuple[str, str, Sample]]:
    """Return the stored samples of a web site and of a shared system inside TSLCD that have the same addresses."""
    monkeypatch.setattr(selftest, "source_toward", lambda address: ip_address("2001:db8:2::1"))
    clocks = SimpleNamespace(monotonic=lambda: 0.0, clock_gettime=lambda clock: 0.0, CLOCK_BOOTTIME=time.CLOCK_BOOTTIME)
    monkeypatch.setattr(collecting, "time", clocks)
    config = Config.model_validate(
        {
            "vantage": {"control": [CONTROL, CONTROL4], "networks": [*networks]},
            "networks": {"tslcd": {"resolvers": [CONTROL]}},
            "addressing": {"allow_documentation_prefixes": True},
        }
    )
    known = catalogue.load()
    made = plan(Inventory(subjects=(WEB, APP)), config, known, profile="quick", name="", now=START)
    net = Internet(
        names=FakeNames(
            records={(subject.name, rtype): (text,) for subject in (WEB, APP) for rtype, text in names.items()}
        )
    )
    net.closed = frozenset(closed)

    @asynccontextmanager
    async def open_net(made: Plan) -> AsyncIterator[Net]:
        yield cast(Net, net)

    assert sites(made) == tuple(subject for subject in (WEB, APP) if subject.network in networks)
    return [(series.subject, series.metric, sample) for series, sample in await look(made, known, open_net, START)]


@pytest.mark.parametrize(("closed", "value"), [([], 1.0), ([V6], 0.0), ([V4], 1.0)])
async def test_look_at_a_site_gives_one_sample(
    monkeypatch: pytest.MonkeyPatch, closed: list[str], value: float
) -> None:
    triples = await looked(monkeypatch, closed=closed, names={"A": V4, "AAAA": V6})
    assert triples == [(WEB.id, WEB_OK, Sample(time=START, value=value))]


@pytest.mark.parametrize(("closed", "value"), [([], 1.0), ([V6], 1.0), ([V4], 1.0), ([V4, V6], 0.0)])
async def test_a_shared_system_works_over_any_family(
    monkeypatch: pytest.MonkeyPatch, closed: list[str], value: float
) -> None:
    triples = await looked(monkeypatch, closed=closed, names={"A": V4, "AAAA": V6}, networks=(Network.TSLCD,))
    assert triples == [(APP.id, APP_OK, Sample(time=START, value=value))]


async def test_from_both_networks_both_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    both = (Network.INTERNET, Network.TSLCD)
    triples = await looked(monkeypatch, names={"A": V4, "AAAA": V6}, networks=both)
    assert [(subject, metric) for subject, metric, _ in triples] == [(WEB.id, WEB_OK), (APP.id, APP_OK)]


async def test_a_site_without_ipv6_has_no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await looked(monkeypatch, names={"A": V4}) == []
