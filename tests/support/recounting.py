"""Figures counted again from a result document alone: its rows, and nothing of the program's arithmetic."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
Counts = tuple[int, int, int, int]
"""Met, applicable, not decided, exempt."""

WORST = ("fail", "error", "inconclusive", "warn", "pass", "not_applicable")
GOOD, STRICT = {"pass", "warn", "not_applicable"}, {"pass", "not_applicable"}
CONJUNCTIONS: dict[str, tuple[str, list[str], set[str]]] = {
    "K11": ("zone", [f"ipv6.dns.{one}" for one in ("ns-aaaa", "ns-reach", "ns-reach-tcp", "ns-addr-sane")], GOOD),
    "K12": ("mail", ["ipv6.mail.mx-aaaa", "ipv6.mail.mx-reach", "security.mail.mx"], GOOD),
    "K16": ("zone", ["security.dns.dnssec"], STRICT),
    "K17": ("mail", ["security.mail.dmarc"], STRICT),
}
LADDERS = {"K08": ("portal", "service", 2), "K09": ("dvc", "service", 2), "K10": ("commune-site", "service", 2)}


def recounted(document: Document) -> Iterator[tuple[str, str | None, Counts]]:
    """Every figure that can be counted so, of the whole (None) and of every unit, with its subtree."""
    units = {one["agency"]: one for one in document["rollup"]["units"]}
    outcomes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    excused: set[tuple[str, str]] = set()
    for one in document["findings"]:
        outcomes[one["subject"]][one["check"]].append(one["outcome"])
        if one["code"] in ("EXEMPT", "PLANNED"):
            excused.add((one["subject"], one["check"]))
    for figure in (*CONJUNCTIONS, *LADDERS):
        counted: dict[str | None, Counter[str]] = defaultdict(Counter)
        for subject in document["subjects"]:
            place = _place(figure, subject, outcomes[subject["id"]], excused)
            if place is None:
                continue
            agency = subject["agency"]
            for unit in {None, *_line(agency, units)}:
                counted[unit][place] += 1
        for unit, places in counted.items():
            of = places["met"] + places["not_met"] + places["unknown"]
            yield figure, unit, (places["met"], of, places["unknown"], places["exempt"])


def _line(agency: str | None, units: dict[str, Any]) -> Iterator[str]:
    while agency is not None:
        yield agency
        agency = units[agency]["parent"] if agency in units else None


def _place(figure: str, subject: Any, outcomes: dict[str, list[str]], excused: set[tuple[str, str]]) -> str | None:
    if figure in LADDERS:
        kind, ladder, rung = LADDERS[figure]
        if subject["kind"] != kind:
            return None
        climbed = subject["ladders"].get(ladder)
        if climbed is None:
            return "exempt" if any(one == subject["id"] for one, _ in excused) else "unknown"
        return "met" if climbed["level"] >= rung else "unknown" if climbed["at_least"] else "not_met"
    kind, checks, good = CONJUNCTIONS[figure]
    if kind not in subject["kinds"]:
        return None
    if any((subject["id"], check) in excused for check in checks):
        return "exempt"
    worst = [min(outcomes[check], key=WORST.index) if check in outcomes else None for check in checks]
    if "fail" in worst:
        return "not_met"
    if {None, "error", "inconclusive"} & set(worst):
        return "unknown"
    if set(worst) == {"not_applicable"}:
        return None
    return "met" if set(worst) <= good else "not_met"


def claimed(document: Document, figure: str, unit: str | None) -> Counts:
    """What the document says itself."""
    rollup = document["rollup"]
    of_unit = rollup["total"] if unit is None else next(one for one in rollup["units"] if one["agency"] == unit)
    found = of_unit["figures"].get(figure, {"met": 0, "of": 0, "unknown": 0, "exempt": 0})
    return found["met"], found["of"], found["unknown"], found["exempt"]
