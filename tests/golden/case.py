"""Holds one golden case: its contents in a file, how it is read back, and how it is judged."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from functools import cache
from ipaddress import IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, NoReturn

from auditor.framework.address_owners import AddressOwner
from auditor.framework.check import Check, CheckScope
from auditor.framework.context import (
    AgencyPrefix,
    Context,
    DaysOff,
    Health,
    OwnPath,
    ReferenceData,
    SelfTestPoint,
    Sites,
    VantageHealth,
)
from auditor.framework.estate import Estate, LinkMtu, SharedAddress
from auditor.framework.findings import Finding, Verdict
from auditor.framework.gathered import RouterAnswers, SlowerOverIpv6, TlsInspection, WebTime
from auditor.framework.inventory_index import InventoryIndex, short_name
from auditor.framework.policy import default, overlay
from auditor.judging.judge import judge, judge_beside
from inventory.model import Clearance, DeclaredFacts, Kind, Network, Service, Subject, SubjectId, written
from inventory.user_networks import DeclaredLan, lans
from probes.framework.codec import decode_evidence, encode_step
from probes.framework.evidence import OBSERVATIONS, Evidence, EvidenceSet, Observation
from probes.observations.vantage import TCP_FULL
from tests.golden import lab
from tests.golden.documents import read

HERE = Path(__file__).parent
BOTH = frozenset({4, 6})
LOGS = {"11" * 32: "Operator A", "22" * 32: "Operator B", "33" * 32: "Operator C", "44" * 32: "Operator A"}
"""Logs of certificates that are in the list of every case."""
SUFFIXES = "vn\ngov.vn\ntinh-a.vn\nexample"
ALL_CONTROLS = ("icmp", "tcp/25", "tcp/80", "tcp/443", "tcp/8080", "tcp/8443", "udp/53")

FULL_SIZE = (*ALL_CONTROLS, TCP_FULL)
"""Segments of full size pass as well."""
OWN_WAY = {family: OwnPath(mtu=1500, milliseconds=10.0, sent=60) for family in (6, 4)}
"""The vantage's own way is whole and as long over both families."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """Holds one case. ``expect`` is written by hand: (code, address or detail or None); the builder refuses others.

    ``gated``: the judge answers before or after the check does; then the check's own verdicts are not the findings.
    """

    check: str
    code: str
    about: str
    subject: Subject
    evidence: tuple[Evidence, ...]
    expect: tuple[tuple[str, str | None], ...]
    variant: str = ""
    trap: str = ""
    controls: tuple[str, ...] = ALL_CONTROLS
    answering_sites: tuple[str, ...] = ()  # of TSLCD: other connection points that answered in this run
    answers_over: tuple[str, ...] = ()
    families: frozenset[int] = BOTH
    networks: frozenset[Network] = frozenset({Network.INTERNET})
    documentation_is_global: bool = True
    trust_roots: bool = True
    suffixes: bool = True
    policy: str = ""
    trust_anchor: str = ""
    lan_of: str = ""
    address_plan: tuple[str, ...] = ()
    clearance: Clearance = Clearance.NORMAL
    prefixes: tuple[str, ...] = ()  # of TSLCD
    sites: Sites = field(default_factory=Sites)
    estate: Estate = field(default_factory=Estate)
    gated: bool = False
    known: tuple[str, ...] = ()
    holidays: tuple[tuple[str, str], ...] = ()
    one_round: bool = False
    own: Mapping[int, OwnPath] = field(default_factory=dict)
    shared: Mapping[str, SlowerOverIpv6] = field(default_factory=dict)
    nat64: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # the vantage's own addresses
    public: tuple[str, ...] = ()  # what others see for them
    turned_away: tuple[str, ...] = ()  # transports over which everybody refused
    accepted_here: tuple[str, ...] = ()  # over IPv4, those at which something near the vantage accepts for others
    routers: tuple[int, int] | None = None  # packets at routers that answer, and how many they answered
    web_time: tuple[float, int] | None = None  # seconds by which web servers of so many owners are ahead of us
    clock: bool = True  # whether the vantage's is right
    inspected_by: str = ""  # the authority of who decrypts TLS near the vantage, at port 443 of both families

    @property
    def path(self) -> Path:
        suffix = f"-{self.variant}" if self.variant else ""
        return HERE / self.check / f"{self.code}{suffix}.json"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Holds a case as read from its file."""

    check: str
    about: str
    trap: str
    gated: bool
    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    findings: list[dict[str, Any]] = field(default_factory=list)


