"""Counts figures, scores and standings again from the rows of a result document, with no code of the program.

Only the standard library is imported, so that a fault of the program's arithmetic cannot hide in its own words. Written
from the catalogue's rules of scoring and roll-up.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Document = dict[str, Any]
Row = dict[str, Any]
Counts = tuple[int, int, int, int]
"""Numbers of subjects: met, applicable, undecided, exempt."""
NO_AGENCY = ""
"""The key of subjects that belong to no unit; None is the whole, and other keys are unit codes."""

WORST = ("fail", "error", "inconclusive", "warn", "pass", "not_applicable")
UNKNOWN = frozenset({"error", "inconclusive"})
GOOD, STRICT = frozenset({"pass", "warn", "not_applicable"}), frozenset({"pass", "not_applicable"})
WEB = frozenset({"portal", "dvc", "commune-site", "api"})
ROUTING = frozenset({"router", "switch", "firewall"})
DEVICES = ROUTING | {"access-switch"}
COMMUNE_WORDS = frozenset({"commune", "ward", "xa", "phuong", "thi tran", "dac khu", "cap xa"})
PROVINCE_WORDS = frozenset({"province", "tinh", "cap tinh", "ubnd tinh", "thanh pho truc thuoc trung uong"})
AREAS = ("ipv6.dns", "ipv6.web", "ipv6.mail", "ipv6.path", "ipv6.device", "tslcd", "security")
SEVERITY = {"critical": 8, "high": 5, "medium": 3, "low": 1, "info": 0}
LEVEL = {"required": 1.0, "recommended": 0.5, "optional": 0.0}
VALUE = {"pass": 1.0, "warn": 0.5, "fail": 0.0}
CAPS = {"critical": 49, "high": 79}
CLASS = {"portal": 3, "dvc": 3, "mail": 2, "api": 2, "commune-site": 2}
RUNGS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "service": (
        ("ipv6.web.aaaa",),
        ("ipv6.web.aaaa", "ipv6.web.addr-sane", "ipv6.web.reach", "ipv6.web.http-ok"),
        (
            "ipv6.web.port-parity",
            "ipv6.web.same-content",
            "ipv6.web.tls-parity",
            "ipv6.web.redirect-chain",
            "ipv6.path.large-transfer",
            "ipv6.dns.ns-aaaa",
            "ipv6.dns.ns-reach",
        ),
        ("ipv6.web.resources", "ipv6.dns.v6-only-resolve", "ipv6.dns.ns-all-dual"),
    ),
    "device": (
        ("ipv6.device.capability",),
        ("ipv6.device.if-enabled", "ipv6.device.global-address"),
        ("ipv6.device.forwarding", "ipv6.device.default-route", "ipv6.device.igp-v6", "ipv6.device.bgp-v6"),
        ("ipv6.device.traffic",),
    ),
    "point": (
        ("tslcd.site.registered",),
        ("tslcd.site.reach",),
        ("tslcd.site.in-use", "tslcd.site.loss", "tslcd.site.rtt-jitter", "tslcd.channel.utilisation"),
        ("tslcd.ip.dual-stack",),
    ),
}
REGISTERED = "tslcd.site.registered"
TRAFFIC = "ipv6.device.traffic"
CHANNEL, CENTRE = "tslcd.channel.redundancy", "tslcd.dc.redundancy"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Holds the result of one check on one subject: the worst of its findings."""

    outcome: str
    severity: str
    level: str
    code: str = ""
    reasons: frozenset[str | None] = frozenset()
    exempt: bool = False
    planned: bool = False
    waived: bool = False
    own: "Seen | None" = None
    """The same of the findings about the subject itself, where others are about parts of it."""


@dataclass(kw_only=True)
class Held:
    """Holds a subject with the results of its checks."""

    row: Row
    seen: dict[str, Seen] = field(default_factory=dict)
    zone: Mapping[str, Seen] = field(default_factory=dict)
    ladders: dict[str, tuple[int, bool]] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def kinds(self) -> set[str]:
        return set(self.row["kinds"])


@dataclass(frozen=True, kw_only=True)
class Place:
    """Says how a figure counts a subject: ``met``, ``not_met``, ``unknown`` or ``exempt``."""

    at: str
    planned: bool = False
    waived: bool = False


