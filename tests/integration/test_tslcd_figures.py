"""Tests K01 to K07 and the plan's line on communes, recomputed from only the findings of a rehearsal's audit.

The catalogue (CHECKS §4.4) gives the requirements of a commune, a channel and a system; the list of the rehearsal gives
the subjects.
"""

from collections.abc import Iterable, Mapping
from math import ceil

import pytest

from containers.rehearsal.sonlam.agencies import AGENCIES
from containers.rehearsal.tslcd.sites import COMMUNES, SYSTEMS
from tests.support.audits import Document
from tests.support.recounting import differences

pytest_plugins = ("tests.support.tslcd",)

WORST = ("fail", "error", "inconclusive", "warn", "pass", "not_applicable")
IN_FORCE = sorted(agency.code for agency in AGENCIES if agency.level == "commune")
_TAGS = {commune.label: f"{commune.tags} {commune.columns.get('tags', '')}".split() for commune in COMMUNES}
MAIN_OFFICES = {commune.agency: commune.label for commune in COMMUNES if "secondary" not in _TAGS[commune.label]}
CENTRES = [system.name for system in SYSTEMS if system.kind == "datacentre"]
UPPER = [
    system.name
    for system in SYSTEMS
    if system.columns.get("security_level") in ("4", "5") and system.kind != "datacentre"
]


def outcomes(inside: Document, check: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one in inside["findings"]:
        if one["check"] == check:
            held = found.get(one["subject"], "not_applicable")
            found[one["subject"]] = min(held, one["outcome"], key=WORST.index)
    return found


def counted(said: Iterable[str | None], good: Iterable[str] = ("pass",)) -> tuple[int, int, int]:
    """Return the numbers of known, met and unknown values; None, never registered, counts as not met."""
    known = [text for text in said if text != "not_applicable"]
    return (
        len(known),
        sum(text in tuple(good) for text in known),
        sum(text in ("inconclusive", "error") for text in known),
    )


def figure(inside: Document, name: str) -> tuple[int, int, int]:
    found = inside["rollup"]["total"]["figures"][name]
    assert found["low"] == pytest.approx(found["met"] / found["of"], abs=1e-4)
    assert found["high"] == pytest.approx((found["met"] + found["unknown"]) / found["of"], abs=1e-4)
    assert found["interval"] is (10 * found["unknown"] > found["of"])
    return found["of"], found["met"], found["unknown"]


def test_the_list_is_the_one_that_was_planted() -> None:
    assert len(IN_FORCE) == 12
    assert set(MAIN_OFFICES) < set(IN_FORCE)


def test_registered(inside: Document) -> None:
    said = outcomes(inside, "tslcd.site.registered")
    assert figure(inside, "K01") == counted((said[f"unit:{code}"] for code in IN_FORCE), ("pass", "warn"))


@pytest.mark.parametrize(
    ("kpi", "check"), [("K02", "tslcd.site.reach"), ("K03", "tslcd.site.in-use"), ("K04", "tslcd.ip.dual-stack")]
)
def test_of_the_main_offices(inside: Document, kpi: str, check: str) -> None:
    said = outcomes(inside, check)
    wanted = counted(said[MAIN_OFFICES[code]] if code in MAIN_OFFICES else None for code in IN_FORCE)
    assert 0 < wanted[1] < wanted[0]
    assert figure(inside, kpi) == wanted


def test_channels_within_the_rule(inside: Document) -> None:
    said = outcomes(inside, "tslcd.channel.utilisation")
    channels = [*(commune.label for commune in COMMUNES), *CENTRES]
    assert figure(inside, "K05") == counted((said[channel] for channel in channels), ("pass", "warn"))


def test_availability(inside: Document) -> None:
    said = outcomes(inside, "tslcd.site.availability")
    assert figure(inside, "K06") == counted(said[commune.label] for commune in COMMUNES)
    shares = sorted(
        one["args"]["share"]
        for one in inside["findings"]
        if one["check"] == "tslcd.site.availability" and "share" in one["args"]
    )
    assert len(shares) == sum(bool(commune.sampled) for commune in COMMUNES)
    held = inside["rollup"]["total"]["figures"]["K06"]
    for name, percent in (("median", 50), ("tenth", 10)):
        assert held[name] == pytest.approx(shares[ceil(percent / 100 * len(shares)) - 1], abs=1e-4)


def test_two_channels_where_they_are_required(inside: Document) -> None:
    centres, systems = outcomes(inside, "tslcd.dc.redundancy"), outcomes(inside, "tslcd.channel.redundancy")
    said = [*(centres[centre] for centre in CENTRES), *(systems[text] for text in UPPER)]
    assert figure(inside, "K07") == counted(said, ("pass", "warn"))


def test_document_recounted_from_its_findings_differs_in_nothing(inside: Document) -> None:
    assert differences(inside) == []


def test_requirement_of_connection_points_has_the_figure_and_no_plan_of_another_province_is_held(
    inside: Document,
) -> None:
    held = {one["id"]: one for one in inside["frameworks"]}
    assert "plan-daklak-2023-2025" not in held
    (line,) = (one for one in held["tslcd-tt-06-2026"]["requirements"] if one["id"] == "5.3.a")
    assert line["figure"] == inside["rollup"]["total"]["figures"]["K01"]
    assert line["standing"] == "not_met"
