"""Check that the DS records that a zone requests from its parent fit its keys, and are the same everywhere.

Parents that follow CDS and CDNSKEY do so without confirmation: a record of a key that is not there breaks the zone.
Where the zone does not validate at all, only ``security.dns.dnssec`` reports it.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.dnssec import health
from auditor.facts.dns.dnssec.cds import KINDS, Wishes, wishes
from auditor.facts.dns.dnssec.zones import SignedZone, addresses, examine, shown
from auditor.facts.dns.nameservers import zone
from auditor.framework.check import check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation
from probes.observations.dnssec import ZoneAnswer

_LEFT_OVER = "Let the signer write CDS and CDNSKEY from the keys in use, and remove records that are left over."


@check(
    version=6,
    title="CDS and CDNSKEY are consistent and valid",
    problem="CDS or CDNSKEY records are wrong",
    problems={
        "ONE_KIND": "Only one of CDS and CDNSKEY is published",
        "DELETE": "Domain asks its parent to remove DNSSEC",
        "UNKNOWN_KEY": "CDS or CDNSKEY asks for a key that is not in use",
        "KEY_BESIDE": "CDS or CDNSKEY asks for a key that is not in use",
        "NOT_SIGNED": "CDS or CDNSKEY records are not validly signed",
        "CONTRADICT": "CDS and CDNSKEY records contradict each other",
        "SERVERS_DIFFER": "Name servers publish different CDS or CDNSKEY records",
    },
    why="A parent that follows these records changes the DS by itself: a wrong one takes the zone away for everybody"
    " whose resolver validates.",
    fix=_LEFT_OVER,
    references=("RFC 7344 §4", "RFC 7344 §4.1", "RFC 8078 §4", "RFC 9615", "Zonemaster DNSSEC15–18"),
    needs=(Delegation, ZoneAnswer),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    clock=True,
    excused_by={"SERVERS_DIFFER": frozenset({"dnssec_server"})},
    messages={
        **not_judged.CHAIN_CODES,
        "CONSISTENT": passed(
            "CDS and CDNSKEY of {zone} are the same at all its servers and fit its keys: {tags:list}."
        ),
        "ONE_KIND": warn(
            "{zone} publishes {kind} but no {other}: a parent that reads the other kind learns nothing of its keys.",
            fix="Let the signer publish both kinds of records.",
        ),
        "DELETE": warn(
            "{zone} asks its parent to remove the DS, so that it is no longer signed for anybody.",
            fix="Remove these records if the zone is to stay signed; otherwise wait for the parent to remove the DS"
            " before the signatures are removed.",
        ),
        "UNKNOWN_KEY": fail(
            "{zone} asks its parent for a DS of {tags/a key/keys} that it does not publish or that {tags/does/do} not"
            " sign its set of keys: {tags:list}. A parent that follows breaks the zone."
        ),
        "KEY_BESIDE": warn(
            "Beside keys in use {zone} asks its parent for a DS of {tags/a key/keys} that it does not publish or that"
            " {tags/does/do} not sign its set of keys: {tags:list}. A parent that follows trusts {tags/that key/those"
            " keys} too; the zone works on by the others.",
            fix="Take the record out if it is left over. Where the key waits for its turn (Double-DS), or belongs to"
            " another provider that is to sign the zone, nothing needs to be done.",
        ),
        "NOT_SIGNED": fail(
            "The {kind} records of {zone} have no valid signature by a key that the parent knows, so they must be"
            " ignored.",
            fix="Let the signer sign CDS and CDNSKEY with the key that the parent's DS names.",
        ),
        "CONTRADICT": fail("The CDS and CDNSKEY records of {zone} ask for different keys."),
        "SERVERS_DIFFER": fail(
            "Name servers of {zone} publish different CDS or CDNSKEY records: {addresses:list}.",
            fix="Make all name servers, and all signers if there are several, publish the same CDS and CDNSKEY"
            " records.",
        ),
        "NONE": not_applicable("{zone} publishes neither CDS nor CDNSKEY."),
        "DELETED": not_applicable("{zone} asks its parent for no DS, and there is none."),
        "REFUSED": not_applicable("The answers of {zone} do not validate as a whole; see the finding on DNSSEC."),
        **not_judged.UNSIGNED,
        **not_judged.NOT_DELEGATED,
        **not_judged.NO_ANCHOR,
    },
)
def cds(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    cut = zone(subject, evidence, ctx)
    shut = not_judged.delegation(cut)
    if shut is not None:
        yield shut
        return
    if not ctx.reference.trust_anchor:
        yield Verdict(code="NO_ANCHOR")
        return
    signed_zone = examine(cut.name, evidence, ctx)
    seen = None if signed_zone is None or not signed_zone.showed_keys else wishes(signed_zone)
    if signed_zone is None or seen is None:
        yield not_judged.dns(not_judged.unasked(ctx, evidence, cut.name))
    elif not signed_zone.has_keys:
        yield Verdict(code="UNSIGNED", args={"zone": cut.name}, evidence=signed_zone.evidence)
    else:
        yield _judge(signed_zone, seen) or not_judged.dns(not_judged.unasked(ctx, evidence, cut.name))


def _judge(signed_zone: SignedZone, seen: Wishes) -> Verdict | None:
    """Return the verdict, or None where a kind of records is not known and the other has no defect."""
    pair = _conclusion(signed_zone, seen)
    if pair is None:
        return None
    return Verdict(code=pair[0], args={"zone": shown(signed_zone.name), **pair[1]}, evidence=seen.evidence)


def _conclusion(signed_zone: SignedZone, seen: Wishes) -> tuple[str, dict[str, Arg]] | None:
    known = len(seen.heard) == len(KINDS)
    if not seen.present:
        return ("NONE", {}) if known else None
    if signed_zone.trust.why is not None or signed_zone.broken:
        return "REFUSED", {}
    if seen.deletes and not health.digests(signed_zone):
        return "DELETED", {}
    defect = _defect(seen)
    if defect is not None or not known:
        return defect
    if seen.deletes:
        return "DELETE", {}
    if len(seen.present) < len(KINDS):
        return "ONE_KIND", {"kind": seen.present[0], "other": next(kind for kind in KINDS if kind not in seen.present)}
    return "CONSISTENT", {"tags": seen.tags()}


def _defect(seen: Wishes) -> tuple[str, dict[str, Arg]] | None:
    """Return the most dangerous defect, where there are several."""
    strange, unsigned, differing = seen.unknown_keys(), seen.unsigned(), seen.differing()
    if strange:
        return ("KEY_BESIDE" if seen.keep_working() else "UNKNOWN_KEY"), {"tags": strange}
    if seen.contradict():
        return "CONTRADICT", {}
    if differing:
        return "SERVERS_DIFFER", {"addresses": addresses(differing)}
    return None if unsigned is None else ("NOT_SIGNED", {"kind": unsigned.kind})
