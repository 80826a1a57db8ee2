"""Defines evidence, which one probe recorded at one subject, and the closed vocabulary of failures.

An observation is one step on the wire with its inputs and outputs, successful or not. Nothing here judges.
Times are seconds after the envelope's ``started``; ``started`` is aware UTC.
"""

from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NewType, Protocol, TypeVar, runtime_checkable

from inventory.model import Endpoint, IPAddress, SubjectId

RunId = NewType("RunId", str)
EvidenceId = NewType("EvidenceId", str)


class Attribution(StrEnum):
    """Names the side to which a failure is attributed: the peer, the path, or our own (vantage or program)."""

    THEIRS = "theirs"
    PATH = "path"
    OURS = "ours"


class FailureKind(StrEnum):
    """Names every way a step can fail. Refused and timed out are never merged."""

    REFUSED = "refused"
    RESET = "reset"
    TLS_ALERT = "tls_alert"
    PROTOCOL = "protocol"
    NAME_ERROR = "name_error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    PROHIBITED = "prohibited"
    PACKET_TOO_BIG = "packet_too_big"
    NO_PERMISSION = "no_permission"
    FILTERED_HERE = "filtered_here"
    NO_ROUTE_HERE = "no_route_here"
    OUT_OF_SCOPE = "out_of_scope"
    CUT_SHORT = "cut_short"
    OVER_BUDGET = "over_budget"
    OUT_OF_TIME = "out_of_time"
    BUG = "bug"

    @property
    def attribution(self) -> Attribution:
        return _ATTRIBUTION[self]


CLOSED_EARLY = "closed before the end of the answer"
"""The failure detail of a stream that the peer closed."""
CLOSED_MUTE = "closed without an answer"
"""The failure detail of a stream that the peer closed before any answer."""

_ATTRIBUTION = {
    FailureKind.REFUSED: Attribution.THEIRS,
    FailureKind.RESET: Attribution.THEIRS,
    FailureKind.TLS_ALERT: Attribution.THEIRS,
    FailureKind.PROTOCOL: Attribution.THEIRS,
    FailureKind.NAME_ERROR: Attribution.THEIRS,
    FailureKind.TIMEOUT: Attribution.PATH,
    FailureKind.UNREACHABLE: Attribution.PATH,
    FailureKind.PROHIBITED: Attribution.PATH,
    FailureKind.PACKET_TOO_BIG: Attribution.PATH,
    FailureKind.NO_PERMISSION: Attribution.OURS,
    FailureKind.FILTERED_HERE: Attribution.OURS,
    FailureKind.NO_ROUTE_HERE: Attribution.OURS,
    FailureKind.OUT_OF_SCOPE: Attribution.OURS,
    FailureKind.CUT_SHORT: Attribution.OURS,
    FailureKind.OVER_BUDGET: Attribution.OURS,
    FailureKind.OUT_OF_TIME: Attribution.OURS,
    FailureKind.BUG: Attribution.OURS,
}


NO_CONNECT = "no answer to the connect in time"
"""The detail of a timeout before a connection was made."""

OF_THIS_MACHINE = "this machine"
"""The prefix of the detail of failures due to a pause of this machine: it slept, stalled or could not send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Holds why a step failed. ``detail`` is bounded and may hold text from peers; ``errno`` is the raw number."""

    kind: FailureKind
    detail: str = ""
    errno: int | None = None

    @property
    def is_momentary(self) -> bool:
        """True if this machine itself missed the answer, which may not happen the next time."""
        return self.kind is FailureKind.CUT_SHORT and self.detail.startswith(OF_THIS_MACHINE)

    @property
    def is_silence(self) -> bool:
        """True if there was no answer in time, because none came or because this machine missed it."""
        return self.kind is FailureKind.TIMEOUT or self.is_momentary

    @property
    def is_unconnected(self) -> bool:
        """True if no connection was made, for lack of an answer or by a refusal, so that no request was sent."""
        return self.kind in (FailureKind.REFUSED, FailureKind.PROHIBITED) or self.detail == NO_CONNECT

    @property
    def may_be_held(self) -> bool:
        """True if it may be a fault of the subject or the path, or hide one for a moment."""
        return self.kind.attribution is not Attribution.OURS or self.is_momentary