MET, NOT_MET, UNDECIDED, EXEMPT = (Place(at=word) for word in ("met", "not_met", "unknown", "exempt"))
PLANNED = Place(at="not_met", planned=True)
JudgeFn = Callable[[Held], Place | None]


# --- one subject ---


def fold(findings: Iterable[Row]) -> Seen:
    listed = list(findings)
    own = [one for one in listed if one["address"] is None and one["detail"] is None]
    return _worst(listed, _worst(own) if 0 < len(own) < len(listed) else None)


def _worst(findings: list[Row], own: Seen | None = None) -> Seen:
    outcome = min((finding["outcome"] for finding in findings), key=WORST.index)
    worst = [finding for finding in findings if finding["outcome"] == outcome]
    return Seen(
        outcome=outcome,
        severity=findings[0]["severity"],
        level=findings[0]["level"],
        code=min(one["code"] for one in worst),
        reasons=frozenset(one["reason"] for one in worst),
        exempt=any(finding["code"] == "EXEMPT" for finding in findings),
        planned=any(finding["code"] == "PLANNED" for finding in findings),
        waived=outcome == "fail" and all(one["waived"] for one in worst),
        own=own,
    )


def worse(outcome: Seen, other: Seen) -> Seen:
    """Return the worse of two points of a commune: a plan is worse than all but a failure; merge two equal outcomes."""
    waits = [seen.outcome == "not_applicable" and seen.planned and not seen.exempt for seen in (outcome, other)]
    if waits[0] is not waits[1]:
        left = other if waits[0] else outcome
        return left if left.outcome == "fail" else (outcome, other)[waits.index(True)]
    if outcome.outcome != other.outcome:
        return min(outcome, other, key=lambda seen: WORST.index(seen.outcome))
    return Seen(
        outcome=outcome.outcome,
        severity=min(outcome.severity, other.severity, key=lambda word: -SEVERITY[word]),
        level=outcome.level,
        reasons=outcome.reasons | other.reasons,
        exempt=outcome.exempt and other.exempt,
        planned=outcome.planned and other.planned,
        waived=outcome.waived and other.waived,
    )


def climb(ladder: str, seen: Mapping[str, Seen]) -> tuple[int, bool]:
    """Return the rung, and whether it may be a higher one."""
    for level, rung in enumerate(RUNGS[ladder]):
        outcomes = {seen[check].outcome if check in seen else "inconclusive" for check in rung}
        if "fail" in outcomes:
            return level, False
        if outcomes & UNKNOWN:
            return level, True
        if any(_kept_away(seen[check]) for check in rung if check in seen):
            return level, False
    return len(RUNGS[ladder]), False


def _kept_away(outcome: Seen) -> bool:
    return outcome.outcome == "not_applicable" and (outcome.exempt or outcome.planned)


def climbed(held: Held, zone: Mapping[str, Seen]) -> dict[str, tuple[int, bool]]:
    """Return the ladder of a subject by its kind; the next rung shows a lower one that was not asked."""
    kind, seen = held.row["kind"], dict(held.seen)
    for ladder, lowest, proof in (("device", RUNGS["device"][0][0], 1), ("point", REGISTERED, 1)):
        shown = [seen.get(check) for check in RUNGS[ladder][proof]]
        if lowest not in seen and all(outcome is not None and outcome.outcome in ("pass", "warn") for outcome in shown):
            seen[lowest] = Seen(outcome="pass", severity="info", level="optional")
    if kind in ROUTING:
        excused = [seen[check] for check in RUNGS["device"][1] if check in seen]
        return (
            {} if any(outcome.exempt or outcome.planned for outcome in excused) else {"device": climb("device", seen)}
        )
    if kind == "connection-point":
        return {"point": climb("point", seen)}
    published = seen.get("ipv6.web.aaaa")
    if not held.kinds & WEB or (published is not None and published.outcome == "not_applicable"):
        return {}
    of_zone = {check: replace(outcome, exempt=False, planned=False) for check, outcome in zone.items()}
    return {"service": climb("service", {**of_zone, **seen})}


