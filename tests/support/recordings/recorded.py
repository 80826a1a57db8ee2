"""Reads the recordings, replays each through the real probes over UDP, and judges it as its owner would declare it.

``devices.toml`` says of each what the device is, how its owner would have put it into the inventory, and why the
verdicts that matter are right. ``verdicts.json`` pins the verdicts. The recordings are not part of this repository:
``AUDITOR_RECORDINGS`` names a folder with ``NAME.snmprec`` files as LibreNMS keeps them, and ``expected.json``, the
addresses that LibreNMS finds on each.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from auditor.framework.check import Check, load
from auditor.framework.context import Context
from auditor.framework.findings import Finding
from auditor.judging.judge import judge
from inventory.model import DeclaredFacts, Kind, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.tasks import DeviceTarget, EndpointTask
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.snmp import snmp
from probes.snmp_security import snmp_security
from probes.wire.snmp.tree import Tree
from tests.golden import case, lab
from tests.golden.lab_tslcd import CONTROLS, ROW, point
from tests.support.snmp_agent import Agent, Recording, Serving
from tests.support.snmp_world import at, community, net_with, recorder, settings

HERE = Path(__file__).parent
VERDICTS = HERE / "verdicts.json"
VARIABLE = "AUDITOR_RECORDINGS"
_JUDGED = ("ipv6.device.", "security.ipv6.unintended", "security.snmp.", "tslcd.device.", "tslcd.ip.plan")
_OTHERS = ("security.snmp.default-community", "security.snmp.exposed", "ipv6.device.mgmt-v6")
"""Questions of other probes than the two that are replayed."""
_CAPABILITIES = ("1.0.8802.1.1.2.1.4.1.1.11.", "1.0.8802.1.1.2.1.4.1.1.12.")
_OCTET = re.compile("[0-9A-F]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """Holds the evidence that probes took from a device, and the number of requests and octets that it took."""

    evidence: tuple[Evidence, ...]
    questions: int
    octets: int

    @property
    def tree(self) -> Tree:
        steps = (step for envelope in self.evidence for step in envelope.steps)
        return Tree([row for step in steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows])


@cache
def devices() -> Mapping[str, Mapping[str, Any]]:
    """Return the contents of ``devices.toml`` by the name of the recording."""
    return tomllib.loads((HERE / "devices.toml").read_text("utf-8"))


def folder() -> Path | None:
    """Return the folder of the recordings; None where the environment names none."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def recording(name: str, kept: Path) -> Recording:
    """Read one recording of the folder."""
    lines = (kept / f"{name}.snmprec").read_text("utf-8", errors="surrogateescape").splitlines()
    return Recording.of("\n".join(map(_as_sent, lines)))


def expected_addresses(kept: Path) -> Mapping[str, Sequence[str]]:
    """Return the IPv6 addresses that another program finds, by the name of the recording."""
    found: Mapping[str, Sequence[str]] = json.loads((kept / "expected.json").read_text("utf-8"))
    return found


def names() -> list[str]:
    return sorted(devices())


def _as_sent(line: str) -> str:
    """Restore octets that LibreNMS keeps as text, ``28 2 4``: LLDP's capabilities, then the bits that are set."""
    if not line.startswith(_CAPABILITIES):
        return line
    oid, _, text = line.split("|", 2)
    octets = _octets(text)
    return line if octets is None else f"{oid}|4x|{octets.hex()}"


def _octets(text: str) -> bytes | None:
    words = text.split()
    for size in range(1, len(words) + 1):
        if all(map(_OCTET.fullmatch, words[:size])):
            octets = bytes.fromhex("".join(words[:size]))
            bits = [at for at in range(len(octets) * 8) if octets[at // 8] & 0x80 >> at % 8]
            if [str(bit) for bit in bits] == words[size:]:
                again = _octets(octets.decode()) if octets.isascii() else None
                return octets if again is None else again
    return None


async def replay(name: str, engine: str, served: Recording) -> tuple[Replayed, Agent]:
    """Ask an agent that serves the recording, with both probes."""
    tags = devices()[name].get("tags", ())
    uplinks = tuple(tag.partition("=")[2] for tag in tags if tag.startswith("wan="))
    found = []
    async with Serving({name: served}) as serving, net_with(settings(engine, community(name)), wait=2.0) as net:
        for probe in (snmp, snmp_security):
            rec, place = recorder(), at(serving.port)
            device = DeviceTarget(name=name, uplinks=uplinks)
            await probe(EndpointTask(endpoint=place, credentials=(name,), device=device), net, rec)
            found.append(lab.evidence(probe.__name__, *rec.steps, task="device", endpoint=place))
        agent = serving.agent
    return Replayed(evidence=tuple(found), questions=agent.asked, octets=agent.octets), agent


def verdicts(name: str, replayed: Replayed) -> Mapping[str, str]:
    """Return ``code (outcome)`` of every check, for the device on the Internet and at a connection point of TSLCD."""
    device = _device(name)
    at_point = replace(point(kind=Kind.CONNECTION_POINT), addresses=device.addresses, tags=device.tags)
    findings = [
        *_findings(device, replayed.evidence, Network.INTERNET),
        *_findings(at_point, (ROW, *replayed.evidence), Network.TSLCD, only=("tslcd.",)),
    ]
    return {
        finding.check + (f" {finding.detail}" if finding.detail else ""): f"{finding.code} ({finding.outcome.value})"
        for finding in findings
    }


def _device(name: str) -> Subject:
    said = devices()[name]
    kind = Kind(said["kind"])
    router = lab.router("127.0.0.1", kind=kind, kinds=frozenset({kind}), tags=tuple(said.get("tags", ())))
    return replace(router, services=lab.services(("snmp", 161)), declared=DeclaredFacts(device=said.get("device", "")))


def _findings(
    subject: Subject, evidence: tuple[Evidence, ...], network: Network, only: tuple[str, ...] = _JUDGED
) -> Iterator[Finding]:
    plan = (*_plan(subject), "127.0.0.1/32")
    chosen = [check for check in _checks() if check.id.startswith(only)]
    context = _context(network, plan)
    yield from judge(subject, EvidenceSet(evidence), chosen, context, on_bug=_raise)


def _plan(subject: Subject) -> tuple[str, ...]:
    return tuple(subject.tag_values("prefix"))


@cache
def _checks() -> tuple[Check, ...]:
    return tuple(check for check in load().values() if check.id.startswith(_JUDGED) and check.id not in _OTHERS)


def _context(network: Network, plan: tuple[str, ...]) -> Context:
    made = case.Case(
        check="recorded",
        code="",
        about="",
        subject=point(),
        evidence=(),
        expect=(),
        controls=CONTROLS,
        networks=frozenset({network}),
        address_plan=plan,
        documentation_is_global=True,
    )
    document = {"about": "", "trap": "", "gated": False, "subject": case.dump_subject(made.subject), "evidence": []}
    return case.load("recorded", json.loads(json.dumps({**document, "context": case.context(made)}))).ctx


def _raise(check: Check, subject: Subject, error: Exception) -> None:
    raise error
