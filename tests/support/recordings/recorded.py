"""Reads the recordings, replays each through the real probes over UDP, and judges it as its owner would declare it.

``devices.toml`` says of each what the device is, how its owner would have put it into the inventory, and why the
verdicts that matter are right. ``verdicts.json`` pins the verdicts, ``addresses.json`` the addresses that another
program finds on it. ``NAME.snmprec.xz`` are the objects that the probes ask for, and no others.
"""

import json
import lzma
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from auditor.check import Check, load
from auditor.context import Context
from auditor.findings import Finding
from auditor.judge import judge
from inventory.model import Declared, Kind, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.tasks import EndpointTask
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.snmp import snmp
from probes.snmp_security import snmp_security
from probes.wire.snmp.tree import Tree
from tests.golden import case, lab
from tests.golden.lab_tslcd import CONTROLS, ROW, point
from tests.support.snmp_agent import Agent, Recording, Serving
from tests.support.snmp_world import at, community, net_with, recorder, settings

HERE = Path(__file__).parent
SUFFIX = ".snmprec.xz"
VERDICTS, ADDRESSES = HERE / "verdicts.json", HERE / "addresses.json"
_JUDGED = ("ipv6.device.", "security.ipv6.unintended", "security.snmp.", "tslcd.device.", "tslcd.ip.plan")
_OTHERS = ("security.snmp.default-community", "security.snmp.exposed", "ipv6.device.mgmt-v6")
"""Questions of other probes than the two that are replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a device gave to the probes, and in how many questions and octets."""

    evidence: tuple[Evidence, ...]
    questions: int
    octets: int

    @property
    def tree(self) -> Tree:
        steps = (step for one in self.evidence for step in one.steps)
        return Tree([row for step in steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows])


@cache
def devices() -> Mapping[str, Mapping[str, Any]]:
    """What ``devices.toml`` says, by the name of the recording."""
    return tomllib.loads((HERE / "devices.toml").read_text("utf-8"))


@cache
def recording(name: str) -> Recording:
    return Recording.of(lzma.decompress((HERE / f"{name}{SUFFIX}").read_bytes()).decode("utf-8", "surrogateescape"))


def names() -> list[str]:
    return sorted(path.name.removesuffix(SUFFIX) for path in HERE.glob(f"*{SUFFIX}"))


async def replay(name: str, engine: str, served: Recording) -> tuple[Replayed, Agent]:
    """Ask an agent that serves the recording, with both probes."""
    tags = devices()[name].get("tags", ())
    wan = "\n".join(tag.partition("=")[2] for tag in tags if tag.startswith("wan="))
    found = []
    async with Serving({name: served}) as serving, net_with(settings(engine, community(name)), wait=2.0) as net:
        for probe in (snmp, snmp_security):
            rec, place = recorder(), at(serving.port)
            await probe(EndpointTask(endpoint=place, credentials=(name,), hints={"wan": wan}), net, rec)
            found.append(lab.evidence(probe.__name__, *rec.steps, task="device", endpoint=place))
        agent = serving.agent
    return Replayed(evidence=tuple(found), questions=agent.asked, octets=agent.octets), agent


def verdicts(name: str, replayed: Replayed) -> Mapping[str, str]:
    """``code (outcome)`` of every check, of the device on the Internet and at a connection point of TSLCD."""
    device = _device(name)
    at_point = replace(point(kind=Kind.CONNECTION_POINT), addresses=device.addresses, tags=device.tags)
    found = [
        *_findings(device, replayed.evidence, Network.INTERNET),
        *_findings(at_point, (ROW, *replayed.evidence), Network.TSLCD, only=("tslcd.",)),
    ]
    return {one.check + (f" {one.detail}" if one.detail else ""): f"{one.code} ({one.outcome.value})" for one in found}


def _device(name: str) -> Subject:
    said = devices()[name]
    kind = Kind(said["kind"])
    router = lab.router("127.0.0.1", kind=kind, kinds=frozenset({kind}), tags=tuple(said.get("tags", ())))
    return replace(router, services=lab.services(("snmp", 161)), declared=Declared(device=said.get("device", "")))


def _findings(
    subject: Subject, evidence: tuple[Evidence, ...], network: Network, only: tuple[str, ...] = _JUDGED
) -> Iterator[Finding]:
    plan = (*_plan(subject), "127.0.0.1/32")
    chosen = [one for one in _checks() if one.id.startswith(only)]
    context = _context(network, plan)
    yield from judge(subject, EvidenceSet(evidence), chosen, context, on_bug=_raise)


def _plan(subject: Subject) -> tuple[str, ...]:
    return tuple(subject.tag_values("prefix"))


@cache
def _checks() -> tuple[Check, ...]:
    return tuple(one for one in load().values() if one.id.startswith(_JUDGED) and one.id not in _OTHERS)


def _context(network: Network, plan: tuple[str, ...]) -> Context:
    made = case.Case(check="recorded", code="", about="", subject=point(), evidence=(), expect=(), controls=CONTROLS,
                     networks=frozenset({network}), address_plan=plan, documentation_is_global=True)  # fmt: skip
    document = {"about": "", "gated": False, "subject": case.dump_subject(made.subject), "evidence": []}
    return case.load("recorded", json.loads(json.dumps({**document, "context": case.context(made)}))).ctx


def _raise(check: Check, subject: Subject, error: Exception) -> None:
    raise error