def read(document: Document, *, as_held: bool = False) -> dict[str, Held]:
    """Return every subject of the document with its folded findings and its ladders.

    ``as_held``: take the results of earlier rounds for those that are not believed yet, as figures do.
    """
    grouped: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for one in document["findings"]:
        grouped[one["subject"]][one["check"]].append(one)
        for name, value in one["args"].items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                values[one["subject"]][f"{one['check']}/{name}"] += value  # type: ignore[assignment]
    found = {
        row["id"]: Held(
            row=row,
            seen={check: fold(some) for check, some in grouped[row["id"]].items()},
            values=dict(values[row["id"]]),
        )
        for row in document["subjects"]
    }
    for one in document["rollup"]["held"] if as_held else ():
        held = found[one["subject"]]
        held.seen[one["check"]] = _held(held.seen[one["check"]], one)
    zones: dict[str, dict[str, Seen]] = defaultdict(dict)
    for one in found.values():
        if "zone" in one.kinds and not one.kinds & WEB:
            for owner in one.row["derived_from"]:
                zones[owner] |= one.seen
    for name, one in found.items():
        one.zone = zones[name]
        one.ladders = climbed(one, one.zone)
    return found


def _held(now: Seen, row: Row) -> Seen:
    """Return the result of earlier rounds in place of one that is not believed yet."""
    told = row["own"]
    own = told and replace(now, outcome=told["outcome"], code=told["code"], waived=told["waived"], own=None)
    return replace(
        now,
        outcome=row["outcome"],
        code=row["code"],
        waived=row["waived"],
        reasons=frozenset(),
        exempt=False,
        planned=False,
        own=own,
    )


# --- where a subject stands in a figure ---


def excused(seen: Iterable[Seen]) -> Place | None:
    listed = list(seen)
    if any(outcome.exempt for outcome in listed):
        return EXEMPT
    return PLANNED if any(outcome.planned for outcome in listed) else None


def conjunction(seen: Mapping[str, Seen], checks: Collection[str], good: frozenset[str] = GOOD) -> Place | None:
    known = [seen[check] for check in checks if check in seen]
    aside = excused(known)
    if aside is not None:
        return aside
    outcomes = {outcome.outcome for outcome in known}
    if "fail" in outcomes:
        return Place(at="not_met", waived=all(outcome.waived for outcome in known if outcome.outcome == "fail"))
    if outcomes & UNKNOWN or len(known) < len(checks):
        return UNDECIDED
    if outcomes == {"not_applicable"}:
        return None
    return MET if outcomes <= good else NOT_MET


def of(kinds: Collection[str], *checks: str, good: frozenset[str] = GOOD) -> JudgeFn:
    return lambda held: conjunction(held.seen, checks, good) if held.kinds & set(kinds) else None


def carried_for_a_day(held: Held) -> Place | None:
    place = of(ROUTING, TRAFFIC, good=STRICT)(held)
    is_short = TRAFFIC in held.seen and held.seen[TRAFFIC].code == "CARRIES_NOW"
    return UNDECIDED if place and is_short else place


def rung(ladder: str, at: int, *kinds: str) -> JudgeFn:
    def place(held: Held) -> Place | None:
        if held.row["kind"] not in kinds:
            return None
        if ladder not in held.ladders:
            asked = {check for each in RUNGS[ladder][:at] for check in each}
            return excused(outcome for check, outcome in held.seen.items() if check in asked) or UNDECIDED
        level, at_least = held.ladders[ladder]
        if level >= at:
            return MET
        return UNDECIDED if at_least else _below(held, RUNGS[ladder][level], held.zone)

    return place


def _below(held: Held, checks: Collection[str], zone: Mapping[str, Seen]) -> Place:
    """Kept from a rung by fails, or else by an exemption or a plan."""
    own = [held.seen[check] for check in checks if check in held.seen]
    failing = [outcome for outcome in own if outcome.outcome == "fail"]
    of_zone = [check for check in checks if check not in held.seen and check in zone and zone[check].outcome == "fail"]
    if failing or of_zone:
        return Place(at="not_met", waived=bool(failing) and all(outcome.waived for outcome in failing))
    return excused(outcome for outcome in own if _kept_away(outcome)) or NOT_MET