At = tuple[IPAddress, str]
"""An address and a transport: ``tcp/443``, ``udp/53``, ``icmp``, or a word for packets of one form."""

_CAME_BACK = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.TLS_ALERT, FailureKind.PROTOCOL})
"""Failures that the peer caused: our packets reached it, and an answer came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Serves as the base of every observation type.

    ``because`` names the observation that led a probe off its own target (a redirect). Every type defines where it was
    made (``at``), the addresses that answered (``answers``) and its text for reviewers (``lines``): no other place
    lists the types.
    """

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 0
    LARGE: ClassVar[bool] = False
    """Whether it expects a large answer (full packets, a certificate, a page), which may be lost by its size."""
    MEASURED: ClassVar[bool] = True
    """Whether it was measured in the run; declared or previously sampled values do not depend on that moment."""

    t0: float = 0.0
    t: float = 0.0
    failure: Failure | None = None
    because: str | None = None

    def at(self) -> At | None:
        """Return the queried address of the subject and the transport; None if there is no single one."""
        raise NotImplementedError

    def answers(self) -> Iterator[At]:
        """Yield each address and transport that sent anything back, a refusal included.

        Such an address is alive, and the path works both ways. Addresses that belong to no subject (an anchor, our own
        resolver) are left out.
        """
        raise NotImplementedError

    def is_answered_by(self, address: IPAddress) -> bool:
        """True if an answer came from ``address``."""
        return any(answering == address for answering, _ in self.answers())

    def lines(self, word: Callable[[str], str]) -> Iterator[str]:
        """Yield its lines for a reviewer: request, answer and duration, then indented details.

        They are technical, as dig's or curl's; ``word`` returns the reader's word for a kind of failure.
        """
        raise NotImplementedError

    def headline(self, word: Callable[[str], str]) -> str:
        """Return one line as a summary of all."""
        return next(self.lines(word))

    def single_steps(self) -> "Iterator[Observation]":
        """Yield the observations that this one contains, each of which may fail by itself."""
        yield self

    @property
    def came_back(self) -> bool:
        """True if any answer came: success, or a failure that the peer caused."""
        return self.failure is None or self.failure.kind in _CAME_BACK

    @property
    def is_control(self) -> bool:
        """True if its answers show that our packets get out and back (CHECKS §0.7, G1): success or a refusal.

        Resets and alerts do not show it: a firewall on our side that accepts connections for all hosts sends them too.
        """
        return self.failure is None or self.failure.kind is FailureKind.REFUSED

    @property
    def is_silent(self) -> bool:
        """True if a request got no answer although ``failure`` does not say so."""
        return False

    @property
    def worth_repeating(self) -> bool:
        """True if an immediate second attempt may show more: no answer came in time, or this machine missed it."""
        return self.failure is not None and self.failure.is_silence

    @property
    def worth_confirming(self) -> bool:
        """True if the result must be seen again later before it counts as a defect (CHECKS §0.4)."""
        return self.failure is not None and self.failure.may_be_held

    def shown_to(self, seen: Container[str]) -> "Observation | None":
        """Return the observation for a reader with access to these subjects only; None if nothing of it is left.

        Anything that a subject itself publishes, answers or leads to is its own. Types that hold data of the
        configuration or of a table about other subjects override this.
        """
        return self


O = TypeVar("O", bound=Observation)  # noqa: E741 - the name the design uses
T = TypeVar("T")

OBSERVATIONS: dict[str, type[Observation]] = {}
_ASKED = ("at", "answers", "lines")
"""The methods that every type must define."""