def context(case: Case) -> dict[str, Any]:
    return {
        "now": lab.NOW.isoformat(),
        "networks": sorted(case.networks),
        "working_families": sorted(case.families),
        "controls": list(case.controls),
        "documentation_is_global": case.documentation_is_global,
        "roots": ["trusted.pem", "declared.pem"] if case.trust_roots else [],
        "policy": case.policy,
        **({"answering_sites": list(case.answering_sites)} if case.answering_sites else {}),
        **({"answers_over": list(case.answers_over)} if case.answers_over else {}),
        **({} if case.suffixes else {"suffixes": False}),
        **({"address_plan": list(case.address_plan)} if case.address_plan else {}),
        **({"lan_of": case.lan_of} if case.lan_of else {}),
        **({"known": list(case.known)} if case.known else {}),
        **({"holidays": [list(one) for one in case.holidays]} if case.holidays else {}),
        **({"trust_anchor": case.trust_anchor} if case.trust_anchor else {}),
        **({"one_round": True} if case.one_round else {}),
        **({"own_path": {str(family): _dump_own(path) for family, path in case.own.items()}} if case.own else {}),
        **({"slower": {name: [s.slower, s.compared] for name, s in case.shared.items()}} if case.shared else {}),
        **({} if case.clearance is Clearance.NORMAL else {"clearance": case.clearance}),
        **({"nat64": list(case.nat64)} if case.nat64 else {}),
        **({"sources": list(case.sources)} if case.sources else {}),
        **({"public": list(case.public)} if case.public else {}),
        **({"turned_away": list(case.turned_away)} if case.turned_away else {}),
        **({"accepted_here": list(case.accepted_here)} if case.accepted_here else {}),
        **({} if case.routers is None else {"routers": list(case.routers)}),
        **({} if case.web_time is None else {"web_time": list(case.web_time)}),
        **({} if case.clock else {"clock": False}),
        **({"inspected_by": case.inspected_by} if case.inspected_by else {}),
        **({"tslcd_prefixes": list(case.prefixes)} if case.prefixes else {}),
        **({} if case.sites == Sites() else {"sites": _dump_sites(case.sites)}),
        **({} if case.estate == Estate() else {"estate": _dump_estate(case.estate)}),
    }


def _dump_estate(estate: Estate) -> dict[str, Any]:
    return {
        "shared": {
            id_: [[written(one.address), list(one.others), one.is_certain] for one in found]
            for id_, found in estate.shared.items()
        },
        "mtus": {
            id_: [[one.interface, one.mtu, one.other, one.theirs, one.network, one.is_certain] for one in found]
            for id_, found in estate.mtus.items()
        },
        **({"chassis": sorted(estate.chassis)} if estate.chassis else {}),
        **({"addresses": sorted(map(written, estate.addresses))} if estate.addresses else {}),
        **({"advertised": sorted(map(str, estate.advertised))} if estate.advertised else {}),
    }


def _load_estate(stored: Mapping[str, Any]) -> Estate:
    return Estate(
        shared={SubjectId(id_): tuple(map(_shared, found)) for id_, found in stored["shared"].items()},
        mtus={SubjectId(id_): tuple(map(_link, found)) for id_, found in stored["mtus"].items()},
        chassis=frozenset(stored.get("chassis", ())),
        addresses=frozenset(map(ip_address, stored.get("addresses", ()))),
        advertised=frozenset(map(IPv6Network, stored.get("advertised", ()))),
    )


def _shared(stored: Sequence[Any]) -> SharedAddress:
    address, others, certain = stored
    return SharedAddress(address=ip_address(address), others=tuple(others), is_certain=certain)


def _link(stored: Sequence[Any]) -> LinkMtu:
    interface, mtu, other, theirs, network, certain = stored
    return LinkMtu(interface=interface, mtu=mtu, other=other, theirs=theirs, network=network, is_certain=certain)