def commune(check: str, good: frozenset[str] = STRICT) -> JudgeFn:
    def place(held: Held) -> Place | None:
        if held.row["kind"] != "unit" or plain_word(held.row["level"]) not in COMMUNE_WORDS:
            return None
        if check in held.seen:
            return conjunction(held.seen, (check,), good)
        registered = held.seen.get(REGISTERED)
        if check != REGISTERED and registered is not None and registered.outcome == "fail":
            return Place(at="not_met", waived=registered.waived)
        return UNDECIDED

    return place


def own(held: Held) -> Collection[str]:
    """Return the checks to count: all of a subject, but only REGISTERED of a commune, whose points count themselves."""
    return held.seen if held.row["kind"] != "unit" else [text for text in held.seen if text == REGISTERED]


def channel(held: Held) -> Place | None:
    needed = (held.row["security_level"] or 0) >= 4
    if held.row["kind"] == "datacentre" or not (needed or CHANNEL in own(held)):
        return None
    return conjunction(held.seen, (CHANNEL,))


def centre(held: Held) -> Place | None:
    return conjunction(held.seen, (CENTRE,)) if held.row["kind"] == "datacentre" else None


def capable(held: Held) -> Place | None:
    if held.row["kind"] not in DEVICES:
        return None
    outcome = held.seen.get("ipv6.device.capability")
    if outcome is None and held.ladders.get("device", (0, False))[0]:
        return MET
    if outcome is not None and outcome.code == "BEFORE_RULE":
        return NOT_MET
    return conjunction(held.seen, ("ipv6.device.capability",))


def https(held: Held) -> Place | None:
    if not held.kinds & WEB:
        return None
    certificates = [text for text in held.seen if text.startswith("security.tls.cert-")] or ["-"]
    basics = ("security.http.https-exists", "security.http.https-forced", "security.tls.versions")
    return conjunction(held.seen, (*basics, *certificates))


def secure(held: Held) -> Place | None:
    """Judge a zone by its own verdict: hosts in other zones and single servers that lag behind do not count."""
    if "zone" not in held.kinds:
        return None
    outcome = held.seen.get("security.dns.dnssec")
    if outcome is None:
        return UNDECIDED
    itself = outcome.own or outcome
    if itself.code in ("SECURE", "STALE_SERVERS"):
        return MET
    return conjunction({"-": itself}, ("-",), STRICT)


def snmp(held: Held) -> Place | None:
    """Judge the SNMP checks; a question without permission is ignored if another one was answered."""
    if not held.kinds & DEVICES:
        return None
    asked = [text for text in held.seen if text.startswith("security.snmp.")]
    answered = [
        text for text in asked if held.seen[text].outcome not in UNKNOWN or held.seen[text].reasons != {"U-SCOPE"}
    ]
    return conjunction(held.seen, answered or asked or ["-"])


def parity(held: Held) -> Place | None:
    check = "security.ports.v4v6-parity"
    return conjunction(held.seen, (check,), STRICT) if check in own(held) else None


def assessed(held: Held) -> Place | None:
    if held.row["derived"] or held.row["kind"] == "unit":
        return None
    return MET if any(outcome.outcome in VALUE for outcome in held.seen.values()) else NOT_MET


RATES = ("ipv6.device.traffic/v6_rate", "ipv6.device.traffic/v4_rate")
FIGURES: Mapping[str, JudgeFn] = {
    "K01": commune(REGISTERED, GOOD),
    "K02": commune("tslcd.site.reach"),
    "K03": commune("tslcd.site.in-use"),
    "K04": commune("tslcd.ip.dual-stack"),
    "K05": of(("connection-point", "datacentre"), "tslcd.channel.utilisation"),
    "K06": of(("connection-point",), "tslcd.site.availability", good=STRICT),
    "K07": lambda held: centre(held) or channel(held),
    "K07.channel": channel,
    "K07.dc": centre,
    "K08": rung("service", 2, "portal"),
    "K08.full": rung("service", 3, "portal"),
    "K08.v6only": rung("service", 4, *WEB),
    "K09": rung("service", 2, "dvc"),
    "K09.full": rung("service", 3, "dvc"),
    "K10": rung("service", 2, "commune-site"),
    "K10.full": rung("service", 3, "commune-site"),
    "K11": of(("zone",), *(f"ipv6.dns.{text}" for text in ("ns-aaaa", "ns-reach", "ns-reach-tcp", "ns-addr-sane"))),
    "K12": of(("mail",), "ipv6.mail.mx-aaaa", "ipv6.mail.mx-reach", "security.mail.mx"),
    "K13.capable": capable,
    "K13.enabled": rung("device", 2, *ROUTING),
    "K13.routed": rung("device", 3, *ROUTING),
    "K13.carrying": rung("device", 4, *ROUTING),
    "K14": carried_for_a_day,
    "K15": https,
    "K16": secure,
    "K17": of(("mail",), "security.mail.dmarc", good=STRICT),
    "K18": snmp,
    "K19": parity,
    "K20": assessed,
}


