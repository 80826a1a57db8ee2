"""Counts the report of a period again, from the results of its runs and its samples alone, by code of its own.

Nothing of the program is imported, so that a fault of its arithmetic cannot hide in its own words.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.support.recounting import FIGURES, Document, communes, figures, read, standings

VIETNAM = timezone(timedelta(hours=7))
SLOT = 300
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """Holds one sample as the store returns it."""

    subject: str
    metric: str
    family: int
    interface: str
    time: datetime
    value: float | None
    quality: str


def differences(
    report: Document,
    results: Sequence[Document],
    samples: Iterable[SampleRow],
    declared: Sequence[Row],
    in_operation: Mapping[str, datetime],
) -> list[tuple[object, ...]]:
    """Return the differences of a period report: the item, the value counted here, and the printed value.

    ``results`` are the result documents of all runs, the oldest first; ``in_operation``: the time since when a point is
    in operation, where that is known. Earlier samples do not count.
    """
    first, last = report["period"]["first"], report["period"]["last"]
    within = [one for one in results if first <= day_of(one) <= last]
    before = [one for one in results if day_of(one) < first]
    end, start = within[-1], (before[-1] if before else within[0])
    found: list[tuple[object, ...]] = []

    def compare(what: object, mine: object, printed: object) -> None:
        if mine != printed:
            found.append((what, mine, printed))

    compare("counts", len(within), report["counts"])
    compare("end", (end["run"]["id"], day_of(end)), (report["end"]["run"], report["end"]["day"]))
    compare("start", (start["run"]["id"], day_of(start)), (report["start"]["run"], report["start"]["day"]))
    for what, mine, printed in (
        *_before(report, before),
        *_figures(report, start, end),
        *_targets(report, [*before, *within], start, end, declared),
        *_sampled(
            report, [row for row in samples if row.subject not in in_operation or row.time >= in_operation[row.subject]]
        ),
    ):
        compare(what, mine, printed)
    return found


def day_of(result: Document) -> str:
    moment = datetime.fromisoformat(result["run"]["started"])
    return moment.astimezone(VIETNAM).date().isoformat()


def _before(report: Document, before: Sequence[Document]) -> Iterator[tuple[object, object, object]]:
    """Yield the report's values for the period before: as many months, up to the day before its first."""
    year, month = (int(part) for part in report["period"]["first"].split("-")[:2])
    length = 12 * (int(report["period"]["last"][:4]) - year) + int(report["period"]["last"][5:7]) - month + 1
    months = 12 * year + month - 1 - length
    since = f"{months // 12:04}-{months % 12 + 1:02}-01"
    within = [one for one in before if day_of(one) >= since]
    printed = report["before"]
    yield "there is a period before", bool(within), printed is not None
    if within and printed is not None:
        end = within[-1]
        yield "period before", (len(within), end["run"]["id"]), (printed["counts"], printed["end"]["run"])
        mine = {name: units[None].counts for name, units in figures(end).items() if None in units}
        for name, row in printed["figures"].items():
            yield ("before", name), mine[name], tuple(row[word] for word in ("met", "of", "unknown", "exempt"))


# --- figures and what moved them ---

Difference = tuple[object, object, object]


def _figures(report: Document, start: Document, end: Document) -> Iterator[Difference]:
    counted = {"start": figures(start), "end": figures(end)}
    by_subject = {"start": _places(start), "end": _places(end)}
    printed = {row["id"]: row for row in report["figures"]}
    applying = {
        name
        for side in counted.values()
        for name, by_unit in side.items()
        if None in by_unit and by_unit[None].counts[1]
    }
    yield "names of figures", applying, set(printed)
    for name in sorted(applying & set(printed)):
        for side in ("start", "end"):
            row = printed[name][side] or {"met": 0, "of": 0, "unknown": 0, "exempt": 0}
            mine = counted[side][name][None].counts if None in counted[side][name] else (0, 0, 0, 0)
            yield (name, side), mine, tuple(row[word] for word in ("met", "of", "unknown", "exempt"))
        yield from _moves(name, by_subject["start"].get(name, {}), by_subject["end"].get(name, {}), printed[name])


