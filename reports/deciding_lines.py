"""Picks the lines of evidence on which a finding rests: those with the values that it names, or of the failed steps.

Checks say what they found as values of a message. A line that holds such a value, or a step at the finding's address
that failed, is where a reader looks first. Where neither tells lines apart none is picked: a mark on the wrong line
would mislead.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import islice

from auditor.framework.check import Check, SilenceMeaning
from auditor.framework.findings import DEFECTS, CheckId, Finding, FindingId
from auditor.framework.message_format import clean
from inventory.model import IPAddress, Subject, written
from probes.framework.evidence import Attribution, Evidence, EvidenceId, Observation
from probes.observations.dns import NameLookup
from probes.observations.exposure import PortSweep
from probes.observations.series import SeriesWindow
from probes.observations.snmp import SnmpCommunity, SnmpSession
from probes.observations.text import Word
from reports import evidence_text
from reports.deciding_objects import deciding_objects
from reports.evidence_text import LONGEST_LINE, StepLines

MOST_MARKED = 6
"""Lines that are picked for one finding; where more would be, the first of them."""
MOST_BESIDE = 3
"""Lines that stand beside a finding; all that are picked are marked in the evidence."""
_FEW = MOST_MARKED
_MOST_VALUES = 40
_PORTS_KEPT = 1_024
_SHORTEST, _SHORTEST_PART = 3, 5
_COUNTS = frozenset({"count", "of", "rounds", "family", "version", "rtype", "zone", "vendor"})
"""Values that are counted or worked out, or stand in too many lines."""
_PART = re.compile(r" · | \(|\)")
_WORDLIKE = re.compile(r"[\w-]")
_TOKEN = re.compile(r"(?<![\w.:])[0-9a-f.:]{3,39}(?![\w.:])", re.IGNORECASE)
_NARROWEST = 8
"""Bits of a network that says something about the addresses in it."""
_PORT = re.compile(r"(?:^|\((?:\w+:)?)(\d{1,5})(?![\w.:/-])")


@dataclass(frozen=True, slots=True)
class _Step:
    """Holds one step of cited evidence with its lines."""

    evidence: EvidenceId
    made: StepLines

    @property
    def first(self) -> int:
        return self.made.first

    @property
    def step(self) -> Observation:
        return self.made.step

    @property
    def lines(self) -> Sequence[str]:
        return self.made.lines


class DecidingLines:
    """Picks lines for the defects of one subject and gives its evidence with them marked, each line made once.

    ``word``: gives the fixed words of the lines in the reader's language. Numbers of lines are the same in all.
    ``twin``: has the same lines in another language.
    """

    def __init__(
        self,
        subject: Subject,
        evidence: Mapping[EvidenceId, Evidence],
        word: Word = evidence_text.machine_word,
        *,
        twin: "DecidingLines | None" = None,
    ) -> None:
        self._subject, self._evidence, self._word, self._twin = subject, evidence, word, twin
        self._made: dict[EvidenceId, Sequence[StepLines]] = {}
        self._picked: dict[FindingId, Mapping[EvidenceId, frozenset[int]]] = {}

    def of(self, finding: Finding, check: Check | None) -> Mapping[EvidenceId, frozenset[int]]:
        """Return line numbers by evidence, as ``evidence_text.lines`` counts them; empty for a finding of no defect."""
        if finding.id not in self._picked:
            self._picked[finding.id] = self._pick(finding, check) if finding.outcome in DEFECTS else {}
        return self._picked[finding.id]

    def _pick(self, finding: Finding, check: Check | None) -> Mapping[EvidenceId, frozenset[int]]:
        cited = [step for id_ in finding.evidence if id_ in self._evidence for step in self._steps(id_)]
        if check is not None and check.question is SilenceMeaning.EXPOSURE:
            marked = self._answers(finding, check, cited)
        else:
            steps = _about(finding.address, _needed(finding, check, cited))
            marked = (
                _with_values(finding, self._subject, steps)
                or _with_addresses(finding, steps)
                or _of_objects(finding, steps)
                or _failed(steps)
                or _few(steps)
            )
        picked: dict[EvidenceId, set[int]] = {}
        for id_, number in marked[:MOST_MARKED]:
            picked.setdefault(id_, set()).add(number)
        return {id_: frozenset(numbers) for id_, numbers in picked.items()}

    def _answers(self, finding: Finding, check: Check, cited: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
        """Return the lines of the steps that were answered: a failed step does not show that something is open.

        Evidence without a step that the check reads is cited for what answered there, as SMB at an open port.
        """
        read_in = {each.evidence for each in cited if isinstance(each.step, tuple(check.needs))}
        beside = [each for each in cited if read_in and each.evidence not in read_in]
        steps = _answered(_about(finding.address, [*_needed(finding, check, cited), *beside]))
        dialogues = [each for each in steps if not isinstance(each.step, PortSweep)]
        if versions := finding.args.get("versions"):
            dialogues = [each for each in dialogues if _speaks(each.step, str(versions))] or dialogues
        return (
            _with_values(finding, self._subject, steps)
            or _with_addresses(finding, steps)
            or _of_objects(finding, steps)
            or _few(dialogues or steps)
        )

    def of_all(
        self, findings: Iterable[Finding], checks: Mapping[CheckId, Check]
    ) -> Mapping[EvidenceId, frozenset[int]]:
        """Give the numbers of the lines of several findings together."""
        marks: dict[EvidenceId, frozenset[int]] = {}
        for finding in findings:
            for id_, numbers in self.of(finding, checks.get(finding.check)).items():
                marks[id_] = marks.get(id_, frozenset()) | numbers
        return marks

    def excerpt(self, marked: Mapping[EvidenceId, frozenset[int]]) -> list[str]:
        """Give the first of some lines, as they are shown beside a finding: each text once."""
        texts = dict.fromkeys(
            clean(line.strip(), LONGEST_LINE)
            for id_, numbers in marked.items()
            for step in self._steps(id_)
            for number, line in enumerate(step.lines, step.first)
            if number in numbers
        )
        return list(texts)[:MOST_BESIDE]

    def shown(self, id_: EvidenceId) -> list[str]:
        """Give the lines of a piece of evidence as they are shown."""
        return evidence_text.shown(self._evidence[id_], self._lines(id_), self._word)

    def marked(self, id_: EvidenceId, deciding: Container[int]) -> list[tuple[str, bool]]:
        """Give the same lines, each with whether it is a ``deciding`` one."""
        return [(line, number in deciding) for number, line in enumerate(self.shown(id_))]

    def is_as_twin(self, id_: EvidenceId) -> bool:
        """True if no line of a piece of evidence differs from its twin's, so that there is nothing to make."""
        twin = self._twin
        return twin is not None and self._lines(id_) is twin._lines(id_) and self._evidence[id_].failure is None

    def _steps(self, id_: EvidenceId) -> list[_Step]:
        """Return all steps, including those whose lines the evidence omits: they can stand beside the finding."""
        return [_Step(id_, made) for made in self._lines(id_)]

    def _lines(self, id_: EvidenceId) -> Sequence[StepLines]:
        if id_ not in self._made:
            self._made[id_] = self._make(id_)
        return self._made[id_]

    def _make(self, id_: EvidenceId) -> Sequence[StepLines]:
        if self._twin is not None:
            return evidence_text.in_words(self._twin._lines(id_), self._word)
        return tuple(evidence_text.by_step(self._evidence[id_], self._word))