# --- figures of the whole and of every unit ---


@dataclass(kw_only=True)
class Counted:
    """Holds a figure while it is counted."""

    places: Counter[str] = field(default_factory=Counter)
    planned: int = 0
    waived: int = 0
    values: list[tuple[float, ...]] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        met, unknown = self.places["met"], self.places["unknown"]
        return met, met + unknown + self.places["not_met"], unknown, self.places["exempt"]

    def share(self) -> float | None:
        """Return the ratio of the sums of value pairs; None if the figure has none."""
        pairs = [value for value in self.values if len(value) == 2]
        whole = math.fsum(sum(pair) for pair in pairs)
        return math.fsum(pair[0] for pair in pairs) / whole if whole else None


def plain_word(text: str) -> str:
    """Return the text in lower case without diacritics."""
    bare = "".join(
        each_text for each_text in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(each_text)
    )
    return " ".join(bare.replace("đ", "d").split())


def cut(value: float) -> float:
    """Cut a number to four digits; never round up."""
    return int(value * 10_000 + 1e-9) / 10_000


def _above(agency: str | None, units: Mapping[str, Row]) -> Iterator[str]:
    """Yield the agency and those above it, the nearest first."""
    if agency is None:
        yield NO_AGENCY
    while agency is not None:
        yield agency
        agency = units[agency]["parent"] if agency in units else None


def _units(document: Document) -> dict[str, Row]:
    return {one["agency"] or NO_AGENCY: one for one in document["rollup"]["units"]}


def communes(document: Document, held: Mapping[str, Held]) -> Iterator[Held]:
    """Yield the units of the lowest level in force, with their results merged with those of their points.

    Secondary points count only where there is no other point.
    """
    units = _units(document)
    lowest = {code for code, unit in units.items() if unit["in_force"] and plain_word(unit["level"]) in COMMUNE_WORDS}
    merged: dict[str, dict[bool, dict[str, Seen]]] = {code: {False: {}, True: {}} for code in lowest}
    points: Counter[tuple[str, bool]] = Counter()
    for held_subject in held.values():
        is_unit, agency = held_subject.row["kind"] == "unit", held_subject.row["agency"]
        code = next((each for each in _above(agency, units) if each in lowest), None)
        if code is None or not (is_unit or "connection-point" in held_subject.kinds) or (is_unit and agency != code):
            continue
        secondary = held_subject.row["secondary"]
        points[code, secondary] += not is_unit
        kept = merged[code][secondary]
        for check, seen in held_subject.seen.items():
            kept[check] = worse(kept[check], seen) if check in kept else seen
    for code in sorted(lowest):
        first, second = merged[code][False], merged[code][True]
        row = {
            "id": f"unit:{code}",
            "kind": "unit",
            "kinds": ["unit"],
            "agency": code,
            "derived": False,
            "level": units[code]["level"],
            "network": None,
            "security_level": None,
            "secondary": False,
        }
        yield Held(row=row, seen=first if points[code, False] else {**second, **first})


def figures(document: Document, judges: Mapping[str, JudgeFn] = FIGURES) -> dict[str, dict[str | None, Counted]]:
    """Return every figure of the whole (None), of every unit with its subtree, and of subjects without a unit."""
    held, units = read(document, as_held=True), _units(document)
    found: dict[str, dict[str | None, Counted]] = {name: defaultdict(Counted) for name in judges}
    subjects = [held_subject for held_subject in held.values() if held_subject.row["kind"] != "unit"]
    for subject in (*subjects, *communes(document, held)):
        for name, judge in judges.items():
            place = judge(subject)
            if place is None:
                continue
            for unit in {None, *_above(subject.row["agency"], units)}:
                counted = found[name][unit]
                counted.places[place.at] += 1
                counted.planned += place.planned
                counted.waived += place.waived
                if name == "K06" and "tslcd.site.availability/share" in subject.values:
                    counted.values.append((subject.values["tslcd.site.availability/share"],))
                if name == "K14" and place != UNDECIDED and all(rate in subject.values for rate in RATES):
                    counted.values.append(tuple(subject.values[rate] for rate in RATES))
    return found


