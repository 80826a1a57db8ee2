"""Figures, scores and standings of a document equal those that separate code counts from its findings.

The provinces are made at random, with every kind of subject and every rule that has an exception.
"""

import csv
import io
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Arg, Outcome, Reason, Severity, Waiver
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from inventory.model import DEVICE_KINDS, WEB_KINDS, AgencyId, DeclaredFacts, Kind, Network, Subject
from inventory.organisation import Organisation, Unit
from probes.framework.evidence import RunId
from reports.report_texts import say
from tests.support.recounting import FIGURES, NO_AGENCY, differences, figures, standings
from tests.unit.auditor.stored import START, Brief, Held, put, row
from tests.unit.reports import reading

ORGANISATION = Organisation(
    units=(
        Unit(code=AgencyId("P"), name="UBND tỉnh", level="province"),
        Unit(code=AgencyId("S1"), name="Sở Một", parent=AgencyId("P"), level="department"),
        *(
            Unit(code=AgencyId(f"X{n}"), name=f"Xã {n}", parent=AgencyId("P"), level=level)
            for n, level in enumerate(("commune", "Phường", "xã", "đặc khu", "commune"))
        ),
        Unit(code=AgencyId("X0.1"), name="Trạm y tế", parent=AgencyId("X0"), level="office"),
        Unit(code=AgencyId("X9"), name="Xã cũ", parent=AgencyId("P"), level="commune", valid_to=date(2025, 7, 1)),
    )
)
AGENCIES = (*(str(unit.code) for unit in ORGANISATION.units), "elsewhere", None)
SERVICE = (
    "ipv6.web.aaaa",
    "ipv6.web.addr-sane",
    "ipv6.web.reach",
    "ipv6.web.http-ok",
    "ipv6.web.port-parity",
    "ipv6.web.same-content",
    "ipv6.web.tls-parity",
    "ipv6.web.redirect-chain",
    "ipv6.path.large-transfer",
    "ipv6.web.resources",
    "security.http.https-exists",
    "security.http.https-forced",
    "security.tls.versions",
    "security.tls.cert-name",
    "security.tls.cert-chain",
    "security.ports.v4v6-parity",
    "tslcd.channel.redundancy",
    "tslcd.gateway.level",
    "ipv6.web.domain-scheme",
)
ZONE = (
    "ipv6.dns.ns-aaaa",
    "ipv6.dns.ns-reach",
    "ipv6.dns.ns-reach-tcp",
    "ipv6.dns.ns-addr-sane",
    "ipv6.dns.ns-all-dual",
    "ipv6.dns.v6-only-resolve",
    "security.dns.dnssec",
    "security.dns.axfr",
)
MAIL = (
    "ipv6.mail.mx-aaaa",
    "ipv6.mail.mx-reach",
    "security.mail.mx",
    "security.mail.dmarc",
    "security.mail.spf",
    "security.mail.dkim",
    "security.mail.starttls",
)
DEVICE = (
    "ipv6.device.capability",
    "ipv6.device.if-enabled",
    "ipv6.device.global-address",
    "ipv6.device.forwarding",
    "ipv6.device.default-route",
    "ipv6.device.igp-v6",
    "ipv6.device.bgp-v6",
    "ipv6.device.traffic",
    "ipv6.device.plan-conformance",
    "security.snmp.v3",
    "security.snmp.v1v2-off",
    "security.snmp.write-access",
    "security.snmp.default-community",
    "security.ports.cleartext",
    "tslcd.ip.plan",
)
SWITCH = tuple(text for text in DEVICE if not text.startswith("ipv6.device.") or text == "ipv6.device.capability")
POINT = (
    "tslcd.site.reach",
    "tslcd.site.in-use",
    "tslcd.site.loss",
    "tslcd.site.rtt-jitter",
    "tslcd.channel.utilisation",
    "tslcd.ip.dual-stack",
    "tslcd.site.availability",
    "tslcd.channel.redundancy",
    "tslcd.device.min-spec",
    "tslcd.device.power",
    "security.ports.v4v6-parity",
)
CENTRE = ("tslcd.dc.redundancy", "tslcd.channel.utilisation", "tslcd.isolation.vpn", "tslcd.gateway.level")
ASKED: Mapping[Kind, tuple[str, ...]] = {
    **dict.fromkeys(WEB_KINDS, SERVICE),
    **dict.fromkeys(DEVICE_KINDS, DEVICE),
    Kind.ACCESS_SWITCH: SWITCH,
    Kind.ZONE: ZONE,
    Kind.MAIL: MAIL,
    Kind.CONNECTION_POINT: POINT,
    Kind.DATACENTRE: CENTRE,
    Kind.HOST: ("security.ports.v4v6-parity", "tslcd.channel.redundancy"),
    Kind.UNIT: ("tslcd.site.registered",),
}
PRESENCE = frozenset(
    {
        "ipv6.web.aaaa",
        "ipv6.dns.ns-aaaa",
        "ipv6.mail.mx-aaaa",
        "ipv6.device.if-enabled",
        "ipv6.device.global-address",
        "ipv6.device.traffic",
        "tslcd.ip.dual-stack",
    }
)
RATES = ("v6_rate", "v4_rate")
EN = Texts("en")
WAIVER = Waiver(reason="Đang thay", owner="Sở Một", until=None)
SEVERITIES = {check: list(Severity)[n % len(Severity)] for n, check in enumerate(sorted({*sum(ASKED.values(), ())}))}
WEIGHTS = ((300, 2, 1, 1, 1, 0), (12, 2, 1, 2, 1, 0), (8, 2, 3, 2, 2, 1))
"""The weight of each outcome in a province, in the order of ``Outcome``."""