Places = dict[str, tuple[str, str]]
"""The agency and the standing of each subject."""


def _places(document: Document) -> dict[str, Places]:
    held = read(document, as_held=True)
    subjects = [one for one in held.values() if one.row["kind"] != "unit"]
    found: dict[str, Places] = defaultdict(dict)
    for subject in (*subjects, *communes(document, held)):
        for name, judge in FIGURES.items():
            place = judge(subject)
            if place is not None:
                found[name][subject.row["id"]] = (subject.row["agency"] or "", place.at)
    return found


def _moves(name: str, before: Places, after: Places, printed: Row) -> Iterator[Difference]:
    changed = {subject for subject in before.keys() | after.keys() if before.get(subject) != after.get(subject)}
    agencies = {side[subject][0] for subject in changed for side in (before, after) if subject in side}
    rows = {row["agency"] or "": row for row in printed["agencies"]}
    yield (name, "agencies that moved"), agencies, set(rows)
    for agency in sorted(agencies & set(rows)):
        for side, places in (("start", before), ("end", after)):
            mine = [at for owner, at in places.values() if owner == agency]
            counts = {"met": mine.count("met"), "of": sum(at != "exempt" for at in mine)}
            yield (name, agency, side), counts, rows[agency][side]
        subjects = {
            subject: tuple(_at(side.get(subject), agency) for side in (before, after))
            for subject in changed
            if any(subject in side and side[subject][0] == agency for side in (before, after))
        }
        told = {row["subject"]: (row["start"], row["end"]) for row in rows[agency]["subjects"]}
        yield (name, agency, "subjects"), subjects, told


def _at(place: tuple[str, str] | None, agency: str) -> str | None:
    return place[1] if place is not None and place[0] == agency else None


# --- targets ---


def _targets(
    report: Document, results: Sequence[Document], start: Document, end: Document, declared: Sequence[Row]
) -> Iterator[Difference]:
    last = report["period"]["last"]
    stood = [(day_of(one), _standings(one, declared, day_of(one))) for one in results[:-1]]
    stood.append((day_of(end), _standings(end, declared, last)))
    at_start = next(standing for day, standing in stood if day == day_of(start))
    printed = {
        (framework["id"], row["id"]): row for framework in report["frameworks"] for row in framework["requirements"]
    }
    for key, row in printed.items():
        standing = stood[-1][1][key]
        yield (*key, "standing"), standing, row["standing"]
        if standing == "not_in_force" or not (row["checks"] or _has_target(row["rule"])):
            continue
        yield (*key, "start"), at_start.get(key), row["start"]
        yield (*key, "met since"), _met_since(key, stood), row["met_since"]


def _has_target(rule: str) -> bool:
    return ">=" in rule or "<=" in rule


def _met_since(key: tuple[str, str], stood: Sequence[tuple[str, Mapping[tuple[str, str], str]]]) -> str | None:
    since: str | None = None
    for day, standing in stood:
        since = (since or day) if standing.get(key) in ("met", "declared_met") else None
    return since


def _standings(document: Document, declared: Sequence[Row], until: str) -> dict[tuple[str, str], str]:
    """Return the standings of a result with the values that were declared for days up to ``until``."""
    frameworks = [
        {
            **framework,
            "requirements": [
                {**row, "declared": _of(framework["id"], row["id"], declared, until)}
                for row in framework["requirements"]
            ],
        }
        for framework in document["frameworks"]
    ]
    found = standings({**document, "frameworks": frameworks})
    return {(framework, requirement): standing for framework, requirement, standing, _ in found}


def _of(framework: str, requirement: str, declared: Sequence[Row], until: str) -> list[Row]:
    mine = [row for row in declared if (row["framework"], row["requirement"]) == (framework, requirement)]
    return [row for row in mine if row["as_of"] <= until]


# --- samples ---


