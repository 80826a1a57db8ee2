"""Check that a device that was bought after the rule took effect can do IPv6.

The best evidence is that it uses IPv6 when measured. Else the owner names a document (``ipv6-evidence=WORD``), or
declares the model's capability (``ipv6-capable=yes`` or ``no``). The purchase date is in the tag ``bought=DATE``: the
day of activation is that of its place, and old equipment is reused.

Models are matched by the enterprise number of sysObjectID and a pattern in sysDescr. Only families whose documentation
describes IPv6 forwarding and management are here; a missing family shows nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid


@dataclass(frozen=True, slots=True)
class _Claim:
    """Holds the vendor's name of a ``software``, and the ``pattern`` that is searched in sysDescr."""

    enterprise: int
    pattern: re.Pattern[str]
    software: str


def _claim(enterprise: int, pattern: str, software: str) -> _Claim:
    return _Claim(enterprise, re.compile(pattern, re.IGNORECASE), software)


_CLAIMS = (
    _claim(9, r"IOS[ -]XE", "Cisco IOS XE"),
    _claim(9, r"IOS XR", "Cisco IOS XR"),
    _claim(9, r"NX-OS", "Cisco NX-OS"),
    _claim(2011, r"\bV[28]00R0", "Huawei VRP V200R/V800R"),
    _claim(2636, r"\bJUNOS\b", "Junos OS"),
    _claim(12356, r"", "FortiOS"),
    _claim(14988, r"^RouterOS", "MikroTik RouterOS"),
    _claim(25461, r"", "PAN-OS"),
    _claim(30065, r"\bEOS\b", "Arista EOS"),
    _claim(8072, r"^Linux ", "Linux"),
)

_ID = "ipv6.device.capability"


@check(
    version=4,
    title="Device model supports IPv6 (procurement conformity)",
    problem="Device was bought without IPv6 support",
    problems={
        "CLAIMED": "IPv6 support is claimed by the maker but not documented",
        "DECLARED": "IPv6 support is declared but not documented",
    },
    why="Equipment that is bought today without IPv6 is replaced tomorrow, from the same budget.",
    fix="Ask the maker for a datasheet, an IPv6 Ready Logo or a declaration of conformity (USGv6), file it and name it"
    " in the column tags: ipv6-evidence=DOCUMENT. Plan the replacement of what cannot do IPv6.",
    references=(
        "khoản 3 Điều 18 Nghị định số 72/2013/NĐ-CP",
        "Thông tư số 39/2017/TT-BTTTT",
        "Phụ lục I Thông tư số 06/2026/TT-BKHCN",
        "RIPE-772",
        "NIST SP 500-267Br1",
    ),
    needs=answers.SNMP,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.INV, VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("capability"),
    messages={
        "NOT_READ": answers.CODES["NOT_READ"],
        "PROVEN": passed("{name} runs IPv6 here ({address}), so it can."),
        "ON_FILE": passed("For {name} there is evidence on file that it does IPv6: {documents:list}."),
        "CLAIMED": warn("The maker says that {software} on {name} does IPv6; there is no evidence of it on file."),
        "DECLARED": warn("The inventory says that {name} does IPv6, but names no document that shows it."),
        "CANNOT": fail(
            "{name} cannot do IPv6, as the inventory says, and was bought on {bought:date}, after the rule took effect"
            " on {rule:date}."
        ),
        "BEFORE_RULE": not_applicable(
            "{name} cannot do IPv6, as the inventory says, but was bought on {bought:date}, before the rule took effect"
            " on {rule:date}."
        ),
        "NOT_FACING": not_applicable(
            "The inventory says that {name} is connected neither to the Internet nor to TSLCD."
        ),
        "NOT_DATED": inconclusive(
            "{name} cannot do IPv6, as the inventory says; when it was bought it does not say.",
            fix="Write the day of purchase into the column tags: bought=DATE.",
            reason=Reason.INV,
        ),
        "NOT_DECLARED": inconclusive(
            "Nothing shows whether {name} can do IPv6, and the inventory does not say.", reason=Reason.INV
        ),
    },
)
def capability(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    name, read = subject.host or subject.name, found.evidence
    if subject.has_tag("not-facing"):
        yield Verdict(code="NOT_FACING", args={"name": name})
        return
    running = _running(found) if isinstance(found, SeenDevice) else None
    documents = subject.tag_values("ipv6-evidence")
    if running is not None:
        yield Verdict(code="PROVEN", args={"name": name, "address": running}, evidence=read)
    elif documents:
        yield Verdict(code="ON_FILE", args={"name": name, "documents": documents}, evidence=read)
    elif "no" in subject.tag_values("ipv6-capable"):
        rule = _day(ctx.policy.threshold(_ID, "rule_day"))
        yield replace(_bought(name, _bought_on(subject), rule), evidence=read)
    else:
        software = _software(found) if isinstance(found, SeenDevice) else None
        if software is not None and isinstance(found, SeenDevice) and not found.all_addresses_read():
            yield found.not_read()
        elif software is not None:
            yield Verdict(code="CLAIMED", args={"name": name, "software": software}, evidence=read)
        else:
            said = "yes" in subject.tag_values("ipv6-capable")
            yield Verdict(code="DECLARED" if said else "NOT_DECLARED", args={"name": name}, evidence=read)


def _running(device: SeenDevice) -> str | None:
    """Return an IPv6 address of wider than link-local scope that the device shows in use, or answers at."""
    used = [interface.address for interface in device.v6 if interface.status in (None, "preferred", "deprecated")]
    used += [session.address for session in device.sessions if session.address.version == 6]
    return next((str(address) for address in used if not address.is_link_local and not address.is_loopback), None)


def _software(device: SeenDevice) -> str | None:
    tree = device.tree
    return _claimed(tree.oid(oids.SYS_OBJECT_ID), tree.text(oids.SYS_DESCR) or "")


def _bought_on(subject: Subject) -> date | None:
    for text in subject.tag_values("bought"):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None


def _bought(name: str, bought: date | None, rule: date) -> Verdict:
    if bought is None:
        return Verdict(code="NOT_DATED", args={"name": name})
    code = "CANNOT" if bought >= rule else "BEFORE_RULE"
    return Verdict(code=code, args={"name": name, "bought": bought.isoformat(), "rule": rule.isoformat()})


def _day(number: float) -> date:
    """Convert a threshold such as 20130901 to a date."""
    year, rest = divmod(int(number), 10_000)
    return date(year, *divmod(rest, 100))


def _claimed(object_id: Oid | None, described: str) -> str | None:
    """Return the software that its vendor documents as able to do IPv6; None when none is known here."""
    number = object_id[6] if object_id is not None and len(object_id) > 6 else None
    softwares = (claim.software for claim in _CLAIMS if claim.enterprise == number and claim.pattern.search(described))
    return next(softwares, None)
