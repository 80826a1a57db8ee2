"""Check that the prefix of each service address is announced, by the right AS."""

from collections.abc import Iterator

from auditor.facts.path import origins
from auditor.facts.path.origins import Origin, label, moment
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.routing import RouteOrigin

_CHECK = CheckId("ipv6.path.prefix-announced")
_V6 = frozenset({6})


@check(
    version=4,
    title="IPv6 prefix is announced by the expected AS",
    problem="IPv6 prefix is announced by an unexpected network",
    problems={
        "PARTLY_SEEN": "IPv6 prefix is visible to part of the Internet only",
        "MORE_SPECIFIC": "IPv6 prefix is longer than many networks accept",
        "OTHER_BESIDE": "Another network also announces the IPv6 prefix",
        "NOT_ANNOUNCED": "IPv6 prefix is not announced on the Internet",
    },
    why="An address whose prefix nobody announces is reached by nobody; one that a stranger announces is reached at"
    " the stranger's.",
    fix="Ask the provider to announce the prefix, and to register its route object and ROA.",
    references=("RFC 6177", "RFC 7454 §6.1", "RFC 4271 §9.1"),
    needs=(RouteOrigin, NameLookup),
    kinds=WEB_KINDS | {Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **origins.FRAME,
        "EXPECTED": passed(
            "{address} lies in {prefix}, which {origins:list} {origins/announces/announce} as expected."
        ),
        "PARTLY_SEEN": warn(
            "{address} lies in {prefix}, which only {seen:n} % of the collectors' peers see.",
            fix="Ask the provider why part of the Internet does not take the announcement.",
        ),
        "MORE_SPECIFIC": warn(
            "{address} lies in {prefix}; many networks take no IPv6 prefix longer than /48.",
            fix="Ask the provider to announce a prefix of /48 or shorter that covers it.",
        ),
        "OTHER_BESIDE": warn(
            "{address} lies in {prefix}, which {others:list} {others/announces/announce} too, beside {expected:list},"
            " which the inventory expects.",
            fix="Ask the provider which AS may announce the prefix (a service against attacks, a second provider) and"
            " add it to expected_asn; have any other announcement stopped.",
        ),
        "NOT_ANNOUNCED": fail("{address} lies in no prefix that is announced, by the table of {taken:datetime}."),
        "SMALL_ROUTES": inconclusive(
            "The table of prefixes shows no announcement of {address}, but it has only {rows:n} {rows/row/rows} of "
            "that family and is not complete.",
            fix="Name a whole table under [reference] routes, then check again.",
            reason=Reason.REF,
        ),
        "UNEXPECTED": fail(
            "{address} lies in {prefix}, which {origins:list} {origins/announces/announce}; the inventory expects"
            " {expected:list}.",
            fix="Correct the inventory (expected_asn) if the provider changed; else have the announcement stopped.",
        ),
        "ORIGIN_NOT_RECORDED": inconclusive(
            "{address} lies in {prefix}, which {origins:list} {origins/announces/announce}; which AS is expected is"
            " not recorded.",
            fix="Write the expected AS into the column expected_asn of the inventory.",
            reason=Reason.INV,
        ),
    },
)
def prefix_announced(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    expected = subject.declared.expected_asn
    targets = origins.targets(subject, evidence, ctx, _CHECK, families=_V6)
    yield from origins.together(for_each(targets, lambda origin: _judge(origin, expected, ctx)))


def _judge(origin: Origin, expected: tuple[int, ...], ctx: Context) -> Verdict:
    table = origin.step.routes
    if not origin.announcements:
        if table is None or origins.small(table, ctx, _CHECK):
            return origin.say("SMALL_ROUTES", rows=0 if table is None else table.rows)
        return origin.say("NOT_ANNOUNCED", taken=moment(table.taken))
    named = tuple(label(each.origin) for each in origin.announcements)
    wanted = tuple(map(label, expected))
    if wanted and not set(named) & set(wanted):
        return origin.say("UNEXPECTED", prefix=origin.prefix, origins=named, expected=wanted)
    seen = origin.seen
    if seen is not None and seen < ctx.policy.threshold(_CHECK, "seen_percent"):
        return origin.say("PARTLY_SEEN", prefix=origin.prefix, seen=seen)
    if int(origin.prefix.rpartition("/")[2]) > ctx.policy.threshold(_CHECK, "longest_prefix"):
        return origin.say("MORE_SPECIFIC", prefix=origin.prefix)
    others = tuple(name for name in named if name not in wanted)
    if wanted and others:
        return origin.say("OTHER_BESIDE", prefix=origin.prefix, others=others, expected=wanted)
    if not wanted:
        return origin.say("ORIGIN_NOT_RECORDED", prefix=origin.prefix, origins=named)
    return origin.say("EXPECTED", prefix=origin.prefix, origins=named)
