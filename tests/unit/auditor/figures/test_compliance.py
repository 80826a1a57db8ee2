"""Tests the figures of TSLCD (K01 to K07) and the plan's line on communes, on a province that is counted by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from auditor.figures.compliance import Compliance, judge_framework
from auditor.figures.figure import Figure
from auditor.figures.kpis import SubjectFacts
from auditor.figures.rollup import Rollup, Summing
from auditor.framework.findings import Outcome, Reason
from auditor.regulations.loading import shipped
from inventory.model import AgencyId, Kind
from inventory.organisation import Organisation, Unit
from tests.unit.auditor.figured import facts, said

DAY = date(2026, 11, 24)
P, W, F, U, N = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE
COLUMNS = ("registered", "reach", "in-use", "dual-stack", "utilisation", "availability")
CHECKS = {
    "registered": "tslcd.site.registered",
    "reach": "tslcd.site.reach",
    "in-use": "tslcd.site.in-use",
    "dual-stack": "tslcd.ip.dual-stack",
    "utilisation": "tslcd.channel.utilisation",
    "availability": "tslcd.site.availability",
}


PROVINCE: Mapping[str, tuple[Outcome, ...]] = {
    "X01": (P, P, P, P, P, P),
    "X02": (P, P, P, P, P, P),
    "X03": (P, P, P, P, P, P),
    "X04": (P, P, P, P, P, W),
    "X05": (P, F, U, U, U, F),
    "X06": (W, P, F, F, F, P),
    "X07": (F,),  # no point is registered
    "X08": (P, U, U, U, U, U),
    "X09": (P, W, W, W, W, P),
    "X10": (P, P, P, N, P, P),
}


SHARES = {"X01": 1.0, "X02": 0.999, "X03": 0.998, "X04": 0.991, "X05": 0.9, "X06": 0.997, "X09": 0.996, "X10": 0.9999}


def province(rows: Mapping[str, tuple[Outcome, ...]] = PROVINCE, more: Iterable[SubjectFacts] = ()) -> Rollup:
    units = [Unit(code=AgencyId("P"), name="Tỉnh", level="province")]
    units += [Unit(code=AgencyId(code), name=f"Xã {code}", parent=AgencyId("P"), level="commune") for code in rows]
    units.append(replace(units[-1], code=AgencyId("X99"), name="Xã cũ", valid_to=date(2025, 6, 30)))
    summing = Summing(Organisation(units=tuple(units)), DAY)
    for code, outcomes in rows.items():
        summing.add(facts(f"unit:{code}", Kind.UNIT, code, [said(CHECKS["registered"], outcomes[0])]))
        outlines = [
            said(CHECKS[column], outcome, reason=Reason.SMPL if outcome is U else None)
            for column, outcome in zip(COLUMNS[1:], outcomes[1:], strict=False)
        ]
        if outlines:
            share = {"tslcd.site.availability/share": SHARES[code]} if code in SHARES else {}
            summing.add(replace(facts(f"p-{code}", Kind.CONNECTION_POINT, code, outlines), values=share))
    for one in more:
        summing.add(one)
    return summing.rollup()


@pytest.mark.parametrize(
    ("kpi", "of", "met", "unknown", "low", "high"),
    [
        ("K01", 10, 9, 0, 0.9, 0.9),  # an incomplete record is a registered one
        ("K02", 10, 6, 1, 0.6, 0.7),
        ("K03", 10, 5, 2, 0.5, 0.7),
        ("K04", 9, 4, 2, 4 / 9, 6 / 9),  # of one it was not asked yet
        ("K05", 9, 6, 2, 6 / 9, 8 / 9),  # a warning is within the 90 %
        ("K06", 9, 6, 1, 6 / 9, 7 / 9),
    ],
)
def test_every_figure_is_what_one_counts_by_hand(
    kpi: str, of: int, met: int, unknown: int, low: float, high: float
) -> None:
    figure = province().total.figures[kpi]
    assert (figure.of, figure.met, figure.unknown) == (of, met, unknown)
    assert figure.low == pytest.approx(low)
    assert figure.high == pytest.approx(high)
    assert figure.interval is (unknown * 10 > of)
    assert set(figure.reasons) == ({"U-SMPL"} if unknown else set())


def test_availability_has_its_median_and_its_worst_tenth() -> None:
    figure = province().total.figures["K06"]
    ordered = sorted(SHARES.values())
    assert (figure.median, figure.tenth) == (ordered[3], ordered[0])  # of eight: the fourth, and the first


def test_a_merged_commune_is_in_no_denominator() -> None:
    gone = facts("p-X99", Kind.CONNECTION_POINT, "X99", [said(CHECKS["reach"], P)])
    assert province(more=[gone]).total.figures["K02"] == province().total.figures["K02"]


def system(name: str, outcome: Outcome, level: int | None = None, kind: Kind = Kind.HOST) -> SubjectFacts:
    check = "tslcd.dc.redundancy" if kind is Kind.DATACENTRE else "tslcd.channel.redundancy"
    return replace(facts(name, kind, "P", [said(check, outcome)]), security_level=level)


def test_redundancy_counts_data_centres_and_systems_of_the_upper_levels() -> None:
    systems = [
        system("ttdl", P, kind=Kind.DATACENTRE),
        system("ttdl-2", F, kind=Kind.DATACENTRE),
        system("a", P, 4),
        system("b", W, 5),
        system("c", U, 4),
        system("d", N, 3),
    ]
    systems += [replace(facts(f"unasked-{level}", Kind.HOST, "P"), security_level=level) for level in (3, 4)]
    figure: Figure = province(more=systems).total.figures["K07"]
    assert (figure.of, figure.met, figure.unknown) == (6, 3, 2)
    assert (figure.low, figure.high, figure.interval) == (3 / 6, 5 / 6, True)
    assert figure.reasons["NOT_RUN"] == 1
    channels, centres = (province(more=systems).total.figures[f"K07.{part}"] for part in ("channel", "dc"))
    assert [(each_figure.of, each_figure.met, each_figure.unknown) for each_figure in (channels, centres)] == [
        (4, 2, 2),
        (2, 1, 0),
    ]


ALL = dict.fromkeys(PROVINCE, (P, P, P, P, P, P))


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, {"registered": Compliance.MET, "reachable": Compliance.MET}),
        ({"X03": (W, P, U)}, {"registered": Compliance.MET, "reachable": Compliance.MET}),
        ({"X03": (P, U, U)}, {"registered": Compliance.MET, "reachable": Compliance.UNDECIDED}),
        ({"X03": (P, F, U)}, {"registered": Compliance.MET, "reachable": Compliance.NOT_MET}),
        ({"X03": (F,)}, dict.fromkeys(("registered", "reachable"), Compliance.NOT_MET)),
        ({"X03": (P, U, U), "X04": (P, F, F)}, {"registered": Compliance.MET, "reachable": Compliance.NOT_MET}),
    ],
    ids=["all", "one without the provider's name", "one unknown", "one down", "one unregistered", "unknown and down"],
)
def test_the_plan_asks_for_all_communes(
    changed: Mapping[str, tuple[Outcome, ...]], wanted: Mapping[str, Compliance]
) -> None:
    """II.1.h, 100 %: declared and reachable connections are counted apart; unknown is neither met nor not met."""
    (plan,) = (framework for framework in shipped() if framework.id == "plan-daklak-2023-2025")
    result = judge_framework(plan, province({**ALL, **changed}))
    found = {
        result.requirement.id: result.compliance for result in result.results if result.requirement.article == "II.1.h"
    }
    assert found == {f"II.1.h-{part}": compliance for part, compliance in wanted.items()}
