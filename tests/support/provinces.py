"""Generates provinces: agencies in a tree, subjects of every kind, some that depend on each other or that moved.

Everything outside the sight of the agency ``OURS`` and of those under it is marked, so that a reader of bytes can tell
it: ids, names and hosts hold ``MARK``, addresses lie in ``OUTSIDE``. What nobody can tell apart is left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from random import Random

from auditor.framework import catalogue
from auditor.framework.check import Check
from auditor.framework.findings import Arg, CheckId, Finding, Level, LevelBasis, Severity, finding_id
from auditor.framework.waivers import WaiverRow
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import AuditRequest
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.waivers import WaiverStore
from auditor.service.store.records import JudgementId, Sample, Series
from auditor.service.store.sql.store import SqlStore
from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.model import AgencyId, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId
from probes.observations import series as names
from probes.observations.feed import FeedSite, MonthlyFeed, SiteMonth
from probes.observations.isolation import ManagementReach

MARK = "bimat"
"""A text that no data readable by OURS contains."""
OUTSIDE = ("2001:db8:5ec:", "198.51.100.")
OURS, UNDER = AgencyId("so-yt"), AgencyId("bv-tinh")
RUNS = (RunId("20260202T013000Z-000001"), RunId("20260302T013000Z-000002"))
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
INVENTORY = "toàn tỉnh"
MOVED = 0.0625
"""The value of every sample of the time when a subject was another's."""
_COLUMNS = "id,agency_code,agency_name,parent_code,unit_level,name,kind,fqdn,ipv4,ipv6,network,site"
_KINDS = ("portal", "zone", "mail", "connection-point", "router", "datacentre", "host")