def _subjects(dice: random.Random, organisation: Organisation, *, with_units: bool) -> Iterator[Subject]:
    for kind in sorted(kind for kind in ASKED if kind is not Kind.UNIT):
        of_commune = kind is Kind.CONNECTION_POINT
        for number in range(dice.randrange(5, 9) if of_commune else dice.randrange(3, 7)):
            agency = dice.choice(AGENCIES[2:8] if of_commune else AGENCIES)
            made = row(f"{kind.value}-{number}.tinh.vn", kind, agency)
            tags = ("secondary",) if kind is Kind.CONNECTION_POINT and dice.random() < 0.3 else ()
            declared = DeclaredFacts(security_level=dice.choice((None, 3, 4, 5)))
            network = dice.choice(list(Network))
            yield replace(made, declared=declared, tags=tags, network=network)
    for unit in organisation.units_in_force(START.date()) if with_units else ():
        yield replace(row(f"unit:{unit.code}", Kind.UNIT, str(unit.code)), network=Network.TSLCD)


def _zoned(subjects: list[Subject], dice: random.Random) -> list[Subject]:
    """Return subjects with some zones derived from services: these zones' outcomes count in the ladders."""
    web = [subject.id for subject in subjects if subject.kinds & WEB_KINDS]
    dice.shuffle(web)
    return [
        replace(subject, derived_from=(web.pop(), web.pop())) if subject.kind is Kind.ZONE and len(web) > 1 else subject
        for subject in subjects
    ]


def _all_said(dice: random.Random, kind: Kind, weights: tuple[int, ...]) -> Iterator[Brief]:
    """Yield results of most checks; for one subject in five, those asking for IPv6 are exempt or planned for later."""
    excuse = dice.choice((*[""] * 8, "EXEMPT", "PLANNED"))
    for check in ASKED[kind]:
        if excuse and check in PRESENCE:
            yield Brief(check=check, outcome=Outcome.NOT_APPLICABLE, code=excuse, severity=SEVERITIES[check])
        elif dice.random() < 0.9:
            yield from _said(dice, check, weights)


def _said(dice: random.Random, check: str, weights: tuple[int, ...]) -> Iterator[Brief]:
    for number in range(dice.choice((1, 1, 1, 2, 3))):
        outcome = dice.choices(list(Outcome), weights=weights)[0]
        code, reason = "", None
        if outcome is Outcome.NOT_APPLICABLE:
            code = dice.choice(("", "EXEMPT", "PLANNED", "BEFORE_RULE"))
        if outcome is Outcome.PASS and check == "security.dns.dnssec":
            code = dice.choice(("SECURE", "INSECURE_HOST"))
        if outcome is Outcome.WARN and check == "security.dns.dnssec":
            code = "STALE_SERVERS"
        if outcome is Outcome.INCONCLUSIVE:
            reason = dice.choice((Reason.VP, Reason.SCOPE, Reason.SMPL))
        yield Brief(
            check=check,
            outcome=outcome,
            code=code,
            reason=reason,
            severity=SEVERITIES[check],
            waived=WAIVER if outcome is Outcome.FAIL and dice.random() < 0.3 else None,
            address=None if number == 0 else f"2001:db8::{number}",
            args=_args(dice, check, number, outcome),
        )