def recounted(document: Document) -> Iterator[tuple[str, str | None, Counts]]:
    """Yield the counts of every figure that counts anything, of the whole (None) and of every unit with its subtree."""
    for name, by_unit in figures(document).items():
        for unit, counted in by_unit.items():
            yield name, unit, counted.counts


def _printed(document: Document, figure: str, unit: str | None) -> Row:
    rollup = document["rollup"]
    of_unit: Row = rollup["total"] if unit is None else _units(document)[unit]
    nothing = {"met": 0, "of": 0, "unknown": 0, "exempt": 0, "planned": 0, "waived": 0, "low": None, "high": None}
    found: Row = of_unit["figures"].get(figure, nothing)
    return found


# --- scores ---


def score(held: Held, area: str) -> tuple[int | None, float | None]:
    """Return the score of one area, None below seven tenths of evidence, and the coverage."""
    won = weighed = unknown = 0.0
    cap = 100
    for check, outcome in held.seen.items():
        if check != area and not check.startswith(area + "."):
            continue
        weight = SEVERITY[outcome.severity] * LEVEL[outcome.level]
        if outcome.outcome in VALUE:
            won += weight * VALUE[outcome.outcome]
            weighed += weight
            if outcome.outcome == "fail" and outcome.level == "required":
                cap = min(cap, CAPS.get(outcome.severity, 100))
        elif outcome.outcome in UNKNOWN:
            unknown += weight
    if weighed + unknown == 0:
        return None, None
    coverage = weighed / (weighed + unknown)
    known = weighed > 0 and coverage >= 0.7
    return (min(int(100 * won / weighed + 1e-9), cap) if known else None), cut(coverage)


# --- requirements ---

RULE = re.compile(r"(?:kpi:(?P<kpi>[^<>=]+)|(?P<word>all|declared|manual))(?:(?P<sign>>=|<=)(?P<target>[\d.]+))?")


def every(requirement: Row) -> JudgeFn:
    """Return the function for the rule ``all``: the checks of a requirement on the subjects of its kinds."""
    kinds, wanted = set(requirement["kinds"]), requirement["checks"]
    areas = tuple(one[:-1] for one in wanted if one.endswith(".*"))

    def place(held: Held) -> Place | None:
        if kinds and not held.kinds & kinds:
            return None
        said = held.seen if kinds else own(held)
        named = [one for one in wanted if one in said] + [text for text in said if areas and text.startswith(areas)]
        if not named:
            return UNDECIDED if kinds else None
        return conjunction(held.seen, named)

    return place


def of_requirement(requirement: Row, roots: Collection[str]) -> JudgeFn | None:
    """Return the function that judges a subject under a requirement; None if its rule counts nothing."""
    rule = RULE.fullmatch(requirement["rule"])
    assert rule is not None, requirement["rule"]
    if rule["kpi"] is None and rule["word"] != "all":
        return None
    judge = every(requirement) if rule["kpi"] is None else FIGURES[rule["kpi"]]
    networks = requirement["networks"]

    def place(held: Held) -> Place | None:
        network = held.row["network"] if held.row["kind"] != "unit" else None
        if networks and network is not None and network not in networks:
            return None
        return judge(held) if not requirement["of_root"] or held.row["agency"] in roots else None

    return place


def province(document: Document) -> set[str]:
    """Return the only unit in force at the top, or the only one with a province's level; empty if there is none."""
    tops = {
        one["agency"]: plain_word(one["level"])
        for one in document["rollup"]["units"]
        if one["parent"] is None and one["in_force"] and _is_declared(document, one)
    }
    found = set(tops) if len(tops) == 1 else {code for code, level in tops.items() if level in PROVINCE_WORDS}
    return found if len(found) == 1 else set()


