"""Compare a device's reports about itself with the inventory."""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.description import chassis
from auditor.facts.device.models import SameDevice, same_device
from auditor.facts.device.vendors import maker
from auditor.framework.check import VantageKind, check, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Clearance, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted

_ROUTEROS = "RouterOS "
"""The beginning of MikroTik's sysDescr; the model follows."""


@check(
    version=6,
    title="Device is identified",
    problem="Device is not the one recorded in the inventory",
    why="Unless it is known which device and software is in place, nobody can say whether it supports IPv6"
    " or which published faults it has.",
    fix="Write maker and model into the column device of the inventory, or correct it.",
    references=("RFC 3418 §2", "RFC 6933 §3"),
    needs=answers.SNMP,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("identity"),
    messages={
        **answers.CODES,
        "MATCHES": passed("{name} is what the inventory says: {device} ({said})."),
        "DIFFERS": warn("{name} stands in the inventory as {device}, but says that it is {said}."),
        "UNKNOWN": inconclusive(
            "{name} stands in the inventory as {device}; its maker is not in our list ({object_id}), and what it "
            "reports about itself ({said}) cannot be compared with that.",
            fix="Look at the device itself, and write maker and model into the inventory as it says them.",
            reason=Reason.OBJ,
        ),
        "NOT_COMPARED": inconclusive(
            "{name} stands in the inventory as {device} and says that it is {said}; whether that is the same, these"
            " words do not tell.",
            fix="Look at the device itself, and write maker and model into the inventory as it says them.",
            reason=Reason.OBJ,
        ),
        "UNDECLARED": inconclusive(
            "{name} says that it is {said}; the inventory does not say which device it should be.",
            fix="Write maker and model into the column device of the inventory.",
            reason=Reason.INV,
        ),
    },
)
def identity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    tree = device.tree
    object_id = tree.oid(oids.SYS_OBJECT_ID)
    made_by, model, said = maker(object_id), " ".join(filter(None, chassis(tree))) or None, tree.text(oids.SYS_DESCR)
    if model is None and said is not None and said.startswith(_ROUTEROS):
        model = said.removeprefix(_ROUTEROS)
    parts = [part for part in (made_by, model, said) if part]
    if not parts:
        return device.not_read()
    shown, declared = " · ".join(parts), subject.declared.device
    if not declared:
        return device.says("UNDECLARED", said=shown)
    same = same_device(declared, made_by, model or "", said or "")
    if same is SameDevice.YES:
        return device.says("MATCHES", device=declared, said=shown)
    if model is None and not device.complete(oids.ENT_CLASS):
        return device.not_read()  # the model may be only in ENTITY-MIB
    if device.broke_off(oids.SYS_OBJECT_ID, oids.SYS_DESCR, oids.ENT_CLASS, oids.ENT_MAKER, oids.ENT_MODEL):
        return device.not_read()
    if made_by is None and model is None:
        return device.says("UNKNOWN", device=declared, object_id=dotted(object_id or ()) or "-", said=shown)
    return device.says("DIFFERS" if same is SameDevice.NO else "NOT_COMPARED", device=declared, said=shown)