def _args(dice: random.Random, check: str, number: int, outcome: Outcome) -> Mapping[str, Arg]:
    if number or outcome not in (Outcome.PASS, Outcome.WARN, Outcome.FAIL):
        return {}
    if check == "tslcd.site.availability":
        return {"share": round(dice.random(), 4)}
    return {name: round(1000 * dice.random(), 3) for name in RATES} if check == "ipv6.device.traffic" else {}


@cache
def report(seed: int, organisation: Organisation = ORGANISATION, *, with_units: bool = True) -> StoredReport:
    dice = random.Random(seed)
    weights = WEIGHTS[seed % len(WEIGHTS)]
    subjects = _zoned(list(_subjects(dice, organisation, with_units=with_units)), dice)
    findings = {str(subject.id): list(_all_said(dice, subject.kind, weights)) for subject in subjects}
    store, known = MemoryStore(), catalogue.load()
    held = Held(
        name="r",
        findings=findings,
        subjects=tuple(subjects),
        organisation=organisation,
        scored=True,
        networks=("internet", "tslcd"),
    )
    put(store, held)
    keep(judged_run(RunId("r"), store, known), store)
    return StoredReport(judged_run(RunId("r"), store, known), store, known)


@cache
def _json(seed: int, organisation: Organisation, *, with_units: bool) -> bytes:
    return reading.only(report(seed, organisation, with_units=with_units), "json")


def document(seed: int, organisation: Organisation = ORGANISATION, *, with_units: bool = True) -> dict[str, Any]:
    """Return the document anew for each test, some of which change it."""
    found: dict[str, Any] = json.loads(_json(seed, organisation, with_units=with_units))
    return found


@cache
def sheets(seed: int) -> Mapping[str, reading.Cells]:
    """Read the workbook back once for all tests: they change nothing in it, and that takes seconds."""
    return reading.sheets(report(seed))


SEEDS = range(15)


@pytest.mark.parametrize("seed", SEEDS)
def test_document_recounted_from_its_findings_differs_in_nothing(seed: int) -> None:
    assert differences(document(seed)) == []


@pytest.mark.parametrize("without_parent", [("P",), ("P", "S1"), AGENCIES[:-2]])
@pytest.mark.parametrize("with_levels", [True, False])
def test_document_of_units_that_name_no_parent_differs_in_nothing(
    without_parent: tuple[str, ...], with_levels: bool
) -> None:
    units = tuple(
        replace(
            unit, parent=None if unit.code in without_parent else unit.parent, level=unit.level if with_levels else ""
        )
        for unit in ORGANISATION.units
    )
    made = document(8, Organisation(units=units))
    assert differences(made) == []
    standing = {id_: one for framework, id_, one, _ in standings(made) if framework == "ipv6-for-gov"}
    assert (standing["2-portal"] == "nothing") == (not with_levels and len(without_parent) > 1)


def test_document_of_a_network_in_which_units_are_no_subjects_differs_in_nothing() -> None:
    made = document(8, with_units=False)
    assert differences(made) == []
    standing = {id_: one for framework, id_, one, _ in standings(made) if framework == "ipv6-for-gov"}
    assert standing["2-portal"] != "nothing"


def test_every_figure_and_every_place_occurs_in_the_random_provinces() -> None:
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for seed in SEEDS:
        for name, one in document(seed)["rollup"]["total"]["figures"].items():
            seen[name].update({part: one[part] for part in ("met", "of", "unknown", "exempt", "planned", "waived")})
    assert set(seen) == set(FIGURES)
    assert {name for name, one in seen.items() if not 0 < one["met"] < one["of"]} == set()
    assert {name for name, one in seen.items() if not one["unknown"]} == {"K20"}
    assert {name for name, one in seen.items() if one["planned"]} >= {"K08", "K11", "K13.enabled"}