def _needed(finding: Finding, check: Check | None, steps: Sequence[_Step]) -> Sequence[_Step]:
    """Keep the steps of the kinds that the check reads, and the lookups that were made for it, where there are any."""
    needs = () if check is None else tuple(check.needs)
    read = [each for each in steps if isinstance(each.step, needs)] or steps
    own = finding.check.rpartition(".")[2]
    made = [each for each in read if own in _purposes(each.step)] or read
    family = finding.args.get("family")
    return [each for each in made if isinstance(each.step, SeriesWindow) and each.step.family == family] or made


def _purposes(step: Observation) -> tuple[str, ...]:
    if isinstance(step, SeriesWindow):
        return (step.metric, step.metric.rpartition("-")[2])
    return (step.role, step.rtype.lower()) if isinstance(step, NameLookup) else ()


def _speaks(step: Observation, versions: str) -> bool:
    """True if a device answered a community, or took a profile, of one of the versions of SNMP that a finding names."""
    if isinstance(step, SnmpCommunity):
        return step.answered not in (None, "silent") and f"SNMPv{step.version}" in versions
    return isinstance(step, SnmpSession) and step.profile is not None and f"SNMPv{step.version}" in versions


def _about(address: IPAddress | None, steps: Sequence[_Step]) -> Sequence[_Step]:
    """Keep the steps at the finding's address, else those that name it, else all."""
    if address is None:
        return steps
    there = [each for each in steps if (at := each.step.at()) is not None and at[0] == address]
    names = (written(address), address.reverse_pointer)
    return there or [each for each in steps if any(name in line for line in each.lines for name in names)] or steps