def _is_declared(document: Document, unit: Row) -> bool:
    """True if the inventory has this unit, not just rows with its code. Units are subjects in some networks only."""
    listed = any(row["kind"] == "unit" and row["agency"] == unit["agency"] for row in document["subjects"])
    return listed or bool(unit["level"]) or unit["name"] != (unit["agency"] or "")


def standings(document: Document) -> Iterator[tuple[str, str, str, Counts | None]]:
    """Yield framework, requirement, standing and counts of every requirement of the document."""
    roots = province(document)
    named = {
        f"{framework['id']}/{one['id']}": one
        for framework in document["frameworks"]
        for one in framework["requirements"]
    }
    judges = {name: of_requirement(one, roots) for name, one in named.items()}
    counted = figures(document, {name: judge for name, judge in judges.items() if judge is not None})
    for framework in document["frameworks"]:
        for one in framework["requirements"]:
            found = counted.get(f"{framework['id']}/{one['id']}")
            total = None if found is None else found[None]
            counts = None if total is None else total.counts
            yield framework["id"], one["id"], _standing(document, framework, one, total), counts


def _standing(document: Document, framework: Row, one: Row, total: Counted | None) -> str:
    day = document["rollup"]["day"]
    if any((part["valid_from"] or day) > day or (part["valid_to"] or day) < day for part in (framework, one)):
        return "not_in_force"
    rule = RULE.fullmatch(one["rule"])
    assert rule is not None
    target = None if rule["target"] is None else float(rule["target"])
    if total is None:
        return _by_hand(one, rule["sign"], target)
    if rule["kpi"] is not None and target is None:
        return "no_target" if _applies(one, total) else "nothing"
    return _against(one, total, rule["sign"] or ">=", 100.0 if target is None else target)


def _by_hand(one: Row, sign: str | None, target: float | None) -> str:
    if not one["declared"] or target is None:
        return "manual"
    newest = max(one["declared"], key=lambda each: each["as_of"])["value"]
    reached = newest >= target if sign == ">=" else newest <= target
    return "declared_met" if reached else "declared_not_met"


def _applies(one: Row, total: Counted) -> bool:
    _, of_, _, exempt = total.counts
    return bool(of_ if one["exemptions"] else of_ + exempt)


def _against(one: Row, total: Counted, sign: str, target: float) -> str:
    """Compare a share with a target in percent; exempt subjects are undecided if no exemptions are allowed."""
    met, of_, unknown, exempt = total.counts
    if not one["exemptions"]:
        of_, unknown = of_ + exempt, unknown + exempt
    if not of_:
        return "nothing"
    share = total.share()
    if share is not None and unknown * 10 > of_:
        return "undecided"
    low, high = (met / of_, (met + unknown) / of_) if share is None else (share, share)
    wanted = target / 100
    if sign == "<=":
        low, high, wanted = -high, -low, -wanted
    if low >= wanted - 1e-11:
        return "met"
    return "undecided" if high >= wanted - 1e-11 else "not_met"


# --- differences ---


CompareFn = Callable[[object, object, object], None]


def differences(document: Document) -> list[tuple[object, ...]]:
    """Return the differences between a document and the figures computed from its own findings; empty if right."""
    said, held, units = read(document), read(document, as_held=True), _units(document)
    found: list[tuple[object, ...]] = []

    def compare(what: object, mine: object, printed: object) -> None:
        if mine != printed:
            found.append((what, mine, printed))

    outcomes = Counter(one["outcome"] for one in document["findings"])
    compare("summary", dict(outcomes), {outcome: n for outcome, n in document["summary"].items() if n})
    for held_subject in said.values():
        _compare_subject(compare, held_subject)
    for figure, by_unit in figures(document).items():
        for unit in {None, *units}:
            _compare_figure(compare, figure, unit, by_unit.get(unit, Counted()), _printed(document, figure, unit))
    for unit_row in document["rollup"]["units"]:
        _compare_unit(compare, unit_row, held, units)
        _compare_areas(compare, unit_row, said)
    for framework, requirement, standing, counts in standings(document):
        row = _requirement(document, framework, requirement)
        compare((framework, requirement), standing, row["standing"])
        if counts is not None and standing != "not_in_force":
            _compare_counts(compare, (framework, requirement, "figure"), counts, row["figure"])
    return found