class Province:
    """Generates a province. ``own``: ids that OURS sees; ``foreign``: the others; ``moved``: own, formerly foreign."""

    def __init__(self, seed: int) -> None:
        self._random, self._number = Random(seed), 0
        above = AgencyId(f"{MARK}-tỉnh")
        self._agencies = {
            above: "",
            AgencyId(f"{MARK}-xd"): above,
            AgencyId(f"{MARK}-xa"): f"{MARK}-xd",
            OURS: above,
            UNDER: OURS,
        }
        self._rows = [self._row(agency) for agency in self._agencies for _ in range(self._random.randint(3, 6))]
        ours = [row for row in self._rows if row[1] in (OURS, UNDER)]
        self.own = [SubjectId(row[0]) for row in ours]
        self.foreign = [SubjectId(row[0]) for row in self._rows if row not in ours]
        self.moved = self._random.sample(self.own, 1 + seed % 2)

    def _row(self, agency: AgencyId) -> list[str]:
        self._number += 1
        number, kind = self._number, self._random.choice(_KINDS)
        ours = agency in (OURS, UNDER)
        mark = "" if ours else f"{MARK}-"
        v4, v6 = ("192.0.2.", "2001:db8:1::") if ours else (OUTSIDE[1], f"{OUTSIDE[0]}:")
        inside = "tslcd" if kind in ("connection-point", "router", "datacentre") else "internet"
        named = f"{mark}s{number}.example.vn" if kind in ("portal", "zone", "mail", "host") else ""
        addressed = ("", "") if kind in ("zone", "mail") else (f"{v4}{number}", f"{v6}{number}")
        return [
            f"{mark}{kind}-{number}",
            agency,
            f"{'' if ours else MARK} Đơn vị {agency}",
            self._agencies[agency],
            "department",
            f"{mark}tên {number}",
            kind,
            named,
            *addressed,
            inside,
            f"{mark}trụ sở {number}",
        ]

    def _inventory(self, *, earlier: bool) -> Inventory:
        rows = [
            [row[0], f"{MARK}-xd", f"{MARK} Đơn vị {MARK}-xd", f"{MARK}-tỉnh", *row[4:]]
            if earlier and row[0] in self.moved
            else row
            for row in self._rows
        ]
        text = "\n".join([_COLUMNS, *(",".join(row) for row in rows)])
        return load_sent([(f"{MARK}.csv", text.encode())]).inventory

    def fill(self, store: SqlStore) -> None:
        """Add two judged runs with findings of every check that names others, and all other data that a store keeps."""
        stock = Inventories(store.database)
        for number, run in enumerate(RUNS):
            inventory, then = self._inventory(earlier=number == 0), NOW - timedelta(days=28 * (1 - number))
            stock.add(INVENTORY, pack(inventory), who="ai", now=then, on=number)
            self._run(store, inventory, run, then)
        self._keep(store)
        for subject in self.moved:
            self._sample(store, subject)

    def _run(self, store: SqlStore, inventory: Inventory, run: RunId, then: datetime) -> None:
        known = catalogue.load()
        made = plan(inventory, Config(), known, profile="quick", name="Quý I", now=then, run=run)
        start_run(made, store, then)
        for subject in inventory.subjects:
            store.add_evidence([self._evidence(subject, run, then, task) for task in ("management", "feed")])
            if subject.id in self.own:  # as when another's portal turns out to stand in this zone
                store.add_owners(run, subject.id, self._random.sample(self.foreign, 2))
            store.mark_measured(run, subject.id)
        self._shared(store, run)
        store.finish_run(run, then)
        first = store.judgement(evaluate(run, store, known, now=then).id)
        second = replace(first, id=JudgementId(f"second-{run}"), judged_at=then + timedelta(hours=1))
        store.add_judgement(second)
        for subject in inventory.subjects:
            store.add_findings(second.id, list(self._findings(subject, run, known.checks)))

    def _shared(self, store: SqlStore, run: RunId) -> None:
        """Add derived subjects of one agency, and of two."""
        for number, owners in enumerate(((self.own[0],), (self.own[0], self.foreign[-1]), (self.foreign[-1],))):
            mine = all(owner in self.own for owner in owners)
            mark = "" if mine else MARK
            base = store.subject(run, owners[0])
            derived = replace(
                base,
                id=SubjectId(f"zone:{mark}{number}"),
                name=f"{mark}{number}",
                agency=None,
                host=None,
                addresses=(),
                derived_from=owners,
                origin=None,
            )
            store.add_subjects(run, [derived])

    def _evidence(self, subject: Subject, run: RunId, then: datetime, task: str) -> Evidence:
        sites = tuple(
            FeedSite(site=each_subject, theirs=SiteMonth(up=True), ours=SiteMonth()) for each_subject in self.foreign
        )
        step = (
            ManagementReach(address=ip_address(f"{OUTSIDE[1]}250"), port=22)
            if task == "management"
            else MonthlyFeed(month=date(2026, 2, 1), received=date(2026, 3, 1), file="cbdtw.csv", sites=sites)
        )
        return Evidence(
            id=evidence_id(run, subject.id, "declared", task, 1),
            run=run,
            subject=subject.id,
            endpoint=None,
            task=task,
            probe="declared",
            probe_version=1,
            attempt=1,
            vantage="local",
            started=then,
            queued=0.0,
            steps=(step,),
        )

    def _findings(self, subject: Subject, run: RunId, checks: Mapping[CheckId, Check]) -> list[Finding]:
        """Return one finding for every code of the checks that name other subjects, for a subject of any kind."""
        ids = tuple(evidence_id(run, subject.id, "declared", task, 1) for task in ("management", "feed"))
        return [
            Finding(
                id=finding_id(subject.id, check.id, None, code, "internet"),
                check=check.id,
                check_version=check.version,
                code=code,
                outcome=message.outcome,
                severity=Severity.HIGH,
                level=Level.REQUIRED,
                level_basis=LevelBasis.VERIFIED,
                subject=subject.id,
                address=None,
                detail=code,
                vantage="local",
                reason=message.reason,
                evidence=ids,
                args={name: self._names(subject) for name in check.others},
            )
            for check in checks.values()
            if check.others
            for code, message in check.messages.items()
        ]

    def _names(self, subject: Subject) -> Arg:
        """Some other subject, or several."""
        others = self._random.sample(self.foreign, 3)
        return (*others, *self.own) if self._random.random() < 0.5 else others[0]

    def _keep(self, store: SqlStore) -> None:
        row = WaiverRow(check="ipv6.web", reason="chờ thiết bị", owner="bà Hoa", until=date(2999, 12, 31))
        for subject in (self.own[0], *self.foreign):
            WaiverStore(store.database).add(replace(row, subject=subject), who="ai", now=NOW)
        for agency in self._agencies:
            WaiverStore(store.database).add(replace(row, agency=agency), who="ai", now=NOW)
        JobQueue(store.database).start(AuditRequest(inventory=INVENTORY, subjects=tuple(self.foreign)), "ai", "::1")

    def _sample(self, store: SqlStore, subject: SubjectId) -> None:
        for interface in ("", f"{MARK}0"):
            series = Series(subject=subject, metric=names.REACH, vantage="local", family=0, interface=interface)
            before = [Sample(time=NOW - timedelta(minutes=5 * n), value=MOVED) for n in range(1, 300)]
            after = [Sample(time=NOW + timedelta(minutes=5 * n), value=1.0) for n in range(1, 20)]
            store.add_samples(series, before if interface else [*before, *after])