def observation(kind: str, version: int) -> Callable[[type[O]], type[O]]:
    """Register an observation type under the kind and version used in stored evidence."""

    def register(cls: type[O]) -> type[O]:
        for name in _ASKED:
            if getattr(cls, name) is getattr(Observation, name):
                raise TypeError(f"observation kind {kind!r} does not define {name}()")
        if kind in OBSERVATIONS:
            raise ValueError(f"observation kind {kind!r} is registered twice")
        cls.KIND = kind
        cls.VERSION = version
        OBSERVATIONS[kind] = cls
        return cls

    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Holds the record of one probe run over one task.

    ``task`` names the task inside the subject (an address and port, or a name), so that (run, subject, probe, task,
    attempt) is unique and its digest is the id. ``queued`` is the seconds it waited for admission before ``started``.
    """

    id: EvidenceId
    run: RunId
    subject: SubjectId
    endpoint: Endpoint | None
    task: str
    probe: str
    probe_version: int
    attempt: int
    vantage: str
    started: datetime
    queued: float
    steps: tuple[Observation, ...]
    failure: Failure | None = None
    schema: int = 1

    @property
    def is_out_of_time(self) -> bool:
        """True if it was cut or not started because the time of its subject was used up."""
        return self.failure is not None and self.failure.kind is FailureKind.OUT_OF_TIME

    def time_of(self, step: Observation) -> datetime:
        """Return the time at which ``step`` ended; its content is judged for that time.

        Signatures, certificates and policies expire between the first and the last answer of a run.
        """
        return self.started + timedelta(seconds=step.t)

    @property
    def ended(self) -> datetime:
        """The time at which the last of its steps ended."""
        return self.started + timedelta(seconds=max((step.t for step in self.steps), default=0.0))

    def is_within(self, earliest: datetime, latest: datetime) -> bool:
        """True if it began, and each step ended, between two moments.

        Evidence from other machines may hold any time; a step outside the run, or at an impossible time, would stop
        every reader of the run's evidence.
        """
        if not earliest <= self.started <= latest:
            return False
        longest = (latest - self.started).total_seconds()
        return all(abs(step.t) <= longest for step in self.steps)

    def parts(self) -> "Parts":
        """Return each step with the observations in it; several readers share one iteration."""
        return [(step, tuple(step.single_steps())) for step in self.steps]


Parts = Sequence[tuple[Observation, Sequence[Observation]]]
Pairs = Sequence[tuple[Evidence, Observation]]
EvidenceById = Mapping[EvidenceId, Evidence]


@runtime_checkable
class Sifting(Protocol):
    """Describes evidence that can tell, before decoding a piece, that it has no observation of some kinds."""

    def holding(self, kinds: Collection[type[Observation]]) -> Iterator[Evidence]: ...


def holding(evidence: EvidenceById, kinds: Collection[type[Observation]]) -> Iterator[Evidence]:
    """Return all pieces with an observation of these kinds, in order; pieces without one may be among them."""
    return evidence.holding(kinds) if isinstance(evidence, Sifting) else iter(evidence.values())


class EvidenceSet:
    """Holds all evidence of one subject, in a fixed order that does not depend on the order of measuring.

    It also caches derived values (``once``): dozens of checks need the same ones of a subject, and they are dropped
    when the subject has been judged.
    """

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._all = tuple(sorted(evidence, key=lambda e: (e.probe, e.task, e.attempt, e.id)))
        self._of: dict[type[Observation], Pairs] = {}
        self._types: dict[type[Observation], list[tuple[Evidence, Observation]]] | None = None
        """The observations by their own type, in order."""
        self._made: dict[Hashable, object] = {}

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def of(self, kind: type[O]) -> Iterator[tuple[Evidence, O]]:
        """Return all observations of ``kind``, each with the evidence that holds it."""
        return iter(self._every(kind))

    def has(self, kinds: Iterable[type[Observation]]) -> bool:
        """True if there is any observation of any of ``kinds``."""
        return any(self._every(kind) for kind in kinds)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the result of ``make``, computed once per ``key``; a key stands for one pure function of the set."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]  # type: ignore[return-value]  # by its key

    def _every(self, kind: type[O]) -> Sequence[tuple[Evidence, O]]:
        pairs = self._of.get(kind)
        if pairs is None:
            pairs = self._of[kind] = self._found(kind)
        return pairs  # type: ignore[return-value]  # by its key

    def _found(self, kind: type[Observation]) -> Pairs:
        if self._types is None:
            self._types = {}
            for evidence in self._all:
                for step in evidence.steps:
                    self._types.setdefault(type(step), []).append((evidence, step))
        found = [pairs for own, pairs in self._types.items() if issubclass(own, kind)]
        if len(found) < 2:
            return found[0] if found else ()
        return [(evidence, step) for evidence in self._all for step in evidence.steps if isinstance(step, kind)]
