"""Defines evidence, which one probe recorded at one subject, and the closed vocabulary of failures.

An observation is one step on the wire, its inputs and outputs, whether it worked or not. Nothing here judges.
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


class Blame(StrEnum):
    """Whose failure it is."""

    THEIRS = "theirs"
    PATH = "path"
    OURS = "ours"


class FailureKind(StrEnum):
    """Every way a step can fail. Refused and timed out are never merged."""

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
    def blame(self) -> Blame:
        return _BLAME[self]


CLOSED_EARLY = "closed before the end of the answer"
"""The detail of the failure of a stream that the other side ended."""
CLOSED_MUTE = "closed without an answer"
"""The same of a request to which nothing had come."""

_BLAME = {
    FailureKind.REFUSED: Blame.THEIRS,
    FailureKind.RESET: Blame.THEIRS,
    FailureKind.TLS_ALERT: Blame.THEIRS,
    FailureKind.PROTOCOL: Blame.THEIRS,
    FailureKind.NAME_ERROR: Blame.THEIRS,
    FailureKind.TIMEOUT: Blame.PATH,
    FailureKind.UNREACHABLE: Blame.PATH,
    FailureKind.PROHIBITED: Blame.PATH,
    FailureKind.PACKET_TOO_BIG: Blame.PATH,
    FailureKind.NO_PERMISSION: Blame.OURS,
    FailureKind.FILTERED_HERE: Blame.OURS,
    FailureKind.NO_ROUTE_HERE: Blame.OURS,
    FailureKind.OUT_OF_SCOPE: Blame.OURS,
    FailureKind.CUT_SHORT: Blame.OURS,
    FailureKind.OVER_BUDGET: Blame.OURS,
    FailureKind.OUT_OF_TIME: Blame.OURS,
    FailureKind.BUG: Blame.OURS,
}


NO_CONNECT = "no answer to the connect in time"
"""The detail of a timeout that came before any connection stood."""

OF_THIS_MACHINE = "this machine"
"""How the detail of a failure begins that a moment of this machine caused: it slept, stood still or could not send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step failed. ``detail`` is short, bounded and may hold text from outside; ``errno`` is the raw number."""

    kind: FailureKind
    detail: str = ""
    errno: int | None = None

    @property
    def is_momentary(self) -> bool:
        """True if this machine itself missed what came, as it may not the next time."""
        return self.kind is FailureKind.CUT_SHORT and self.detail.startswith(OF_THIS_MACHINE)

    @property
    def is_silence(self) -> bool:
        """True if nothing was heard in time, because nothing came or because this machine missed it."""
        return self.kind is FailureKind.TIMEOUT or self.is_momentary

    @property
    def is_unconnected(self) -> bool:
        """True if no connection came about, because nobody answered or somebody said no aloud: what was to be sent over
        it was not."""
        return self.kind in (FailureKind.REFUSED, FailureKind.PROHIBITED) or self.detail == NO_CONNECT

    @property
    def may_be_held(self) -> bool:
        """True if it may be somebody's fault, or hides one for a moment."""
        return self.kind.blame is not Blame.OURS or self.is_momentary


At = tuple[IPAddress, str]
"""An address and a transport: ``tcp/443``, ``udp/53``, ``icmp``, or a word for packets of one form."""

