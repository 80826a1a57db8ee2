"""Puts an invented year into a store: twelve monthly counts and a year of samples. Nothing in it was measured.

Findings and samples follow fixed rules, so that every run of a test sees the same year. Samples are taken every three
hours and not every five minutes: the rest of the year is not measured, and a report has to say so.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address

from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Reason
from auditor.framework.message_format import VIETNAM
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import AgencyId, DeclaredFacts, Kind, Network, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from probes.framework.evidence import RunId
from probes.observations.series import IN_RATE, LOSS, OUT_RATE, REACH, WEB_OK
from tests.unit.auditor.stored import START, VANTAGE, Brief, Held, put, row

YEAR = 2026
MONTHS = 12
ORGANISATION = Organisation(
    units=(
        Unit(code=AgencyId("P"), name="UBND tỉnh", level="province"),
        Unit(code=AgencyId("S1"), name="Sở Một", parent=AgencyId("P"), level="department"),
        Unit(code=AgencyId("S2"), name="Sở <Hai> & =1+1", parent=AgencyId("P"), level="department"),
        *(Unit(code=AgencyId(f"X{n}"), name=f"Xã {n}", parent=AgencyId("P"), level="commune") for n in range(4)),
        Unit(code=AgencyId("X0.1"), name="Trạm y tế", parent=AgencyId("X0"), level="office"),
    )
)
WEB = (
    *("ipv6.web.aaaa", "ipv6.web.addr-sane", "ipv6.web.reach", "ipv6.web.http-ok", "ipv6.web.port-parity"),
    *("ipv6.web.same-content", "ipv6.web.tls-parity", "ipv6.web.redirect-chain", "ipv6.path.large-transfer"),
    *("ipv6.web.resources", "security.http.https-exists", "security.http.https-forced", "security.tls.versions"),
    "security.tls.cert-name",
)
POINT = (
    *("tslcd.site.registered", "tslcd.site.reach", "tslcd.site.in-use", "tslcd.site.loss", "tslcd.site.rtt-jitter"),
    *("tslcd.channel.utilisation", "tslcd.ip.dual-stack", "tslcd.site.availability"),
)
NEVER_SAMPLED = SubjectId("diem-x3")
NEW_IN_JULY = SubjectId("diem-x2")
LOOKED_AT = SubjectId("dvc.tinh.vn")
INTERFACE = "ge0"


def subjects(month: int) -> tuple[Subject, ...]:
    """Return the inventory of a month: a portal leaves in May, another joins in August."""
    web = [row(f"so{n}.tinh.vn", Kind.PORTAL, f"S{1 + n % 2}") for n in range(6)]
    web += [row("dvc.tinh.vn", Kind.DVC, "S1")]
    web += [row(f"xa{n}.tinh.vn", Kind.COMMUNE_SITE, f"X{n}") for n in range(4)]
    gone = {SubjectId("so4.tinh.vn")} if month >= 5 else set()
    gone |= {SubjectId("so5.tinh.vn")} if month < 8 else set()
    return (*(subject for subject in web if subject.id not in gone), *points())


def points() -> tuple[Subject, ...]:
    """Return the connection points; one was put into operation in July."""
    made = [row(f"diem-x{n}", Kind.CONNECTION_POINT, f"X{n}") for n in range(4)]
    made.append(row("diem-tram", Kind.CONNECTION_POINT, "X0.1"))
    return tuple(
        replace(
            subject,
            network=Network.TSLCD,
            addresses=(ip_address(f"fd00::{number + 1}"),),
            declared=DeclaredFacts(
                bandwidth_mbps=100.0, activated=date(YEAR, 7, 1) if subject.id == NEW_IN_JULY else None
            ),
        )
        for number, subject in enumerate(made)
    )


def _outcome(month: int, place: int, check: int) -> Outcome:
    """Return an outcome for a month: passes grow from month to month; some checks fail again or are inconclusive."""
    turn = (7 * place + 3 * check) % 12
    if (place + check + month) % 11 == 0:
        return Outcome.INCONCLUSIVE
    if month >= turn + 1:
        return Outcome.PASS if (place * check + month) % 13 else Outcome.FAIL
    return Outcome.FAIL if (place + check) % 3 else Outcome.WARN


def started(month: int) -> datetime:
    return datetime(YEAR, month, 3, 20, 30, tzinfo=UTC)  # already the fourth in Vietnam


def fill_runs(store: Store, frameworks: tuple[str, ...] = ()) -> None:
    """Put the twelve counts into the store, judged and with their figures kept."""
    known = catalogue.load()
    for month in range(1, MONTHS + 1):
        rows = subjects(month)
        findings = {
            str(subject.id): [
                _said(name, _outcome(month, place, number))
                for number, name in enumerate(POINT if subject.kind is Kind.CONNECTION_POINT else WEB)
            ]
            for place, subject in enumerate(rows)
        }
        held = Held(
            name=f"r{month:02}",
            days=(started(month) - START) / timedelta(days=1),
            findings=findings,
            subjects=rows,
            networks=("internet", "tslcd"),
            organisation=ORGANISATION,
            frameworks=frameworks,
            scored=True,
        )
        put(store, held)
        keep(judged_run(RunId(held.name), store, known), store)


def _said(check: str, outcome: Outcome) -> Brief:
    args = {"share": 0.97} if check == "tslcd.site.availability" else {}
    return Brief(check=check, outcome=outcome, reason=Reason.VP if outcome is Outcome.INCONCLUSIVE else None, args=args)


def samples() -> Iterator[tuple[Series, Sample]]:
    """Yield a sample every three hours of every point but one, with outages, gaps, a sick vantage, maintenance."""
    since = datetime(YEAR, 1, 1, tzinfo=VIETNAM).astimezone(UTC)
    for number, point in enumerate(points()):
        if point.id != NEVER_SAMPLED:
            for hour in range(0, 365 * 24, 3):
                if hour % (97 + number) != 0:  # now and then there is no sample at all
                    yield from _samples(point.id, number, hour, since + timedelta(hours=hour))


def looks() -> Iterator[tuple[Series, Sample]]:
    """Yield a look at the portal of public services every other hour, with the same failings."""
    since = datetime(YEAR, 1, 1, tzinfo=VIETNAM).astimezone(UTC)
    series = Series(subject=LOOKED_AT, metric=WEB_OK, vantage=VANTAGE, family=6)
    for hour in range(0, 365 * 24, 2):
        quality = Quality.VANTAGE if hour % 502 == 6 else Quality.MAINTENANCE if hour < 12 else Quality.OK
        yield series, Sample(time=since + timedelta(hours=hour), value=float(hour % 214 >= 4), quality=quality)


def _samples(point: SubjectId, number: int, hour: int, when: datetime) -> Iterator[tuple[Series, Sample]]:
    quality = Quality.OK
    if hour % 501 == 6:
        quality = Quality.VANTAGE
    elif 2_000 <= hour < 2_012:
        quality = Quality.MAINTENANCE
    elif hour % 732 == 12:
        quality = Quality.GAP
    is_up = hour % (150 + 9 * number) >= 3
    values = {(REACH, 0, ""): 1.0 if is_up else 0.0}
    if is_up:
        values[LOSS, 6, ""] = (hour % 5) / 100
        values[IN_RATE, 0, INTERFACE] = 1e6 * ((hour * (number + 3)) % 96)
        values[OUT_RATE, 0, INTERFACE] = 1e6 * ((hour * (number + 2)) % 50)
    for (metric, family, interface), value in values.items():
        series = Series(subject=point, metric=metric, vantage=VANTAGE, family=family, interface=interface)
        yield series, Sample(time=when, value=None if quality is Quality.GAP else value, quality=quality)


def fill_samples(store: Store) -> None:
    """Put the samples into the store and roll them up, as a service does while it runs, but for the last days."""
    with store.batch():
        store.add_round(samples())
        store.add_round(looks())
    rolled_until = datetime(YEAR, 12, 29, tzinfo=VIETNAM).astimezone(UTC)
    store.roll_up(rolled_until, timedelta(hours=7), None)