def _compare_subject(compare: CompareFn, held_subject: Held) -> None:
    name = held_subject.row["id"]
    for area in AREAS:
        printed = held_subject.row["scores"].get(area, {})
        compare(("score", name, area), score(held_subject, area), (printed.get("score"), printed.get("coverage")))
    shown = {ladder: (each["level"], each["at_least"]) for ladder, each in held_subject.row["ladders"].items()}
    compare(("ladders", name), held_subject.ladders, shown)


def _compare_counts(compare: CompareFn, what: object, counts: Counts, printed: Row | None) -> None:
    names = ("met", "of", "unknown", "exempt")
    compare(what, counts, (0, 0, 0, 0) if printed is None else tuple(printed[name] for name in names))


def _compare_figure(compare: CompareFn, name: str, unit: str | None, mine: Counted, printed: Row) -> None:
    what = (name, unit)
    met, of_, unknown, _ = mine.counts
    compare(what, mine.counts, tuple(printed[text] for text in ("met", "of", "unknown", "exempt")))
    compare((*what, "planned and waived"), (mine.planned, mine.waived), (printed["planned"], printed["waived"]))
    if not of_:
        return
    low, high = met / of_, (met + unknown) / of_
    if name == "K14" and mine.share() is not None:
        low = high = mine.share() or 0.0
        compare((*what, "value"), cut(low), printed["value"])
    compare((*what, "low and high"), (cut(low), cut(high)), (printed["low"], printed["high"]))
    if name == "K06" and mine.values:
        ordered = sorted(value[0] for value in mine.values)
        ranks = [ordered[max(0, math.ceil(share * len(ordered) / 100) - 1)] for share in (50, 10)]
        compare((*what, "spread"), [cut(rank) for rank in ranks], [printed["median"], printed["tenth"]])


def _compare_unit(compare: CompareFn, unit: Row, held: Mapping[str, Held], units: Mapping[str, Row]) -> None:
    code = unit["agency"] or NO_AGENCY
    mine = [
        held_subject
        for held_subject in held.values()
        if (held_subject.row["agency"] or NO_AGENCY) == code and held_subject.row["kind"] != "unit"
    ]
    whole = [held_subject for held_subject in held.values() if code in _above(held_subject.row["agency"], units)]
    subjects = [held_subject for held_subject in whole if held_subject.row["kind"] != "unit"]
    compare(("subjects", code), (len(mine), len(subjects)), (unit["own"], unit["subjects"]))
    seen = [each for held_subject in whole for each in held_subject.seen.values()]
    fails = [each for each in seen if each.outcome == "fail"]
    required = sum(each.level == "required" and not each.waived for each in fails)
    compare(
        ("required fails", code),
        (required, sum(each.waived for each in fails)),
        (unit["required_fails"], unit["waived"]),
    )
    outcomes = Counter(each.outcome for each in seen)
    compare(("outcomes", code), dict(outcomes), {outcome: n for outcome, n in unit["outcomes"].items() if n})


def _compare_areas(compare: CompareFn, unit: Row, said: Mapping[str, Held]) -> None:
    code = unit["agency"] or NO_AGENCY
    mine = [
        held_subject
        for held_subject in said.values()
        if (held_subject.row["agency"] or NO_AGENCY) == code and held_subject.row["kind"] != "unit"
    ]
    for area in AREAS:
        scores = [(CLASS.get(held_subject.row["kind"], 1), *score(held_subject, area)) for held_subject in mine]
        known = [(weight, value) for weight, value, _ in scores if value is not None]
        unscored = sum(value is None and coverage is not None for _, value, coverage in scores)
        mean = sum(weight * value for weight, value in known) // sum(weight for weight, _ in known) if known else None
        printed = unit["areas"].get(area, {"score": None, "scored": 0, "unscored": 0})
        compare(
            ("area", code, area),
            (mean, len(known), unscored),
            (printed["score"], printed["scored"], printed["unscored"]),
        )


def _requirement(document: Document, framework: str, requirement: str) -> Row:
    found = (
        one
        for each in document["frameworks"]
        if each["id"] == framework
        for one in each["requirements"]
        if one["id"] == requirement
    )
    return next(found)
