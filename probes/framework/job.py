"""Holds one probe on one task, and schedules the last connects to ports without other traffic of ours.

Firewalls of small offices allow one new connection a second, for all addresses and ports behind them together. A port
that was silent in a burst of ours counts as closed only if it is silent to a single connect beside no other of ours.
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
from probes.framework.quiet_subject import ProbeBarrier
from probes.framework.registry import Probe
from probes.framework.repeats import later_attempt
from probes.framework.tasks import EndpointTask, Target
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect

_OFFICE = 80
"""The number of last connects up to which one firewall is assumed to protect addresses of several prefixes.

With more, the gaps would be so short that fewer get through than with a schedule for each prefix.
"""

_SECOND = frozenset({"http-alt", "https-alt"})
"""Services of a site besides ports 80 and 443, tried if the inventory names no services."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeJob:
    """Holds one probe on one task, from attempt ``first``, not before ``due``.

    ``behind`` are the probes that run if it finds the port open. ``quiet``: all jobs that begin together, if one of
    them may disturb the others. No probe of an open port begins before ``calm_until``, as last connects to other ports
    are still running. ``is_given_up``: there is no time for it.
    """

    subject: Subject
    probe: Probe
    target: Target
    behind: tuple[Probe, ...] = ()
    first: int = 0
    due: float = 0.0
    calm_until: float = 0.0
    quiet: ProbeBarrier | None = None
    is_given_up: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.probe.name, self.target.key


def opens(probe: Probe) -> bool:
    """True if a port that the probe finds open is measured by further probes."""
    return probe.records in ((TcpConnect,), (SmtpDialogue,))


def silent_ports(
    jobs: Iterable[ProbeJob], evidence: Sequence[Evidence], heard: set[int]
) -> Iterator[tuple[ProbeJob, Evidence]]:
    """Yield the jobs with a silent port at an office that answers elsewhere, each with its last evidence.

    In a profile of one round they are repeated once, without other traffic. ``heard`` are the prefixes that answered;
    those of this subject are added. The second ports of a site are left out if none of its addresses has them open:
    most firewalls are silent there, it is not a defect, and a user who asked for one check is waiting.
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


class _ReservedTimes:
    """Holds the times at which nothing else may begin at a place, including ``apart`` seconds before each connect."""

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._spans: dict[Hashable, list[tuple[float, float]]] = {}

    def after(self, due: float, places: Iterable[Hashable]) -> float:
        """Return the first moment from ``due`` on outside the reserved times of all the places."""
        for begin, end in sorted(span for place in places for span in self._spans.get(place, ())):
            if begin <= due < end:
                due = end
        return due

    def end(self, due: float, places: Iterable[Hashable]) -> float:
        """Return the end of the reserved times that contain ``due``, ``due`` itself if none do."""
        spans = (span for place in places for span in self._spans.get(place, ()))
        return max((end for begin, end in spans if begin <= due < end), default=due)

    def keep(self, due: float, place: Hashable, seconds: float) -> None:
        """Keep the time from ``apart`` seconds before ``due`` to ``seconds`` after it free; call in order of time."""
        spans = self._spans.setdefault(place, [])
        begin = due - self._apart
        if spans and begin <= spans[-1][1]:
            begin, _ = spans.pop()
        spans.append((begin, due + seconds))


def in_calm(late: Sequence[ProbeJob], now: float, profile: Profile) -> list[ProbeJob]:
    """Return ``late`` in order of time, the last connects to ports of an office one after another.

    Other jobs of the office that are due meanwhile follow these. In a profile of one round, for which a user waits, all
    are given up if they cannot be spaced out: a single name has few, and closer together they show nothing.
    """
    if profile.one_round and len(late) * profile.calm_apart > profile.calm_most:
        return [replace(job, is_given_up=True) for job in late]
    ordered = sorted(late, key=lambda job: job.due)
    last = [job for job in ordered if _is_last_connect(job, profile.retries)]
    places = _offices(last)
    counted = Counter(place for job in last for place in places(job))
    apart, most = profile.calm_apart, profile.calm_most
    calm, dues = _ReservedTimes(apart), list[tuple[float, ProbeJob]]()
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
    """Return the places that one firewall may protect: the subject, and all in the prefix of the address."""
    prefix = _prefix(job)
    return (job.subject.id,) if prefix is None else (job.subject.id, prefix)


def _prefix(job: ProbeJob) -> int | None:
    """Return the prefix of the address as a number, as all of a run are kept; None without an address."""
    task = job.target.task
    if not isinstance(task, EndpointTask):
        return None
    address = task.endpoint.address
    return prefix_of(address) << 1 | (address.version == 6)


def _offices(last: Iterable[ProbeJob]) -> Callable[[ProbeJob], tuple[Hashable, ...]]:
    """Return a function from a job to the places that one firewall may protect.

    Connected subjects and prefixes of ``last`` form one office, as IPv4 and IPv6 of several of its hosts do, unless
    they are so many (over ``_OFFICE``) that they must be a data centre.
    """
    office: dict[Hashable, Hashable] = {}

    def top(place: Hashable) -> Hashable:
        while (above := office.setdefault(place, place)) != place:
            office[place] = place = office[above]  # path halving: many subjects of one prefix make long paths
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