def _dump_own(path: OwnPath) -> dict[str, Any]:
    routers = {"routers": sorted(map(written, path.routers)), "fits": path.fits} if path.routers else {}
    nearest = {} if path.nearest is None else {"nearest": path.nearest}
    uneven = {} if path.uneven is None else {"uneven": path.uneven}
    return {
        "mtu": path.mtu,
        **routers,
        "milliseconds": path.milliseconds,
        **nearest,
        **uneven,
        "sent": path.sent,
        "lost": path.lost,
    }


def _read_own(stored: dict[str, Any]) -> OwnPath:
    return OwnPath(**{**stored, "routers": frozenset(map(ip_address, stored.get("routers", ())))})


def _inspection(name: str) -> TlsInspection:
    return TlsInspection(
        name=name,
        issuers=frozenset({name}),
        keys=frozenset(),
        places=frozenset((family, "tcp/443") for family in BOTH),
        owners=40,
    )


def _dump_sites(sites: Sites) -> dict[str, Any]:
    return {
        "asked": sites.asked,
        "silent": sites.silent,
        "shared": {written(address): list(owners) for address, owners in sites.shared.items()},
        "overlapping": {str(network): list(owners) for network, owners in sites.overlapping.items()},
        "used": {str(network): list(owners) for network, owners in sites.used.items()},
        "blocks": {str(block.network): block.agency for block in sites.blocks},
        **({"shadows": {id_: list(down) for id_, down in sites.shadows.items()}} if sites.shadows else {}),
        **({"nodes": sorted(sites.nodes)} if sites.nodes else {}),
        **({"down": sorted(sites.down)} if sites.down else {}),
    }


def _load_sites(stored: Mapping[str, Any]) -> Sites:
    return Sites(
        asked=stored["asked"],
        silent=stored["silent"],
        shared={ip_address(address): tuple(owners) for address, owners in stored["shared"].items()},
        overlapping={ip_network(network): tuple(owners) for network, owners in stored["overlapping"].items()},
        used={ip_network(network): tuple(owners) for network, owners in stored["used"].items()},
        blocks=tuple(AgencyPrefix(network=ip_network(net), agency=agency) for net, agency in stored["blocks"].items()),
        shadows={SubjectId(id_): tuple(down) for id_, down in stored.get("shadows", {}).items()},
        nodes=frozenset(map(SubjectId, stored.get("nodes", ()))),
        down=frozenset(map(SubjectId, stored.get("down", ()))),
    )


def dump(case: Case, known: Mapping[str, Check]) -> dict[str, Any]:
    document = {
        "about": case.about,
        "trap": case.trap,
        "gated": case.gated,
        "subject": dump_subject(case.subject),
        "context": context(case),
        "evidence": [dump_evidence(one) for one in case.evidence],
    }
    loaded = load(case.check, json.loads(json.dumps(document)))
    document["findings"] = [shown(one) for one in findings(loaded, known[case.check])]
    return document


def dump_subject(subject: Subject) -> dict[str, Any]:
    return {
        "id": subject.id,
        "kind": subject.kind,
        **({"kinds": sorted(subject.kinds)} if len(subject.kinds) > 1 else {}),
        "name": subject.name,
        "host": subject.host,
        "addresses": [written(a) for a in subject.addresses],
        "services": [f"{s.name}:{s.port}" for s in subject.services],
        "network": subject.network,
        "tags": list(subject.tags),
        **({} if subject.clearance is Clearance.NORMAL else {"clearance": subject.clearance}),
        **({"allowed_ports": list(subject.declared.allowed_ports)} if subject.declared.allowed_ports else {}),
        **({"expected_asn": list(subject.declared.expected_asn)} if subject.declared.expected_asn else {}),
        **({"device": subject.declared.device} if subject.declared.device else {}),
        **({"agency": subject.agency} if subject.agency else {}),
        **({"declared": said} if (said := _dump_declared(subject.declared)) else {}),
        **({"site": subject.declared.site} if subject.declared.site else {}),
    }


def _dump_declared(said: DeclaredFacts) -> dict[str, Any]:
    """Return the declared facts of a subject's row that are set."""
    found = {
        "bandwidth_mbps": said.bandwidth_mbps,
        "channel": said.channel,
        "security_level": said.security_level,
        "activated": None if said.activated is None else said.activated.isoformat(),
    }
    return {key: value for key, value in found.items() if value}