_CAME_BACK = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.TLS_ALERT, FailureKind.PROTOCOL})
"""Failures that the other side made: our packets went there, and something came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Base of every observation. ``because`` names the observation that led a probe off its own target (a redirect).

    Every type says where it is made (``at``), who answered (``answers``) and how a reviewer reads it (``lines``):
    nothing else lists the types to know.
    """

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 0
    LARGE: ClassVar[bool] = False
    """Whether it waits for what fills packets, a certificate or a page: such an answer may be lost for its size."""
    MEASURED: ClassVar[bool] = True
    """Whether it was measured in the run; what was declared, or sampled before, does not depend on that moment."""

    t0: float = 0.0
    t: float = 0.0
    failure: Failure | None = None
    because: str | None = None

    def at(self) -> At | None:
        """Return the address that was asked of the subject and the transport; None where no single one was."""
        raise NotImplementedError

    def answers(self) -> Iterator[At]:
        """Yield each address and transport from which something came back, a refusal included: it is alive, and the
        way there and back works. What is no subject's (an anchor, our own resolver) is not among them."""
        raise NotImplementedError

    def is_answered_by(self, address: IPAddress) -> bool:
        """True if anything came back from ``address``."""
        return any(answering == address for answering, _ in self.answers())

    def lines(self, word: Callable[[str], str]) -> Iterator[str]:
        """Yield how a reviewer reads it: what was asked, what came back and how long it took, then the details,
        indented. Technical, as dig's or curl's are; ``word`` gives the reader's word for a kind of failure."""
        raise NotImplementedError

    def headline(self, word: Callable[[str], str]) -> str:
        """Return one line that stands for all of them."""
        return next(self.lines(word))

    def single_steps(self) -> "Iterator[Observation]":
        """Yield the observations that this one stands for, each of which may fail by itself."""
        yield self

    @property
    def came_back(self) -> bool:
        """True if anything came back: success, or a failure that the other side made."""
        return self.failure is None or self.failure.kind in _CAME_BACK

    @property
    def is_control(self) -> bool:
        """True if its answers show that our packets get out and back (CHECKS §0.7, G1): success or a refusal. Resets
        and alerts are no such proof: a firewall on our side that accepts for everybody makes them too."""
        return self.failure is None or self.failure.kind is FailureKind.REFUSED

    @property
    def is_silent(self) -> bool:
        """True if nothing came back to what was sent, though ``failure`` does not say so."""
        return False

    @property
    def worth_repeating(self) -> bool:
        """True if an attempt at once may tell more: nothing came back in time, or this machine missed it."""
        return self.failure is not None and self.failure.is_silence

    @property
    def worth_confirming(self) -> bool:
        """True if what was seen has to be seen again later before it is held against anybody (CHECKS §0.4)."""
        return self.failure is not None and self.failure.may_be_held

    def shown_to(self, seen: Container[str]) -> "Observation | None":
        """Return the observation for a reader who may see these subjects only; None where nothing of it is left.

        What a subject itself publishes, answers or leads to is its own. Types that hold what the configuration or a
        table says of other subjects override this.
        """
        return self


O = TypeVar("O", bound=Observation)  # noqa: E741 - the name the design uses
T = TypeVar("T")

OBSERVATIONS: dict[str, type[Observation]] = {}
_ASKED = ("at", "answers", "lines")
"""What every type has to say of itself."""


def observation(kind: str, version: int) -> Callable[[type[O]], type[O]]:
    """Register an observation type under the kind and version that stand in stored evidence."""

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
    """One probe run over one task.

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
        """True if it was ended, or not begun, because the time of its subject was used up."""
        return self.failure is not None and self.failure.kind is FailureKind.OUT_OF_TIME

    def time_of(self, step: Observation) -> datetime:
        """Return when ``step`` ended. What it shows is judged for this moment: signatures, certificates and policies
        expire between the first answer of a run and the last."""
        return self.started + timedelta(seconds=step.t)

    def is_within(self, earliest: datetime, latest: datetime) -> bool:
        """Return whether it began, and each step ended, between two moments. Of what others send anything may be said;
        a step of another time, or of none that there is, stops whoever reads all evidence of a run."""
        if not earliest <= self.started <= latest:
            return False
        longest = (latest - self.started).total_seconds()
        return all(abs(step.t) <= longest for step in self.steps)

    def parts(self) -> "Parts":
        """Return each step with the observations that it stands for; several readers share one walk."""
        return [(step, tuple(step.single_steps())) for step in self.steps]


Parts = Sequence[tuple[Observation, Sequence[Observation]]]
Pairs = Sequence[tuple[Evidence, Observation]]
EvidenceById = Mapping[EvidenceId, Evidence]


@runtime_checkable
class Sifting(Protocol):
    """Evidence that can tell before it decodes a piece that no observation of some kinds is in it."""

    def holding(self, kinds: Collection[type[Observation]]) -> Iterator[Evidence]: ...


def holding(evidence: EvidenceById, kinds: Collection[type[Observation]]) -> Iterator[Evidence]:
    """Iterate over every piece with an observation of these kinds, in order; pieces without one may be among them."""
    return evidence.holding(kinds) if isinstance(evidence, Sifting) else iter(evidence.values())


class EvidenceSet:
    """All evidence of one subject, in a fixed order that does not depend on the order of measuring.

    It also remembers what was worked out from it (``once``): dozens of checks ask the same of a subject, and what is
    remembered goes when the subject has been judged.
    """

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._all = tuple(sorted(evidence, key=lambda e: (e.probe, e.task, e.attempt, e.id)))
        self._of: dict[type[Observation], Pairs] = {}
        self._types: dict[type[Observation], list[tuple[Evidence, Observation]]] | None = None
        """Every observation by its own type, in order."""
        self._made: dict[Hashable, object] = {}

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def of(self, kind: type[O]) -> Iterator[tuple[Evidence, O]]:
        """Every observation of ``kind`` with the evidence that holds it."""
        return iter(self._every(kind))

    def has(self, kinds: Iterable[type[Observation]]) -> bool:
        """True if any observation of any of ``kinds`` is there."""
        return any(self._every(kind) for kind in kinds)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` returns, made when ``key`` is asked for first. A key stands for one pure function of it."""
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
