"""Check that the origin of the announced prefix is covered by a valid ROA.

The state is that of RFC 6811 §2, made from an offline table of routes and an export of validated ROAs.
"""

from collections.abc import Iterable, Iterator

from auditor.facts.path import origins
from auditor.facts.path.origins import Origin, label, moment
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, NameLookup
from probes.observations.routing import Announcement, RouteOrigin, Table

_CHECK = CheckId("security.routing.rpki")


@check(
    version=4,
    title="Route origin is covered by a valid ROA",
    problem="Route contradicts its RPKI authorisation (ROA)",
    problems={
        "NOT_FOUND": "Route has no RPKI authorisation (ROA)",
        "INVALID_BESIDE": "Another network announces the prefix against its ROA",
    },
    why="Without a ROA anybody's router can announce the agency's prefix and draw its visitors away; networks that"
    " validate throw away routes that contradict a ROA, and with them the service.",
    fix="Ask the address holder (the provider or VNNIC's member) to create a ROA for the prefix and its origin AS.",
    references=("RFC 6811 §2", "RFC 9582 §4", "RFC 9319"),
    needs=(RouteOrigin, NameLookup, Delegation),
    kinds=WEB_KINDS | {Kind.ZONE, Kind.HOST},
    vantage=frozenset({VantageKind.INET}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **origins.FRAME,
        "VALID": passed("{address}: {prefix} from {origins:list} is covered by a valid ROA."),
        "NOT_FOUND": warn("{address}: no ROA covers {prefix}, which {origins:list} {origins/announces/announce}."),
        "INVALID_ORIGIN": fail(
            "{address}: {origin} announces {prefix}, but the ROAs allow only {allowed:list}.",
            fix="Correct the ROA if the announcement is meant; else find out with the provider who announces the"
            " prefix, and have it stopped.",
        ),
        "INVALID_BESIDE": warn(
            "{address}: {origins:list} {origins/announces/announce} {prefix} as its ROAs allow, and {others:list}"
            " against them: networks that validate take the former, others may take the latter.",
            fix="Where the agency's own provider is among the latter, create a ROA for it too; else another network "
            "draws visitors away: have the provider see to it that the announcement stops.",
        ),
        "INVALID_LENGTH": fail(
            "{address}: {origin} announces {prefix}, but its ROAs allow no prefix longer than /{longest}.",
            fix="Create a ROA for exactly the announced prefix, or announce the prefix that the ROA names.",
        ),
        "INVALID_SET": fail(
            "{address}: {prefix} is announced with an AS_SET as its origin, which no ROA can allow.",
            fix="Ask the provider to announce the prefix from one AS (RFC 9774).",
        ),
        "NOT_ANNOUNCED": inconclusive(
            "{address}: the table of {taken:datetime} shows no announcement, so there is no origin to validate.",
            fix="Check by another table that the prefix is announced.",
            reason=Reason.REF,
        ),
        "NO_ROAS": inconclusive(
            "No export of ROAs is configured for {addresses:list}, so who announces them was not validated.",
            fix="Name an export of routinator (json or csv, at most a day old) under [reference] roas.",
            reason=Reason.REF,
        ),
        "SMALL_ROAS": inconclusive(
            "No ROA covers {address}, but the export has only {rows:n} {rows/row/rows} of that family and is not "
            "complete.",
            fix="Export all ROAs into [reference] roas, then check again.",
            reason=Reason.REF,
        ),
        "OLD_ROAS": inconclusive(
            "The export of ROAs is of {taken:datetime}, too old to judge {addresses:list} by it.",
            fix="Export the ROAs of [reference] roas anew, then check again.",
            reason=Reason.REF,
        ),
    },
)
def rpki(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    targets = origins.targets(subject, evidence, ctx, _CHECK)
    yield from origins.together(for_each(targets, lambda origin: _judge(origin, ctx)))


def _judge(origin: Origin, ctx: Context) -> Verdict:
    roas, routes = origin.step.roas, origin.step.routes
    if roas is None:
        return origin.say("NO_ROAS")
    if origins.old(roas, origin.at, ctx, _CHECK):
        return origin.say("OLD_ROAS", taken=moment(roas.taken))
    if not origin.announcements:
        return origin.say("NOT_ANNOUNCED", taken=_taken(routes))
    invalid = {each: verdict for each in origin.announcements if (verdict := _invalid(origin, each)) is not None}
    if invalid:
        valid = [each for each in origin.announcements if each not in invalid and origin.covering(each)]
        return _beside(origin, valid, invalid) if valid else next(iter(invalid.values()))
    uncovered = [each for each in origin.announcements if not origin.covering(each)]
    if uncovered and origins.small(roas, ctx, _CHECK):
        return origin.say("SMALL_ROAS", rows=roas.rows)
    named = tuple(label(each.origin) for each in uncovered or origin.announcements)
    return origin.say("NOT_FOUND" if uncovered else "VALID", prefix=origin.prefix, origins=named)


def _beside(origin: Origin, valid: Iterable[Announcement], invalid: Iterable[Announcement]) -> Verdict:
    """Return the verdict if a valid origin keeps the service reachable; the other may be unauthorised by the owner."""
    names = {
        "origins": tuple(label(each.origin) for each in valid),
        "others": tuple(label(each.origin) for each in invalid),
    }
    return origin.say("INVALID_BESIDE", prefix=origin.prefix, **names)


def _invalid(origin: Origin, announced: Announcement) -> Verdict | None:
    """Return the verdict where ROAs cover the route and none matches it; AS 0 matches nothing (RFC 6483 §4)."""
    covering = origin.covering(announced)
    length = int(announced.prefix.rpartition("/")[2])
    own = [vrp for vrp in covering if vrp.asn == announced.origin and vrp.asn != 0]
    if not covering or any(length <= vrp.max_length for vrp in own):
        return None
    if announced.origin is None:
        return origin.say("INVALID_SET", prefix=announced.prefix)
    said = {"prefix": announced.prefix, "origin": label(announced.origin)}
    if own:
        return origin.say("INVALID_LENGTH", **said, longest=str(max(vrp.max_length for vrp in own)))
    allowed = tuple(label(asn) for asn in sorted({vrp.asn for vrp in covering}))
    return origin.say("INVALID_ORIGIN", **said, allowed=allowed)


def _taken(table: Table | None) -> str:
    return "" if table is None else moment(table.taken)
