"""Holds one probe on one task, and orders the last looks at ports so that each is taken in calm.

Firewalls of small offices let one new connection a second through, for every address and port behind them together. A
port that was silent in a burst of ours is shut only if it is silent to a connect that nothing of ours stands beside.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from inventory.model import Subject
from probes.framework.answered_addresses import answers_over_tcp, is_open, was_silent
from probes.framework.evidence import Evidence
from probes.framework.limits import prefix_of
from probes.framework.profile import Profile
from probes.framework.quiet_subject import Quiet
from probes.framework.registry import Probe
from probes.framework.repeats import later_attempt
from probes.framework.tasks import EndpointTask, Target
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect

_OFFICE = 80
"""So many looks at most are kept apart for one firewall that may stand before the addresses of several prefixes: more
would stand so close that it lets fewer of them through than where each prefix has its own."""

_SECOND = frozenset({"http-alt", "https-alt"})
"""Services of a site beside its pages at 80 and 443, tried where the inventory names no services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeJob:
    """One probe on one task, from attempt ``first`` on, not before ``due``; ``behind`` run if a port was open.
    ``quiet`` are all that begin together, of those of which one may disturb the others. Before ``calm_until`` nothing
    begins behind a port that was found open: others are still asked for the last time. ``is_given_up``: there is no
    time for it after all."""

    subject: Subject
    probe: Probe
    target: Target
    behind: tuple[Probe, ...] = ()
    first: int = 0
    due: float = 0.0
    calm_until: float = 0.0
    quiet: Quiet | None = None
    is_given_up: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.probe.name, self.target.key


def opens(probe: Probe) -> bool:
    """True if what it finds open leads to the probes behind an open port."""
    return probe.records in ((TcpConnect,), (SmtpDialogue,))


def silent_ports(
    jobs: Iterable[ProbeJob], evidence: Sequence[Evidence], heard: set[int]
) -> Iterator[tuple[ProbeJob, Evidence]]:
    """The jobs of a subject whose port was silent where others of their office answer, each with its last evidence: in
    one round they are looked at once more, in calm. ``heard`` are the prefixes that answered, this subject's added.

    Not the second ports of a site where none of its addresses has them open: most firewalls are silent there, nobody is
    accused of that, and whoever asked for one check waits.
    """
    last = {(envelope.probe, envelope.task): envelope for envelope in evidence}
    answering = {envelope.task for envelope in evidence if answers_over_tcp(envelope)}
    found = {envelope.task for envelope in evidence if is_open(envelope)}
    asked = list(jobs)
    answered = [job for job in asked if job.target.key in answering]
    heard.update(prefix for job in answered if (prefix := _prefix(job)) is not None)
    needless = _SECOND - {_service(job) for job in asked if job.target.key in found}
    for job in asked:
        seen = last.get(job.key) if opens(job.probe) and _service(job) not in needless else None
        if seen is not None and was_silent(seen) and (answered or _prefix(job) in heard):
            yield job, seen


class _Calm:
    """The times at which nothing else may begin at a place, ``apart`` seconds before its looks included."""

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._spans: dict[Hashable, list[tuple[float, float]]] = {}

    def after(self, due: float, places: Iterable[Hashable]) -> float:
        """Return the first moment from ``due`` on that is in none of the times of any of the places."""
        for begin, end in sorted(span for place in places for span in self._spans.get(place, ())):
            if begin <= due < end:
                due = end
        return due

    def end(self, due: float, places: Iterable[Hashable]) -> float:
        """Return the end of the times that a look at that moment is in."""
        spans = (span for place in places for span in self._spans.get(place, ()))
        return max((end for begin, end in spans if begin <= due < end), default=due)

    def keep(self, due: float, place: Hashable, seconds: float) -> None:
        """Looks are kept in the order of their times."""
        spans = self._spans.setdefault(place, [])
        begin = due - self._apart
        if spans and begin <= spans[-1][1]:
            begin, _ = spans.pop()
        spans.append((begin, due + seconds))


def in_calm(late: Sequence[ProbeJob], now: float, profile: Profile) -> list[ProbeJob]:
    """All of ``late`` in the order in which they are due; the last looks at ports of an office one after another, and
    what else of it falls due meanwhile behind these.

    In one round, for which somebody waits, there are as many as can be kept apart or none: a name that is checked has
    no more, and closer together they tell nothing.
    """
    if profile.one_round and len(late) * profile.calm_apart > profile.calm_most:
        return [replace(job, is_given_up=True) for job in late]
    ordered = sorted(late, key=lambda job: job.due)
    last = [job for job in ordered if _is_last_connect(job, profile.retries)]
    places = _offices(last)
    counted = Counter(place for job in last for place in places(job))
    apart, most = profile.calm_apart, profile.calm_most
    calm, dues = _Calm(apart), list[tuple[float, ProbeJob]]()
    for job in last:
        due = calm.after(job.due if job.due > now else now + apart, places(job))
        for place in places(job):
            calm.keep(due, place, min(apart, most / counted[place]))
        dues.append((due, job))
    others = (job for job in ordered if not _is_last_connect(job, profile.retries))
    dues += [(calm.after(max(job.due, now), places(job)), job) for job in others]
    ends = [calm.end(due, places(job)) for due, job in dues]
    timed = (replace(job, due=due, calm_until=end) for (due, job), end in zip(dues, ends, strict=True))
    return sorted(timed, key=attrgetter("due"))


def _is_last_connect(job: ProbeJob, retries: Mapping[str, Sequence[float]]) -> bool:
    connects = job.probe.retry == "connect" or opens(job.probe)
    return connects and later_attempt(retries[job.probe.retry], job.first) is None


def _service(job: ProbeJob) -> str | None:
    task = job.target.task
    return task.service.name if isinstance(task, EndpointTask) and task.service is not None else None


def _places(job: ProbeJob) -> tuple[Hashable, ...]:
    """Whatever one firewall may stand before: the subject, and who else is in the prefix of the address."""
    prefix = _prefix(job)
    return (job.subject.id,) if prefix is None else (job.subject.id, prefix)


def _prefix(job: ProbeJob) -> int | None:
    """Return the prefix of the address as a number: those of a whole run are kept. None without an address."""
    task = job.target.task
    if not isinstance(task, EndpointTask):
        return None
    address = task.endpoint.address
    return prefix_of(address) << 1 | (address.version == 6)


def _offices(last: Iterable[ProbeJob]) -> Callable[[ProbeJob], tuple[Hashable, ...]]:
    """What one firewall may stand before, for each job. The subjects and prefixes of ``last`` that hang together are
    one office, as both families of several of its hosts do, unless they are a data centre by their number."""
    office: dict[Hashable, Hashable] = {}

    def top(place: Hashable) -> Hashable:
        while (above := office.setdefault(place, place)) != place:
            office[place] = place = office[above]  # halves the way up, which many subjects of one prefix make long
        return place

    looks = list(last)
    for job in looks:
        first, *others = (top(place) for place in _places(job))
        office.update(dict.fromkeys(others, first))
    sizes = Counter(top(job.subject.id) for job in looks)

    def places(job: ProbeJob) -> tuple[Hashable, ...]:
        whole = {top(place): None for place in _places(job)}
        return tuple(whole) if all(sizes[place] <= _OFFICE for place in whole) else _places(job)

    return places