@pytest.mark.parametrize("part", ["met", "of", "unknown", "exempt", "planned", "low"])
def test_difference_in_a_figure_is_found(part: str) -> None:
    made = document(0)
    made["rollup"]["total"]["figures"]["K15"][part] = 77
    assert [difference[0][0] for difference in differences(made)] == ["K15"]  # type: ignore[index]


def test_difference_in_a_standing_a_score_or_a_ladder_is_found() -> None:
    made = document(0)
    made["frameworks"][0]["requirements"][0]["standing"] = "-"
    made["subjects"][0]["scores"]["security"]["score"] = 101
    next(one for one in made["subjects"] if one["ladders"])["ladders"] = {}
    assert len(differences(made)) == 3


def _rows(seed: int, name: str) -> list[dict[str, Any]]:
    """Return the findings as one format has them; numbers that no table has come from the document."""
    if name == "jsonl":
        return reading.lines(report(seed), "jsonl")
    heads, *lines = list(csv.reader(io.StringIO(reading.only(report(seed), "csv").decode("utf-8-sig"))))
    book = sheets(seed)[say(EN, "findings_sheet")][1:] if name == "xlsx" else lines
    rows: list[list[Any]] = [list(row) for row in book]
    args = {one["id"]: one["args"] for one in document(seed)["findings"]}
    table = [dict(zip(heads, row, strict=False)) for row in rows]
    return [
        {
            **one,
            "id": one["finding"],
            "address": one["address"] or None,
            "detail": one["detail"] or None,
            "reason": one["reason"] or None,
            "waived": bool(one["waived"]),
            "args": args[one["finding"]],
        }
        for one in table
    ]


@pytest.mark.parametrize("name", ["jsonl", "csv", "xlsx"])
@pytest.mark.parametrize("seed", [0, 1])
def test_findings_of_tables_and_lines_recounted_differ_in_nothing(seed: int, name: str) -> None:
    assert differences({**document(seed), "findings": _rows(seed, name)}) == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_figures_of_the_workbook_are_those_counted_again(seed: int) -> None:
    made = document(seed)
    units = {one["agency"]: one["name"] for one in made["rollup"]["units"]}
    units |= {None: say(EN, "whole"), NO_AGENCY: say(EN, "no_agency")}
    wanted = Counter(
        (units[unit], name, *counted.counts)
        for name, by_unit in figures(made).items()
        for unit, counted in by_unit.items()
        if any(counted.counts)
    )
    _, *rows = sheets(seed)[say(EN, "figures")]
    assert Counter((row[0], row[1], *row[3:7]) for row in rows) == wanted


@pytest.mark.parametrize("seed", [0, 1])
def test_figures_that_are_printed_are_those_counted_again(seed: int) -> None:
    """Text, page and print: the count of each figure of the whole stands behind its name."""
    shown = (
        re.sub(r"\s+", " ", reading.only(report(seed), "text").decode()),
        reading.page(report(seed)),
        reading.printed(report(seed)),
    )
    for name, by_unit in figures(document(seed)).items():
        met, of, unknown, _ = by_unit[None].counts
        if not of:
            continue
        counts = f"({met} of {of})" if unknown * 10 <= of else f"of all {of} between"
        counts = f"none of {of} decided" if unknown == of else counts
        counts = f"(measured on {of - unknown} of {of})" if by_unit[None].share() is not None else counts
        for text in shown:
            places = [match.end() for match in re.finditer(re.escape(EN.kpi(name)), text)]
            assert any(counts in text[place : place + 600] for place in places), (name, counts)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_standings_of_the_workbook_and_the_page_are_those_judged_again(seed: int) -> None:
    wanted = [(id_, EN.compliance(standing)) for _, id_, standing, _ in standings(document(seed))]
    _, *rows = sheets(seed)[say(EN, "frameworks")]
    assert [(row[1], row[5]) for row in rows] == wanted
    source = reading.only(report(seed), "html").decode()
    for framework, id_, standing, _ in standings(document(seed)):
        row_of_it = source.split(f'id="r-{framework}-{id_}"', 1)[1].split("</tr>", 1)[0]
        assert EN.compliance(standing) in row_of_it