def load_subject(stored: Mapping[str, Any]) -> Subject:
    pairs = (text.split(":") for text in stored["services"])
    return Subject(
        id=SubjectId(stored["id"]),
        kind=Kind(stored["kind"]),
        kinds=frozenset(map(Kind, stored.get("kinds", (stored["kind"],)))),
        name=stored["name"],
        host=stored["host"],
        addresses=tuple(ip_address(a) for a in stored["addresses"]),
        services=tuple(Service(name=name, port=int(port)) for name, port in pairs),
        network=Network(stored["network"]),
        tags=tuple(stored["tags"]),
        clearance=Clearance(stored.get("clearance", Clearance.NORMAL)),
        declared=DeclaredFacts(
            allowed_ports=tuple(stored.get("allowed_ports", ())),
            device=stored.get("device", ""),
            expected_asn=tuple(stored.get("expected_asn", ())),
            **_load_declared(stored.get("declared", {})),
            site=stored.get("site", ""),
        ),
        agency=stored.get("agency"),
    )


def _load_declared(stored: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(stored)
    if "activated" in found:
        found["activated"] = date.fromisoformat(found["activated"])
    return found


def _lans(told: str, subject: Subject) -> Mapping[str, DeclaredLan]:
    """``SITE``: the subject is the owner of the site's network; ``SITE=ID``: another row is."""
    owner = told.partition("=")[2]
    return {site: replace(lan, owner=SubjectId(owner or lan.owner)) for site, lan in lans([subject]).items()}


def dump_evidence(one: Evidence) -> dict[str, Any]:
    """Return an envelope as the codec writes it, without default values, so that a case can be read by eye."""
    steps = []
    for step in one.steps:
        plain, untimed = encode_step(step), {"t0": 0.0, "t": 0.0}
        defaults = {f.name: f.default for f in fields(step) if f.default is not MISSING}
        as_default = encode_step(_changed(step, defaults))
        steps.append(
            {k: v for k, v in plain.items() if v != untimed.get(k) and (k not in defaults or v != as_default[k])}
        )
    endpoint = None if one.endpoint is None else {"address": written(one.endpoint.address), "port": one.endpoint.port}
    failure = None if one.failure is None else {"kind": one.failure.kind.value}
    stored = {"probe": one.probe, "task": one.task, "attempt": one.attempt, "started": one.started.isoformat()}
    return {"id": one.id, **stored, "endpoint": endpoint, "failure": failure, "steps": steps}


def _changed(step: Observation, values: Mapping[str, Any]) -> Observation:
    return replace(step, **values)


def load_evidence(stored: Mapping[str, Any]) -> Evidence:
    frame = {"run": "golden", "subject": "golden", "probe_version": 1, "vantage": "tinh-a", "queued": 0.0}
    return decode_evidence({**frame, **stored})


def load(check: str, document: Mapping[str, Any]) -> Loaded:
    stored = document["context"]
    now, families = datetime.fromisoformat(stored["now"]), frozenset(stored["working_families"])
    networks, subject = frozenset(Network(word) for word in stored["networks"]), load_subject(document["subject"])
    clock = stored.get("clock", True)
    points = (SelfTestPoint(at=now, label="before", families=families, iterative=True, clock=clock),)
    controls = frozenset((family, transport) for transport in stored["controls"] for family in (4, 6))
    others = frozenset(AddressOwner(network=Network.TSLCD, site=site) for site in stored.get("answering_sites", ()))
    over = stored.get("answers_over", ())
    vantage = VantageHealth(
        name="tinh-a",
        networks=networks,
        ipv4=Health.OK if 4 in families else Health.NONE,
        ipv6=Health.OK if 6 in families else Health.NONE,
        dns=Health.OK,
        points=points,
        lans=frozenset({stored["lan_of"].partition("=")[0]} if "lan_of" in stored else ()),
        controls=controls,
        answers={(family, transport): others for transport in over for family in (4, 6)},
        own={int(family): _read_own(path) for family, path in stored.get("own_path", {}).items()},
        shared={name: SlowerOverIpv6(slower=s, compared=n) for name, (s, n) in stored.get("slower", {}).items()},
        nat64=tuple(map(IPv6Network, stored.get("nat64", ()))),
        sources=tuple(map(ip_address, stored.get("sources", ()))),
        public=tuple(map(ip_address, stored.get("public", ()))),
        accepted_here=frozenset((4, one) for one in stored.get("accepted_here", ())),
        turned_away=frozenset((family, one) for one in stored.get("turned_away", ()) for family in (4, 6)),
        routers={family: RouterAnswers(*stored["routers"]) for family in (4, 6)} if "routers" in stored else {},
        web_time=WebTime(*stored["web_time"]) if "web_time" in stored else None,
        inspection=_inspection(stored["inspected_by"]) if "inspected_by" in stored else None,
    )
    roots = {name: _certificates(HERE / name) for name in stored["roots"]}
    reference = ReferenceData(
        trust_roots=roots.get("trusted.pem", ""),
        declared_roots=roots.get("declared.pem", ""),
        documentation_is_global=stored["documentation_is_global"],
        public_suffixes=SUFFIXES if stored.get("suffixes", True) else "",
        trust_anchor=stored.get("trust_anchor", ""),
        address_plan=tuple(map(ip_network, stored.get("address_plan", ()))),
        networks={Network.TSLCD: tuple(map(ip_network, stored.get("tslcd_prefixes", ())))},
        holidays=tuple(DaysOff(*one) for one in stored.get("holidays", ())),
        ct_logs=LOGS,
    )
    policy = default()
    if stored["policy"]:
        policy = overlay(policy, stored["policy"], source="golden", known=[check])
    return Loaded(
        check=check,
        about=document["about"],
        trap=document["trap"],
        gated=document["gated"],
        subject=subject,
        evidence=EvidenceSet(load_evidence(one) for one in document["evidence"]),
        ctx=Context(
            now=now,
            policy=policy,
            one_round=stored.get("one_round", False),
            vantage=vantage,
            reference=reference,
            lans=_lans(stored.get("lan_of", ""), subject),
            clearance=Clearance(stored.get("clearance", Clearance.NORMAL)),
            sites=_load_sites(stored["sites"]) if "sites" in stored else Sites(),
            estate=_load_estate(stored["estate"]) if "estate" in stored else Estate(),
            inventory=_index(stored.get("known", ())),
        ),
        findings=document.get("findings", []),
    )


@cache
def stored_case(path: Path) -> Loaded:
    """Return the case of a file; several tests share it, and none may change it."""
    return load(path.parent.name, read(path))


@cache
def _certificates(path: Path) -> str:
    """Return the text of a certificate file; cached, because nearly every case has the same two files."""
    return path.read_text("ascii")


def _index(known: Iterable[str]) -> InventoryIndex:
    """``known`` are names of other subjects, and addresses of theirs."""
    addresses = {text for text in known if ":" in text or text.replace(".", "").isdecimal()}
    labels = frozenset(short_name(text) for text in known if text not in addresses)
    return InventoryIndex(labels=labels, addresses=frozenset(map(ip_address, addresses)))


def findings(case: Loaded, check: Check) -> tuple[Finding, ...]:
    """Return the judge's findings for a case."""
    if check.scope is CheckScope.SUBJECT:
        return judge(case.subject, case.evidence, [check], case.ctx, on_bug=_raise)
    return judge_beside(case.subject, case.evidence, [check], case.ctx, scope=check.scope, on_bug=_raise)


def verdicts(case: Loaded, check: Check) -> list[Verdict]:
    """Return the check's own verdicts, with the subject at the location that the judge knows for it."""
    location = case.ctx.sites.places.location(case.subject, case.ctx.vantage.networks)
    return list(check.run(case.subject, case.evidence, replace(case.ctx, location=location)))


def shown(finding: Finding) -> dict[str, Any]:
    """Return the parts of a finding that the case determines."""
    return {
        "code": finding.code,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "level": finding.level.value,
        "reason": None if finding.reason is None else finding.reason.value,
        "address": None if finding.address is None else written(finding.address),
        "detail": finding.detail,
        "args": {name: list(v) if isinstance(v, tuple) else v for name, v in finding.args.items()},
        "evidence": list(finding.evidence),
    }


def _raise(_check: Check, _subject: Subject, error: Exception) -> NoReturn:
    raise error


assert OBSERVATIONS, "the observation modules register themselves when the lab imports them"
