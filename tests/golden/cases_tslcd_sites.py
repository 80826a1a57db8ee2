"""Makes golden cases of ``tslcd.site.*``."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address
from typing import Any

from auditor.framework.context import OwnPath, Sites
from auditor.framework.sample_periods import period
from inventory.model import AgencyId, DeclaredFacts, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, FailureKind
from probes.observations import series as names
from probes.observations.rows import DeclaredPoint, DeclaredUnit
from probes.observations.series import SampleSummary, SeriesWindow
from probes.observations.snmp import SnmpAttempt
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.lab_snmp import named, polled, silent
from tests.golden.lab_tslcd import ROW, XA4, XA6, day, echoes, inside, on, point, sampled, series, stamps

UNIT = Subject(
    id=SubjectId("unit:XA-A"), kind=Kind.UNIT, kinds=frozenset({Kind.UNIT}), agency=AgencyId("XA-A"), name="Xã A"
)
WHOLE = DeclaredPoint(
    subject=SubjectId("xa-a"),
    source="inventory.csv",
    row=7,
    addresses=(ip_address(XA4), ip_address(XA6)),
    site="Trụ sở UBND xã A",
    device="SL-1000",
    channel="CQ-03",
    provider="VNPT",
    bandwidth_mbps=100.0,
    activated=on("2025-07-01"),
)


def registered() -> Iterator[Case]:
    def seen(
        code: str, about: str, *points: DeclaredPoint, level: str = "commune", listed: int = 12, variant: str = ""
    ) -> Case:
        step = DeclaredUnit(code="XA-A", level=level, listed=listed, points=points)
        found = lab.evidence("inventory", step, task="unit:XA-A")
        return Case(
            check="tslcd.site.registered",
            code=code,
            variant=variant,
            about=about,
            subject=UNIT,
            evidence=(found,),
            expect=((code, None),),
        )

    second = replace(WHOLE, subject=SubjectId("xa-a-2"))
    yield seen("REGISTERED", "A whole record.", WHOLE)
    yield seen(
        "REGISTERED", "A second one, marked as such.", WHOLE, replace(second, secondary=True), variant="secondary"
    )
    yield seen("INCOMPLETE", "No bandwidth, no date.", replace(WHOLE, bandwidth_mbps=None, activated=None))
    yield seen("SEVERAL", "Two primary ones.", WHOLE, second)
    yield seen("NO_RECORD", "None, while others have theirs.")
    yield seen("NO_RECORD", "A secondary one alone.", replace(WHOLE, secondary=True), variant="secondary")
    yield seen("NO_LIST", "Nobody has one in this inventory: it says nothing of them.", listed=0)
    yield seen("NOT_COMMUNE", "A department.", level="department")


DEAD = (lab.echo(XA4, 0), lab.echo(XA6, 0), echoes(XA4, 50), echoes(XA6, 50))


def reach() -> Iterator[Case]:
    case = partial(inside, check="tslcd.site.reach", subject=point())
    yield case(code="ANSWERS", about="Echo.", evidence=(echoes(XA4, 0), lab.echo(XA6, 5)), expect=(("ANSWERS", None),))
    answers = (echoes(XA4, 50), lab.echo(XA6, 0), stamps(XA4, 0))
    yield case(
        code="ANSWERS",
        variant="stamp",
        about="Echo is dropped; the STAMP responder answers.",
        evidence=answers,
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="one-address",
        about="One address of two is enough: which family works is another check's question.",
        evidence=(echoes(XA4, 0), lab.echo(XA6, 0)),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="no-echo",
        about="Echo is dropped, SNMP answers.",
        evidence=(*DEAD, polled(address=XA4)),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="refused",
        about="A refused connection came from there.",
        evidence=(*DEAD, lab.tcp(XA4, 22, lab.REFUSED)),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="reset",
        about="A connection that is reset is a sign of life, though it is no control for anybody else.",
        evidence=(*DEAD, lab.tcp(XA4, 22, FailureKind.RESET)),
        expect=(("ANSWERS", None),),
    )
    yield case(code="SILENT", about="No method, no address.", evidence=DEAD, expect=(("SILENT", None),))
    quiet = point(tags=("no-echo",))
    yield case(
        code="NO_METHOD",
        about="By policy it answers no echo; nothing else that could answer was asked.",
        subject=quiet,
        evidence=DEAD,
        expect=(("NO_METHOD", None),),
    )
    yield case(
        code="SILENT",
        variant="no-echo",
        about="By policy it answers no echo; the service that the inventory declares does not answer either.",
        subject=quiet,
        evidence=(*DEAD, lab.tcp(XA4, 443, lab.TIMEOUT), lab.tcp(XA6, 443, lab.TIMEOUT)),
        expect=(("SILENT", None),),
    )
    yield case(
        code="SILENT",
        variant="few-sites",
        about="Three of twelve sites at once are theirs.",
        evidence=DEAD,
        sites=Sites(asked=12, silent=3),
        expect=(("SILENT", None),),
    )
    yield case(
        code="NOT_ACTIVATED",
        trap="C1",
        about="Not in operation before April.",
        subject=point(declared=DeclaredFacts(activated=on("2026-04-11"))),
        evidence=DEAD,
        expect=(("NOT_ACTIVATED", None),),
        gated=True,
    )
    yield case(
        code="NOT_ACTIVATED",
        variant="today",
        trap="C1",
        about="It goes into operation today, and it is morning.",
        subject=point(declared=DeclaredFacts(activated=on("2026-03-02"))),
        evidence=DEAD,
        expect=(("NOT_ACTIVATED", None),),
        gated=True,
    )
    for tag, code in (
        ("maintenance=2026-03-02T06:30+07:00/2026-03-02T10:30+07:00", "MAINTENANCE"),
        ("maintenance=2026-03-01T06:30+07:00/2026-03-01T10:30+07:00", "SILENT"),
    ):
        yield case(
            code=code,
            variant="work",
            trap="C1",
            about="Work was announced for the day of the round, or for the day before.",
            subject=point(tags=(tag,)),
            evidence=DEAD,
            expect=((code, None),),
            gated=code != "SILENT",
        )
    yield case(
        code="SILENT",
        variant="pilot",
        trap="C9",
        about="Three sites in all, of which one is down.",
        evidence=DEAD,
        sites=Sites(asked=3, silent=1),
        expect=(("SILENT", None),),
    )
    yield case(
        code="U_EGR",
        variant="hub",
        trap="T1",
        about="Four of twelve sites are silent at once: it is our own end that is down.",
        evidence=DEAD,
        sites=Sites(asked=12, silent=4),
        expect=(("U_EGR", None),),
        gated=True,
    )
    yield case(
        code="NOT_DECIDED",
        trap="T5",
        about="Silence without any control over echo.",
        evidence=(lab.echo(XA4, 0), lab.echo(XA6, 0)),
        controls=("udp/53",),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="snmp-alone",
        about="SNMP that is silent may be a wrong community.",
        subject=point(XA4),
        evidence=(_silent(),),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, series(names.POINT_REACH, sampled(names.POINT_REACH, names.REACH, day([])))),
        expect=(("NO_ADDRESS", None),),
    )
    yield from _reach_of_days(case)
    yield from _behind_nodes(case)


def _behind_nodes(case: "partial[Case]") -> Iterator[Case]:
    """Yield cases of points behind a node, and of nodes."""
    behind = Sites(asked=12, silent=1, shadows={SubjectId("xa-a"): ("nut-huyen",)})
    day_down = series(
        names.POINT_REACH, sampled(names.POINT_REACH, names.REACH, day([1.0] * 10), periods=[day([0.0] * 288)])
    )
    back = (echoes(XA4, 0), lab.echo(XA6, 5))
    yield case(
        code="IN_SHADOW",
        about="The node before it is down.",
        evidence=DEAD,
        sites=behind,
        expect=(("IN_SHADOW", None),),
    )
    yield case(
        code="IN_SHADOW",
        variant="sampled",
        about="Down for a day, and so is the node now.",
        evidence=(*DEAD, day_down),
        sites=behind,
        expect=(("IN_SHADOW", None),),
    )
    yield case(
        code="ANSWERS",
        variant="beside-a-dead-node",
        about="It answers, whatever leads to it.",
        evidence=back,
        sites=replace(behind, shadows={}),
        expect=(("ANSWERS", None),),
    )
    router = point(kind=Kind.ROUTER)
    node = Sites(asked=12, silent=1, nodes=frozenset({SubjectId("xa-a")}))
    down = replace(node, down=node.nodes)
    yield case(
        code="SILENT",
        variant="node",
        about="A router that points are reached through is down.",
        subject=router,
        evidence=DEAD,
        sites=down,
        expect=(("SILENT", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="node-hides",
        about="It does not answer us, yet nobody is cut off.",
        subject=router,
        evidence=DEAD,
        sites=node,
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="NO_NODE",
        about="A router that nothing is declared to be reached through.",
        subject=router,
        evidence=DEAD,
        expect=(("NO_NODE", None),),
    )


def _silent() -> Evidence:
    one = silent()
    (step,) = one.steps
    moved = replace(step, address=ip_address(XA4), attempts=(SnmpAttempt("core", "3"),))  # type: ignore[call-arg]
    return replace(one, steps=(moved,), endpoint=lab.at(XA4, 161, None))


def _reach_of_days(case: "partial[Case]") -> Iterator[Case]:
    def days(*shares: float, count: int = 288, before: int = 0, begin: int = 0) -> Evidence:
        """``before``: the samples of the days before the last one, where these are others. ``begin``: how many days
        from now the first one begins."""
        counts = [*[before or count] * (len(shares) - 1), count]
        made = [
            day([1.0] * round(share * of) + [0.0] * (of - round(share * of)), n)
            for n, (share, of) in enumerate(zip(shares, counts, strict=True), begin)
        ]
        whole = day([1.0] * 10)
        return series(names.POINT_REACH, sampled(names.POINT_REACH, names.REACH, whole, periods=made))

    def seen(code: str, about: str, *shares: float, variant: str = "", count: int = 288) -> Case:
        found = (*DEAD, days(*shares, count=count))
        return case(code=code, variant=variant, about=about, evidence=found, expect=((code, None),))

    yield seen("UP", "A good day, though silent at this very moment.", 0.2, 0.97)
    yield case(
        code="ANSWERS",
        variant="first-day",
        trap="C1",
        about="Put into operation yesterday, within the last stretch that was sampled.",
        subject=point(declared=DeclaredFacts(activated=on("2026-03-01"))),
        evidence=(echoes(XA4, 0), lab.echo(XA6, 5), days(0.0, 0.0, 0.4, begin=-3)),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="DOWN",
        variant="new",
        trap="C1",
        about="Three bad days, and in operation since the second of them.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-28"))),
        evidence=(*DEAD, days(0.0, 0.0, 0.1, begin=-3)),
        expect=(("DOWN", None),),
    )
    yield seen("OFTEN_AWAY", "Three quarters of the day.", 0.99, 0.75)
    yield seen("DOWN", "One bad day.", 1.0, 0.2)
    yield seen("DOWN", "The third day back was better.", 0.1, 0.8, 0.1, 0.1, variant="interrupted")
    outage = seen("DOWN", "What was sampled before stands, whatever is down now.", 1.0, 0.2, variant="outage")
    yield replace(outage, sites=Sites(asked=12, silent=12))
    yield seen("DISCONNECTED", "Three days in a row.", 1.0, 0.1, 0.0, 0.2)
    yield case(
        code="DOWN",
        variant="hardly-seen",
        about="One bad day; of the two before there is one sample each.",
        evidence=(*DEAD, days(0.0, 0.0, 0.1, before=1)),
        expect=(("DOWN", None),),
    )
    yield seen(
        "SILENT", "A few samples of the day decide nothing: the round does.", 0.0, variant="few-samples", count=12
    )


def availability() -> Iterator[Case]:
    case = partial(inside, check="tslcd.site.availability", subject=point())

    def month(good: int, count: int, gaps: int = 0, vantage: int = 0) -> Evidence:
        whole = day([1.0] * good + [0.0] * (count - good), gaps=gaps, vantage=vantage)
        return series(names.POINT_MONTH, sampled(names.POINT_MONTH, names.REACH, whole, days=30))

    for code, good in (("STEADY", 8_620), ("BELOW", 8_570), ("POOR", 8_000)):
        yield case(code=code, about=f"{good} of 8640.", evidence=(month(good, 8_640),), expect=((code, None),))
    for code, good in (("STEADY", 8_358), ("BELOW", 8_316)):
        bar = (month(good, 8_400, gaps=240),)
        about = f"{good} of 8400: just as much as is asked."
        yield case(code=code, variant="at-the-bar", about=about, evidence=bar, expect=((code, None),))
    others = [
        series(window, sampled(window, metric, day([0.0] * 8_640), days=30))
        for window, metric in ((names.POINT_MONTH, names.LOSS), (names.POINT_REACH, names.REACH))
    ]
    yield case(
        code="STEADY",
        variant="other-series",
        about="What other samples of the point say is the matter of other checks.",
        evidence=(*others, month(8_640, 8_640)),
        expect=(("STEADY", None),),
    )
    yield case(
        code="TOO_FEW",
        variant="a-week-old",
        about="In operation since seven days, and never sampled.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-23"))),
        evidence=(month(0, 0),),
        expect=(("TOO_FEW", None),),
    )
    yield case(
        code="TOO_FEW",
        variant="sick-vantage",
        about="The vantage was sick for 29 days; on the one that it saw the point was away for an hour.",
        evidence=(month(276, 288, vantage=8_352),),
        expect=(("TOO_FEW", None),),
    )
    yield case(code="TOO_FEW", about="A day.", evidence=(month(288, 288, 8_352),), expect=(("TOO_FEW", None),))
    yield case(
        code="TOO_FEW", variant="none", about="Never sampled.", evidence=(month(0, 0),), expect=(("TOO_FEW", None),)
    )
    before, since = [day([0.0] * 288, n) for n in range(-30, -10)], [day([1.0] * 288, n) for n in range(-10, 0)]
    whole = day([0.0] * 20 * 288 + [1.0] * 10 * 288)
    window = sampled(names.POINT_MONTH, names.REACH, whole, periods=[*before, *since], days=30)
    yield case(
        code="STEADY",
        variant="new",
        trap="C1",
        about="In operation since ten days, and up ever since: before it there was nothing to be reached.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-20"))),
        evidence=(series(names.POINT_MONTH, window),),
        expect=(("STEADY", None),),
    )
    noon = [*before, day([0.0] * 144 + [1.0] * 144, -10), *since[1:]]
    window = sampled(names.POINT_MONTH, names.REACH, whole, periods=noon, days=30)
    yield case(
        code="STEADY",
        variant="first-day",
        trap="C1",
        about="The same, and put into operation at noon: nobody knows from which hour on it was to answer.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-20"))),
        evidence=(series(names.POINT_MONTH, window),),
        expect=(("STEADY", None),),
    )
    window = sampled(names.POINT_MONTH, names.REACH, whole, days=30)
    yield case(
        code="TOO_FEW",
        variant="new-without-days",
        about="The same, and which of the samples are of the days since is not known.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-20"))),
        evidence=(series(names.POINT_MONTH, window),),
        expect=(("TOO_FEW", None),),
    )
    yield case(
        code="TOO_YOUNG",
        about="In operation since five days.",
        subject=point(declared=DeclaredFacts(activated=on("2026-02-25"))),
        evidence=(month(0, 0),),
        expect=(("TOO_YOUNG", None),),
    )


_MONDAY = datetime.fromisoformat("2026-01-26T00:00:00+07:00")


def in_use() -> Iterator[Case]:
    case = partial(inside, check="tslcd.site.in-use", subject=point(tags=("wan=ge0",)))

    def month(days: int, busy: int, *, last: bool = True, begin: int = 0) -> Evidence:
        """``busy`` of the working days, at the end or at the begin, with five hours far above the nights. The device is
        on from the hour ``begin``."""
        periods: list[SampleSummary] = []
        workdays = 0
        for number in range(28):
            start = _MONDAY + timedelta(days=number)
            work = start.weekday() < 5 and workdays < days
            workdays += work
            used = work and (workdays > days - busy if last else workdays <= busy)
            for hour in range(begin, 24) if work or workdays < days else ():
                rate = 5e6 if used and hour in (8, 9, 10, 14, 15) else 2e3
                periods.append(period(start + timedelta(hours=hour), [rate] * 12))
        steps = [
            sampled(names.CHANNEL_USE, metric, day([1.0]), periods=periods, interface="ge0", days=31, step=3_600)
            for metric in (names.IN_RATE, names.OUT_RATE)
        ]
        return series(names.CHANNEL_USE, *steps)

    yield case(code="USED", about="Every day.", evidence=(month(20, 20),), expect=(("USED", None),))
    yield case(code="SELDOM", about="Half of them.", evidence=(month(20, 10),), expect=(("SELDOM", None),))
    yield case(code="RARELY", about="Three of them.", evidence=(month(20, 3),), expect=(("RARELY", None),))
    yield case(code="ON_PAPER", about="Never.", evidence=(month(20, 0),), expect=(("ON_PAPER", None),))
    yield case(
        code="ON_PAPER",
        variant="since-two-weeks",
        about="Used at the begin of the month, idle for ten working days since.",
        evidence=(month(20, 10, last=False),),
        expect=(("ON_PAPER", None),),
    )
    yield case(
        code="TOO_FEW",
        variant="new",
        trap="C1",
        about="The device is read since four weeks and in operation since one: nobody was to use it before.",
        subject=point(tags=("wan=ge0",), declared=DeclaredFacts(activated=on("2026-02-15"))),
        evidence=(month(20, 0),),
        expect=(("TOO_FEW", None),),
    )
    for code, busy, off, about, variant in (
        ("USED", 15, ("2026-02-16", "2026-02-20"), "Every day but those of Tết, which are none.", "tet"),
        ("SELDOM", 10, ("02-16", "02-20"), "A week idle before Tết: that is no two weeks.", "tet"),
        ("HOLIDAYS", 0, ("01-01", "12-31"), "Nobody worked at all, by the calendar.", ""),
    ):
        idle_last = (month(20, busy, last=False),)
        yield case(code=code, variant=variant, about=about, evidence=idle_last, holidays=(off,), expect=((code, None),))
    yield from _in_use_by_the_hour(case)
    yield case(code="TOO_FEW", about="A week.", evidence=(month(5, 5),), expect=(("TOO_FEW", None),))
    yield case(
        code="TOO_FEW",
        variant="none",
        about="Never sampled.",
        evidence=(series(names.CHANNEL_USE, sampled(names.CHANNEL_USE, names.IN_RATE, day([]))),),
        expect=(("TOO_FEW", None),),
    )


def _in_use_by_the_hour(case: "partial[Case]") -> Iterator[Case]:
    def month(rate: Callable[[bool, int], float], interface: str = "ge0", begin: int = 0) -> list[SeriesWindow]:
        """Return four weeks; ``rate`` of each direction, by whether it is a working day, and the hour."""
        starts = [_MONDAY + timedelta(days=n, hours=hour) for n in range(28) for hour in range(begin, 24)]
        periods = [period(start, [rate(start.weekday() < 5, start.hour)] * 12) for start in starts]
        return [
            sampled(names.CHANNEL_USE, metric, day([1.0]), periods=periods, interface=interface, days=31, step=3_600)
            for metric in (names.IN_RATE, names.OUT_RATE)
        ]

    def seen(code: str, about: str, variant: str, *steps: SeriesWindow, **more: Any) -> Case:
        found = (series(names.CHANNEL_USE, *steps),)
        return case(code=code, variant=variant, trap="C2", about=about, evidence=found, expect=((code, None),), **more)

    def office(work: bool, hour: int) -> bool:
        return work and hour in (7, 8, 9, 10, 11, 13, 14, 15, 16)

    replicating = month(lambda work, hour: 8e6 if hour < 3 else 4e6 if office(work, hour) else 2e3)
    yield seen("USED", "Replication by night is larger than the work by day.", "replication", *replicating)
    filming = month(lambda work, hour: 4e6 + (1.5e6 if office(work, hour) else 0))
    yield seen("USED", "Cameras run day and night.", "cameras", *filming)
    updating = month(lambda work, hour: 3e5 if office(work, hour) else 2.1e5 if hour < 5 else 2e4)
    yield seen("USED", "A small office; updates are fetched by night.", "updates", *updating)
    alive = month(lambda work, hour: 4e3 if office(work, hour) else 2e3)
    yield seen("ON_PAPER", "Keep-alive, and twice as much of it by day.", "keep-alive", *alive)
    day_alone = month(lambda work, hour: 2e3, begin=6)
    yield seen("ON_PAPER", "Keep-alive of a device that is switched off at night.", "day-alone", *day_alone)
    lan = month(lambda work, hour: 5e6 if office(work, hour) else 2e3, "lan0")
    untagged = [*month(lambda work, hour: 2e3, "wan0"), *lan]
    yield seen("NO_WAN", "A LAN that is busy is no use of TSLCD.", "", *untagged, subject=point())
    for variant, name, tags, about in (
        ("loopback", "Loopback0", (), "The address of the row is that of a loopback, over which nothing flows."),
        ("vlan", "Vlan100", ("wan=Vlan100",), "A switch counts on its VLANs what its processor sees alone."),
    ):
        quiet = month(lambda work, hour: 2e3, name)
        yield seen("NOT_COUNTED", about, variant, *quiet, subject=point(tags=tags))
    unit = "GigabitEthernet0/0/1.100"
    still = [replace(step, whole=day([0.0])) for step in month(lambda work, hour: 0.0, unit)]
    about = (
        "The address of the row is on a sub-interface, on which Huawei's routers count nothing before they are told to."
    )
    yield seen("NOT_COUNTED", about, "unit", *still, subject=point())
    about = "A sub-interface that the row names by its description."
    still = [replace(step, whole=day([0.0])) for step in month(lambda work, hour: 0.0, "TSLCD")]
    yield case(
        code="NOT_COUNTED",
        variant="alias",
        about=about,
        evidence=(series(names.CHANNEL_USE, *still), named(unit)),
        expect=(("NOT_COUNTED", None),),
        subject=point(tags=("wan=TSLCD",)),
    )
    still = [replace(step, whole=day([0.0])) for step in month(lambda work, hour: 0.0, "ge0")]
    about = "Counters of 64 bits that stand still while our own questions pass the port."
    yield seen("NOT_COUNTED", about, "port", *still, subject=point())
    quiet = month(lambda work, hour: 2e3, unit)
    about = "A sub-interface that counts, and hardly anything but keep-alive."
    yield seen("ON_PAPER", about, "unit", *quiet, subject=point())
    counting = month(lambda work, hour: 4e6 if office(work, hour) else 2e3, "Vlan100")
    yield seen("USED", "It counts more than its own.", "vlan", *counting, subject=point(tags=("wan=Vlan100",)))
    idle = [*month(lambda work, hour: 2e3, "ge0"), *month(lambda work, hour: 1e3, "ge1")]
    about = "Whichever of the two leads to TSLCD carries nothing."
    yield seen("ON_PAPER", about, "any-of-two", *idle, subject=point())
    busy = [*month(lambda work, hour: 4e6 if office(work, hour) else 2e3, "ge0"), *lan]
    yield seen("USED", "Whichever of the two leads to TSLCD is used.", "any-of-two", *busy, subject=point())


NOTHING_SAMPLED = series(names.POINT_QUALITY, sampled(names.POINT_QUALITY, names.LOSS, day([]), family=4))


def loss() -> Iterator[Case]:
    case = partial(inside, check="tslcd.site.loss", subject=point(XA4))

    def seen(code: str, about: str, *found: Evidence, variant: str = "", **more: Any) -> Case:
        return case(
            code=code, variant=variant, about=about, evidence=(*found, NOTHING_SAMPLED), expect=((code, XA4),), **more
        )

    yield seen("LOW", "None of 50.", echoes(XA4, 0))
    yield seen("FEW_LOST", "One of 70: 1.4 %, and by chance none.", echoes(XA4, 0, slow=1), trap="C7")
    yield seen("FEW_LOST", "20 of 50, and 8 of 20 slow ones.", echoes(XA4, 20, slow=8), variant="many")
    yield seen("SOME", "Four of 420.", echoes(XA4, 3, slow=1, count=400))
    yield seen("HIGH", "A tenth of 420.", echoes(XA4, 40, slow=2, count=400))
    lossy = {4: OwnPath(mtu=1500, sent=60, lost=6)}
    yield seen("NEAR_US", "A tenth is lost near us.", echoes(XA4, 36, slow=2, count=400), own=lossy)
    yield seen("HIGH", "Far more than near us.", echoes(XA4, 90, slow=5, count=400), variant="own-loss", own=lossy)
    some = {4: OwnPath(mtu=1500, sent=60, lost=2)}
    yield seen("NEAR_US", "Three in a hundred, as near us.", echoes(XA4, 13, count=400), variant="some", own=some)
    yield seen(
        "HIGH", "More than chance makes of two lost near us.", echoes(XA4, 60, count=400), variant="some", own=some
    )
    yield seen("POLICED", "20 of 50 close together, none of the slow ones: a limit, no loss.", echoes(XA4, 20, slow=0))
    policed = echoes(XA4, 20, slow=0)
    yield seen("LOW", "Echo is limited on the way; test packets are not.", policed, stamps(XA4, 0), variant="stamp")
    yield seen("FEW_LOST", "Ten test packets are lost.", echoes(XA4, 0), stamps(XA4, 10), variant="stamp")
    yield seen(
        "LOW", "No echo at all, and a responder that answers.", echoes(XA4, 50), stamps(XA4, 0), variant="no-echo"
    )
    yield seen("LOW", "The responder does not run: echo tells.", echoes(XA4, 0), stamps(XA4, 50), variant="no-stamp")
    refused = stamps(XA4, 0, failure=FailureKind.REFUSED)
    yield seen("POLICED", "The same where nobody listens at its port.", policed, refused, variant="stamp-refused")
    yield seen("NOT_MEASURED", "No echo at all: reach's finding.", echoes(XA4, 50))
    yield seen(
        "NOT_MEASURED", "Cut short by us.", lab.echo(XA4, 0, failure=FailureKind.CUT_SHORT), variant="cut", trap="T5"
    )
    yield case(
        code="LOW",
        variant="both",
        about="Each address by itself.",
        subject=point(),
        evidence=(echoes(XA4, 0), echoes(XA6, 200, slow=10, count=400)),
        expect=(("LOW", XA4), ("HIGH", XA6)),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, NOTHING_SAMPLED),
        expect=(("NO_ADDRESS", None),),
    )
    for code, mean, peak in (("LOW_DAY", 0.001, 0.01), ("SOME_DAY", 0.002, 0.04), ("HIGH_DAY", 0.1, 0.2)):
        quiet, loud = round(288 * (1 - 0.06)), 288 - round(288 * (1 - 0.06))
        rest = (mean * 288 - peak * loud) / quiet
        whole = day([max(rest, 0.0)] * quiet + [peak] * loud)
        found = series(names.POINT_QUALITY, sampled(names.POINT_QUALITY, names.LOSS, whole, family=4, days=1))
        yield case(code=code, about=f"{mean} in the mean.", evidence=(echoes(XA4, 0), found), expect=((code, XA4),))
        if code == "SOME_DAY":
            yield case(
                code="NEAR_US",
                variant="day",
                about="As much is lost near us.",
                evidence=(echoes(XA4, 0), found),
                own=lossy,
                expect=(("NEAR_US", XA4),),
            )
    for code, variant, values in (
        ("LOW_DAY", "at-the-bar", [0.0] * 108 + [0.02] * 36),
        ("SOME_DAY", "at-the-bar", [0.0] * 90 + [0.04] * 54),
    ):
        found = series(names.POINT_QUALITY, sampled(names.POINT_QUALITY, names.LOSS, day(values), family=4, days=1))
        about = "Half a day sampled; the mean or the peak is just what may be."
        yield case(code=code, variant=variant, about=about, evidence=(echoes(XA4, 50), found), expect=((code, XA4),))
    families = [
        sampled(names.POINT_QUALITY, names.LOSS, day([share] * 288), family=family, days=1)
        for family, share in ((4, 0.1), (6, 0.0))
    ]
    yield case(
        code="HIGH_DAY",
        variant="other-family",
        about="That nothing is lost over IPv6 says nothing of IPv4.",
        evidence=(echoes(XA4, 0), series(names.POINT_QUALITY, *families)),
        expect=(("HIGH_DAY", XA4),),
    )
    lost, spared = day([0.1] * 288), day([0.0] * 286 + [1 / 3] * 2)
    for code, variant, slow in (("POLICED", "day", spared), ("HIGH_DAY", "slow-too", day([1 / 3] * 90 + [0.0] * 198))):
        steps = (
            sampled(names.POINT_QUALITY, names.LOSS, lost, family=4, days=1),
            sampled(names.POINT_QUALITY, names.LOSS_SLOW, slow, family=4, days=1),
        )
        yield case(
            code=code,
            variant=variant,
            about="A tenth lost all day; of those that left slowly two of 864, or a tenth as well.",
            evidence=(echoes(XA4, 0), series(names.POINT_QUALITY, *steps)),
            expect=((code, XA4),),
        )


def nearest(own: float) -> dict[int, OwnPath]:
    """Return the path of a vantage inside TSLCD whose nearest control is ``own`` milliseconds away."""
    return {4: OwnPath(mtu=1500, milliseconds=own + 40, nearest=own, sent=60)}


def rtt_jitter() -> Iterator[Case]:
    case = partial(inside, check="tslcd.site.rtt-jitter", subject=point(XA4))

    def seen(
        code: str, about: str, found: Evidence, variant: str = "", *more: Evidence, own: float | None = None
    ) -> Case:
        every = (found, *more, NOTHING_SAMPLED)
        made = case(code=code, variant=variant, about=about, evidence=every, expect=((code, XA4),))
        return made if own is None else replace(made, own=nearest(own), networks=frozenset({Network.TSLCD}))

    yield seen("SHORT", "8 ms.", echoes(XA4, 0))
    slow = echoes(XA4, 0, rtt=0.3)
    yield seen("SHORT", "Echo is answered late, test packets are not.", slow, "stamp", stamps(XA4, 0))
    yield seen("LONG", "70 ms.", echoes(XA4, 0, rtt=0.070))
    uneven = echoes(XA4, 0, spread=0.040)
    yield seen("UNEVEN", "Uneven by 40 ms within a second, which may be a moment of a busy line.", uneven)
    busy = echoes(XA4, 0, spread=0.3)
    yield seen("UNEVEN", "Half of a second's packets wait 300 ms; the others take 8 ms.", busy, "busy")
    yield seen(
        "LONG", "Never under 70 ms: that is the way, however busy it is.", echoes(XA4, 0, rtt=0.070, spread=0.3), "busy"
    )
    yield seen("TOO_LONG", "300 ms.", echoes(XA4, 0, rtt=0.3))
    far = echoes(XA4, 0, rtt=0.6)
    yield seen("NEAR_US", "600 ms, and 580 to our own controls: our satellite.", far, own=580.0)
    yield seen("TOO_LONG", "600 ms, 300 of them our own way.", far, "own-way", own=300.0)
    yield seen("LONG", "Of 600 ms 520 are our own way.", far, "own-way", own=520.0)
    both = seen("TOO_LONG", "Controls on the Internet may be far away there.", far, "on-the-internet", own=580.0)
    yield replace(both, networks=frozenset({Network.INTERNET, Network.TSLCD}))
    yield seen("TOO_LONG", "600 ms; the nearest control takes 3.", far, "control-near", own=3.0)
    yield seen("NOT_MEASURED", "No echo at all: reach's finding.", echoes(XA4, 50))
    yield seen("NOT_MEASURED", "A single reply shows no change.", echoes(XA4, 49), "single")
    yield case(
        code="SATELLITE",
        about="Declared.",
        subject=point(XA4, tags=("satellite",)),
        evidence=(echoes(XA4, 0, rtt=0.6),),
        expect=(("SATELLITE", None),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row without addresses.",
        subject=replace(point(), addresses=()),
        evidence=(ROW, NOTHING_SAMPLED),
        expect=(("NO_ADDRESS", None),),
    )
    for code, delay, rough, about in (
        ("SHORT_DAY", 0.012, 17, "17 rough slots of 288 make no rough day: the p95 of the slots' p95 is 58 ms."),
        ("LONG_DAY", 0.07, 0, "70 ms all day."),
        ("TOO_LONG_DAY", 0.12, 0, "Samples of a day count for more than this moment."),
    ):
        whole = [
            sampled(names.POINT_QUALITY, names.RTT_MEDIAN, day([delay] * 288), family=4, days=1),
            sampled(
                names.POINT_QUALITY, names.JITTER_P95, day([0.058] * rough + [0.002] * (288 - rough)), family=4, days=1
            ),
        ]
        sampled_day = (echoes(XA4, 0), series(names.POINT_QUALITY, *whole))
        yield case(code=code, trap="C4", about=about, evidence=sampled_day, expect=((code, XA4),))
        if code == "TOO_LONG_DAY":
            yield case(
                code="NEAR_US",
                variant="day",
                about="As long as to our own controls.",
                evidence=sampled_day,
                own=nearest(90.0),
                networks=frozenset({Network.TSLCD}),
                expect=(("NEAR_US", XA4),),
            )
    uneven_day = [
        sampled(names.POINT_QUALITY, metric, day([seconds] * 288), family=4, days=1)
        for metric, seconds in ((names.RTT_MEDIAN, 0.02), (names.JITTER_P95, 0.058))
    ]
    for code, own, about in (
        ("NEAR_US_UNEVEN", 50.0, "All day long uneven by 58 ms, and our own line by 50."),
        ("TOO_LONG_DAY", 3.0, "All day long uneven by 58 ms, and our own line by 3."),
    ):
        yield case(
            code=code,
            variant="uneven" if code == "TOO_LONG_DAY" else "",
            trap="C4",
            about=about,
            evidence=(echoes(XA4, 0), series(names.POINT_QUALITY, *uneven_day)),
            own={4: OwnPath(mtu=1500, milliseconds=4.0, nearest=3.0, uneven=own, sent=60)},
            networks=frozenset({Network.TSLCD}),
            expect=((code, XA4),),
        )


def cases() -> Iterator[Case]:
    for of_check in (registered, reach, availability, in_use, loss, rtt_jitter):
        yield from of_check()