def _with_values(finding: Finding, subject: Subject, steps: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
    values = [value.lower() for value in islice(_values(finding, subject), _MOST_VALUES)]
    ports = list(map(_port, islice(_ports(finding), _MOST_VALUES)))
    if not values and not ports:
        return []
    return [
        (each.evidence, each.first + number)
        for each in steps
        for number, line in enumerate(map(str.lower, each.lines))
        if any(value in line and _is_word(value, line) for value in values) or any(port.search(line) for port in ports)
    ]


def _with_addresses(finding: Finding, steps: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
    """Give the lines about the addresses that the finding names, written in another way than it names them.

    An address may be a part of the name of an object or a name in reverse, and a network stand for those within it.
    """
    texts = list(islice(_texts(finding), _MOST_VALUES))
    forms = [form for address in map(_address, texts) if address is not None for form in _forms(address)]
    networks = [network for network in map(_network, texts) if network is not None]
    if not forms and not networks:
        return []
    return [
        (each.evidence, each.first + number)
        for each in steps
        for number, line in enumerate(each.lines)
        if any(form in line for form in forms)
        or (networks and any(address in network for address in _addresses(line) for network in networks))
    ]


def _of_objects(finding: Finding, steps: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
    return [
        (each.evidence, each.first + number)
        for each in steps
        for number in deciding_objects(finding.check, each.step)
        if number < len(each.lines)
    ]


def _forms(address: IPAddress) -> tuple[str, str]:
    """Return an address as the index of an object (RFC 4001), and as the name of its PTR record."""
    octets = address.packed
    return f".{address.version // 2 - 1}.{len(octets)}.{'.'.join(map(str, octets))}", address.reverse_pointer


def _address(text: str) -> IPAddress | None:
    if ":" not in text and not text[:1].isdigit():  # most are names: to ask costs as much as all the rest
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Return the network that a text names, unless it holds half of the Internet."""
    try:
        network = ip_network(text) if "/" in text else None
    except ValueError:
        return None
    return network if network is not None and network.prefixlen >= _NARROWEST else None


def _addresses(line: str) -> Iterator[IPAddress]:
    return (address for address in map(_address, _TOKEN.findall(line)) if address is not None)


def _values(finding: Finding, subject: Subject) -> Iterator[str]:
    """Yield the values that the finding names, without its own name and address, which stand nearly everywhere."""
    everywhere = {str(subject.id), subject.name, subject.host or ""}
    everywhere |= {"" if finding.address is None else written(finding.address)}
    for text in _texts(finding):
        parts = [part for part in _PART.split(text) if len(part) >= _SHORTEST_PART]
        for value in (text, *parts):
            if len(value) >= _SHORTEST and value not in everywhere and not _is_of(value, subject):
                yield value


def _texts(finding: Finding) -> Iterator[str]:
    for name, value in finding.args.items():
        if name not in _COUNTS and not isinstance(value, float):
            yield from value if isinstance(value, tuple) else (str(value),)


def _ports(finding: Finding) -> Iterator[str]:
    """Yield the ports that the finding names, as in ``22``, ``21 (FTP)`` or ``FTP (21)``."""
    for name, value in finding.args.items():
        if name in ("ports", "services"):
            yield from (
                port for text in (value if isinstance(value, tuple) else (str(value),)) for port in _PORT.findall(text)
            )


def _is_word(value: str, line: str) -> bool:
    """True if a value stands somewhere in a line without being a part of a longer word or name. No pattern is made of
    the values: that takes far longer than to look for them."""
    start = line.find(value)
    while start >= 0:
        end = start + len(value)
        before, after = line[start - 1 : start], line[end : end + 1]
        if not _WORDLIKE.match(before) and before != "." and not _WORDLIKE.match(after):
            return True
        start = line.find(value, start + 1)
    return False


@lru_cache(maxsize=_PORTS_KEPT)
def _port(number: str) -> re.Pattern[str]:
    """Match a port as it stands in lines that are in small letters."""
    return re.compile(rf"(?:tcp/|udp/|\]:|\.\d{{1,3}}:){number}(?!\d)")


def _is_of(text: str, subject: Subject) -> bool:
    """True if a text is an address of the subject: nearly every line has one."""
    address = _address(text)
    return address is not None and address in subject.addresses


def _answered(steps: Sequence[_Step]) -> Sequence[_Step]:
    """Keep the steps to which something came back, without sweeps that found every port closed."""
    return [
        each
        for each in steps
        if each.step.failure is None
        and not (isinstance(each.step, PortSweep) and all(reply.failure for reply in each.step.replies))
    ]


def _failed(steps: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
    return [(each.evidence, each.first) for each in steps if each.step.failure is not None and not _is_ours(each.step)]


def _few(steps: Sequence[_Step]) -> list[tuple[EvidenceId, int]]:
    """Give all where there are few, without those that failed for a reason of ours: no defect rests on them."""
    told = [each for each in steps if not _is_ours(each.step)]
    return [(each.evidence, each.first) for each in told] if len(told) <= _FEW else []


def _is_ours(step: Observation) -> bool:
    return step.failure is not None and step.failure.kind.attribution is Attribution.OURS