def _sampled(report: Document, samples: Sequence[SampleRow]) -> Iterator[Difference]:
    sampled = report["sampled"]
    since, until = (datetime.fromisoformat(sampled[name]) for name in ("since", "until"))
    within = [row for row in samples if since <= row.time < until]
    by_series: dict[tuple[str, str, int, str], list[SampleRow]] = defaultdict(list)
    for row in within:
        by_series[row.subject, row.metric, row.family, row.interface].append(row)
    for point in sampled["points"]:
        name = point["subject"]
        yield from _stretch((name, "reach"), by_series.get((name, "reach", 0, ""), []), point["reach"])
        families = {family for subject, metric, family, _ in by_series if (subject, metric) == (name, "loss")}
        yield (name, "families"), {f"ipv{family}" for family in families}, set(point["loss"])
        for family in families:
            yield from _stretch((name, "loss"), by_series[name, "loss", family, ""], point["loss"][f"ipv{family}"])
    for channel in sampled["channels"]:
        key = (channel["subject"], channel["interface"])
        ways = {
            way: by_series[channel["subject"], metric, 0, channel["interface"]]
            for way, metric in (("received", "in-rate"), ("sent", "out-rate"))
        }
        for way, rows in ways.items():
            yield from _stretch((*key, way), rows, channel[way], hourly=True)
        peak = max(_p95(rows) or 0.0 for rows in ways.values())
        yield (*key, "peak"), round(peak, 3), round(channel["peak"], 3)
        yield (*key, "use"), round(peak / (channel["registered_mbps"] * 1e6), 6), round(channel["use"], 6)
    looked_at = {(subject, family) for subject, metric, family, _ in by_series if metric in ("web-ok", "app-ok")}
    yield "sites looked at", looked_at, {(site["subject"], site["family"] or 0) for site in sampled["sites"]}
    for site in sampled["sites"]:
        metric = "web-ok" if site["family"] else "app-ok"
        looks = by_series.get((site["subject"], metric, site["family"] or 0, ""), [])
        yield from _stretch((site["subject"], "looks"), looks, site["answered"])
    yield from _whole(sampled)


def _stretch(what: object, rows: Sequence[SampleRow], printed: Row, *, hourly: bool = False) -> Iterator[Difference]:
    good = [row.value for row in rows if row.quality == "ok" and row.value is not None]
    aside = {word: sum(row.quality == word for row in rows) for word in ("vantage", "maintenance")}
    yield (what, "counted"), len(good), printed["counted"]
    yield (what, "aside"), aside, {word: printed[word] for word in aside}
    yield (what, "not measured"), printed["slots"] - len(good) - sum(aside.values()), printed["not_measured"]
    mean = None if not good else round(math.fsum(good) / len(good), 9)
    yield (what, "mean"), mean, None if printed["mean"] is None else round(printed["mean"], 9)
    if hourly:
        p95 = _p95(rows)
        yield (what, "p95"), None if p95 is None else round(p95, 3), None if p95 is None else round(printed["p95"], 3)


def _p95(rows: Sequence[SampleRow]) -> float | None:
    hours: dict[datetime, list[float]] = defaultdict(list)
    for row in rows:
        if row.quality == "ok" and row.value is not None:
            hours[row.time.replace(minute=0, second=0, microsecond=0)].append(row.value)
    means = sorted(math.fsum(values) / len(values) for values in hours.values())
    return means[-(-19 * len(means) // 20) - 1] if means else None


def _whole(sampled: Row) -> Iterator[Difference]:
    reached = [point["reach"] for point in sampled["points"]]
    up = math.fsum(each["mean"] * each["counted"] for each in reached if each["counted"])
    counted = sum(each["counted"] for each in reached)
    whole = sampled["whole"]
    yield "points of all", (len(reached), counted), (whole["points"], whole["counted"])
    yield "time answering of all", round(up / counted, 9), round(whole["up"], 9)
    lowest = min(each["mean"] for each in reached if each["counted"])
    yield "lowest of all", round(lowest, 9), round(whole["lowest"], 9)
    for unit in sampled["agencies"]:
        if unit["level"] == "province":
            yield "the province is all", (unit["counted"], unit["up"]), (whole["counted"], whole["up"])
