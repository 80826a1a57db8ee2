"""Derives the ability of the vantage to observe: self-test points, and the transports shown to work.

Pure. A self-test is judged by the ``meta.selftest.*`` checks, point by point; this module only collects the results.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.facts.nat64 import nat64_prefixes
from auditor.facts.path.vantage_path import own_path
from auditor.framework.address_owners import ANYWHERE, AddressOwner, DeviceSites
from auditor.framework.check import Check
from auditor.framework.context import Context, Health, SelfTestPoint, TransportKey, VantageHealth
from auditor.framework.findings import CheckId, Outcome, worst
from inventory.model import Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind, Parts
from probes.observations.mail import STARTTLS, SmtpDialogue, StartTls
from probes.observations.vantage import ClockStep, ControlAnswer, ResolverFact, VantageAddress

SELFTEST = "selftest"
_FAMILY_CHECKS = {6: CheckId("meta.selftest.ipv6"), 4: CheckId("meta.selftest.ipv4")}
_RESOLVER_CHECK = CheckId("meta.selftest.resolver")
_CLOCK_CHECK = CheckId("meta.selftest.clock")
_GOOD = frozenset({Outcome.PASS, Outcome.WARN})
_MISSING = frozenset({"nxdomain", "missing"})
"""Steps that ask for a name that does not exist."""
_SET_BACK = 30.0
"""Seconds by which the clock may be set back during a run without mixing up the order of measurements."""
_REFUSING = 3
"""Owners of addresses that must refuse a transport before a firewall near the vantage is assumed to refuse it."""
_BY_NAME = frozenset({"tcp/25", STARTTLS})
"""Transports to hosts that are named in DNS as ones that accept mail."""
_ASKED = frozenset({StartTls.REFUSED, StartTls.FAILED, StartTls.DONE})


def vantage_subject(name: str) -> Subject:
    """Return the vantage as a subject, so that its self-test is evidence like any other."""
    return Subject(id=SubjectId(f"vantage:{name}"), kind=Kind.HOST, kinds=frozenset({Kind.HOST}), name=name)


class WorkingControls:
    """Gathers over a whole run, in one pass, which controls and which owners' subjects answered over each transport.

    Memory: at most a few owners of each network for each transport.
    """

    def __init__(self, subjects: Iterable[Subject] = (), networks: Container[Network] = ()) -> None:
        """Prepare the locations of subjects inside TSLCD; ``networks`` are those in which the vantage stands."""
        inside = tuple(subject for subject in subjects if subject.network is Network.TSLCD)
        places = DeviceSites.of(inside)
        self._locations = {subject.id: places.location(subject, networks) for subject in inside}
        self._controls: set[TransportKey] = set()
        self._answers: dict[TransportKey, set[AddressOwner]] = {}
        self._enough: dict[Network, set[TransportKey]] = {network: set() for network in Network}
        self._accepted: set[TransportKey] = set()
        self._refused: dict[TransportKey, set[AddressOwner]] = {}

    def add(self, evidence: Evidence, parts: Parts) -> None:
        """Take every answer among the ``parts`` of a piece of evidence as proof that its transport works from here.

        Inside TSLCD only answers of a site itself show that packets arrive: a probe of it may go on to other hosts.
        """
        location = self._locations.get(evidence.subject, ANYWHERE)
        enough = self._enough[location.network]
        only = None if location is ANYWHERE or evidence.endpoint is None else evidence.endpoint.address
        for part in (single for _, singles in parts for single in singles if single.is_control):
            for address, transport in part.answers():
                key = address.version, transport
                if location.network is Network.INTERNET and transport.startswith("tcp/"):
                    if key not in self._accepted:  # after that the owner no longer matters
                        refused = part.failure is not None and part.failure.kind is FailureKind.REFUSED
                        self._weigh(key, location.owner(address), refused=refused)
                    if isinstance(part, SmtpDialogue):
                        self._weigh_starttls(part, location.owner(address))
                if isinstance(part, ControlAnswer):
                    self._controls.add(key)
                elif key not in enough and (only is None or address == only):
                    self._note(key, location.owner(address))

    def _weigh_starttls(self, dialogue: SmtpDialogue, owner: AddressOwner) -> None:
        if dialogue.starttls is not StartTls.NOT_ASKED:
            key = dialogue.address.version, STARTTLS
            self._weigh(key, owner, refused=dialogue.starttls not in _ASKED)

    def _weigh(self, key: TransportKey, owner: AddressOwner, *, refused: bool) -> None:
        """Note the owner of an address that accepted or refused; keep at most ``_REFUSING`` owners that refused."""
        if key in self._accepted:
            return
        if not refused:
            self._accepted.add(key)
            return
        owners = self._refused.setdefault(key, set())
        if len(owners) < _REFUSING:
            owners.add(owner)

    def _note(self, key: TransportKey, owner: AddressOwner) -> None:
        known = self._answers.setdefault(key, set())
        known.add(owner)
        if sum(other.network is owner.network for other in known) == 2:  # two suffice: one is another owner
            self._enough[owner.network].add(key)

    @property
    def answered(self) -> frozenset[TransportKey]:
        """The transports over which a control answered."""
        return frozenset(self._controls)

    @property
    def turned_away(self) -> frozenset[TransportKey]:
        """The Internet transports over which several owners refused and none accepted.

        Where only one of the two families accepts, the servers are the likelier cause, except for transports whose
        peers are all known to accept mail.
        """
        most = {key for key, owners in self._refused.items() if len(owners) >= _REFUSING} - self._accepted
        return frozenset(
            (family, transport)
            for family, transport in most
            if transport in _BY_NAME or (10 - family, transport) not in self._accepted
        )

    @property
    def answers(self) -> Mapping[TransportKey, frozenset[AddressOwner]]:
        return {key: frozenset(owners) for key, owners in self._answers.items()}


def unknown_health(name: str, networks: frozenset[Network], lans: frozenset[str] = frozenset()) -> VantageHealth:
    """Return the health of a vantage before its self-test, which is itself judged with it."""
    return VantageHealth(
        name=name, networks=networks, lans=lans, ipv4=Health.OK, ipv6=Health.OK, dns=Health.OK, points=()
    )


def assess(selftests: Iterable[Evidence], checks: Mapping[CheckId, Check], ctx: Context) -> VantageHealth:
    """Return the health of ``ctx.vantage`` from its self-test evidence only; without any, nothing is known to work."""
    tests = sorted(
        (selftest for selftest in selftests if selftest.probe == SELFTEST),
        key=lambda envelope: (envelope.started, envelope.id),
    )
    sessions = {number: [test for test in tests if test.attempt == number] for number in {t.attempt for t in tests}}
    points = [point for session in sessions.values() for point in _points(session, checks, ctx)]
    points.sort(key=lambda point: point.at)
    everything = EvidenceSet(tests)
    return replace(
        ctx.vantage,
        ipv4=_family_health(4, points, everything),
        ipv6=_family_health(6, points, everything),
        dns=Health.OK if _holds(_RESOLVER_CHECK, everything, checks, ctx) else Health.IMPAIRED,
        points=tuple(points),
        own={family: own_path(everything, family) for family in (6, 4)},
        nat64=nat64_prefixes(everything),
        sources=tuple(
            dict.fromkeys(step.source for _, step in everything.of(VantageAddress) if step.source is not None)
        ),
        public=tuple(dict.fromkeys(seen for _, step in everything.of(VantageAddress) for seen in step.public)),
    )


def _points(tests: Sequence[Evidence], checks: Mapping[CheckId, Check], ctx: Context) -> list[SelfTestPoint]:
    """Return the points of the self-tests between two interruptions, with the clock judged for all of them together.

    Where the clock was set back, the order of measurements is unknown: each point then has the worst of all results.
    """
    session = EvidenceSet(tests)
    points = [_point(test, checks, ctx, session) for test in tests]
    if all(step.seconds >= -_SET_BACK for _, step in session.of(ClockStep)):
        return points
    return [
        replace(
            point,
            families=frozenset.intersection(*(other.families for other in points)),
            iterative=all(other.iterative for other in points),
            silent=frozenset.union(*(other.silent for other in points)),
            invents=any(other.invents for other in points),
            hides=any(other.hides for other in points),
        )
        for point in points
    ]


def _point(test: Evidence, checks: Mapping[CheckId, Check], ctx: Context, session: EvidenceSet) -> SelfTestPoint:
    alone = EvidenceSet([test])
    facts = [fact for _, fact in alone.of(ResolverFact)]
    tried: dict[bool, set[TransportKey]] = {True: set(), False: set()}
    for _, step in alone.of(ControlAnswer):
        tried[step.is_control].add((step.address.version, step.transport))
    return SelfTestPoint(
        answered=frozenset(tried[True]),
        silent=frozenset(tried[False] - tried[True]),
        at=test.started,
        label=test.task,
        families=frozenset(f for f, check in _FAMILY_CHECKS.items() if _holds(check, alone, checks, ctx)),
        clock=not _fails(_CLOCK_CHECK, _with_steps(test, session), checks, ctx),
        iterative=_reaches_roots(fact for fact in facts if fact.step == "root"),
        invents=any(fact.step in _MISSING and fact.records > 0 for fact in facts),
        hides=any(fact.hides for fact in facts),
    )


def _with_steps(test: Evidence, session: EvidenceSet) -> EvidenceSet:
    steps = tuple(step for _, step in session.of(ClockStep))
    return EvidenceSet([replace(test, steps=(*(step for step in test.steps if step not in steps), *steps))])


def _reaches_roots(roots: Iterable[ResolverFact]) -> bool:
    """True if a root server itself answered, and an interceptor answered over neither family.

    A device that intercepts port 53 answers in place of every server, and often only over IPv4.
    """
    answered = [fact.authoritative for fact in roots if fact.answered]
    return bool(answered) and all(answered)


def _holds(check: CheckId, evidence: EvidenceSet, checks: Mapping[CheckId, Check], ctx: Context) -> bool:
    """True if a self-test check passes or warns."""
    return _outcome(check, evidence, checks, ctx) in _GOOD


def _fails(check: CheckId, evidence: EvidenceSet, checks: Mapping[CheckId, Check], ctx: Context) -> bool:
    """True if a self-test check has shown a defect of ours; an inconclusive check has not."""
    return check in checks and _outcome(check, evidence, checks, ctx) is Outcome.FAIL


def _outcome(check: CheckId, evidence: EvidenceSet, checks: Mapping[CheckId, Check], ctx: Context) -> Outcome | None:
    """Return the outcome of a self-test check. One that raises has shown nothing; judge_vantage reports the bug."""
    found, subject = checks[check], vantage_subject(ctx.vantage.name)
    try:
        outcomes = [found.messages[verdict.code].outcome for verdict in found.run(subject, evidence, ctx)]
    except Exception:
        return None
    return worst(outcomes) if outcomes else None


def _family_health(family: int, points: Sequence[SelfTestPoint], evidence: EvidenceSet) -> Health:
    working = [family in point.families for point in points]
    if points and all(working):
        return Health.OK
    routed = any(step.family == family and step.failure is None for _, step in evidence.of(VantageAddress))
    return Health.IMPAIRED if routed else Health.NONE
