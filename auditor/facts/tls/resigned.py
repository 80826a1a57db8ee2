"""Finds out whether a device near the vantage decrypts TLS and signs the certificates of other hosts anew.

A firewall that inspects TLS, or an antivirus program, issues a certificate of its own for any name that is asked: by
one authority for unrelated sites in many networks, nearly always with one key for all of them, and never with the
proofs of public logs (RFC 6962), which it cannot copy. Gathered in one pass over all evidence. Memory: a few texts for
each certificate without such proofs that fits its site.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from auditor.facts.tls.certificates import Certificate, ChainTrust, covers, read, trust
from auditor.framework.address_owners import ANYWHERE, AddressOwner
from auditor.framework.context import TransportKey
from auditor.framework.gathered import TlsInspection
from inventory.model import IPAddress, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet, Observation
from probes.observations.mail import PolicyFetch, SmtpDialogue
from probes.observations.web import TlsHandshake

_PROOFS = bytes.fromhex("060a2b06010401d679020402")
"""The identifier of the extension with proofs of logs, as it stands in a certificate."""
_SHARING, _ALL = 3, 5
"""Networks with unrelated names and one key between them; networks that saw one authority where none has proofs."""
Place = tuple[IPAddress, int]


@dataclass(frozen=True, slots=True)
class _Leaf:
    owner: AddressOwner
    where: TransportKey
    key: str
    names: frozenset[str]


class ResignedTls:
    """Gathers, from all evidence of a run, the certificates that a device near the vantage may have signed."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        """Take the subjects on the Internet: inside TSLCD one authority for all is legitimate."""
        self._outside = {subject.id for subject in subjects if subject.network is Network.INTERNET}
        self._leaves: dict[str, dict[tuple[str, TransportKey], _Leaf]] = {}
        """Leaves by issuer, then by the digest of the certificate and the place where it was seen."""
        self._chains: dict[str, tuple[tuple[bytes, ...], Evidence]] = {}
        self._logged = False

    def add(self, evidence: Evidence) -> None:
        if evidence.subject not in self._outside:
            return
        for step in evidence.steps:
            if isinstance(step, TlsHandshake | SmtpDialogue) and step.chain:
                self._note(evidence, step)

    def _note(self, evidence: Evidence, step: TlsHandshake | SmtpDialogue) -> None:
        if _PROOFS in step.chain[0]:
            self._logged = True
            return
        leaf = read(step.chain[0])
        if leaf is None or leaf.self_issued or not step.server_name or not covers(leaf, step.server_name):
            return
        where = step.address.version, f"tcp/{step.port}"
        found = _Leaf(ANYWHERE.owner(step.address), where, _digest(leaf.key), frozenset(leaf.names))
        self._leaves.setdefault(leaf.issuer, {}).setdefault((_digest(step.chain[0]), where), found)
        self._chains.setdefault(leaf.issuer, (step.chain, evidence))

    def seen(self, declared: str) -> TlsInspection | None:
        """Return the TLS inspection that was seen; None where none was.

        ``declared``: roots (PEM) of authorities that agencies do use.
        """
        found = {
            issuer: leaves
            for issuer, by_place in sorted(self._leaves.items())
            if self._signs_for_all(issuer, leaves := [by_place[key] for key in sorted(by_place)], declared)
            or any(_apart(same) >= _SHARING for same in _by_key(leaves).values())
        }
        if not found:
            return None
        every = [leaf for leaves in found.values() for leaf in leaves]
        return TlsInspection(
            name=max(found, key=lambda issuer: len(found[issuer])),
            issuers=frozenset(found),
            keys=frozenset(key for key, same in _by_key(every).items() if _apart(same) > 1),
            places=frozenset(leaf.where for leaf in every),
            owners=len({leaf.owner for leaf in every}),
        )

    def _signs_for_all(self, issuer: str, leaves: list[_Leaf], declared: str) -> bool:
        """True if no certificate at all was seen that is in public logs, and many of this issuer's were."""
        if self._logged or len({leaf.owner for leaf in leaves}) < _ALL:
            return False
        sent, evidence = self._chains[issuer]
        chain = [certificate for der in sent if (certificate := read(der)) is not None]
        return trust(chain, "", declared, evidence.started) is not ChainTrust.DECLARED


def _by_key(leaves: Iterable[_Leaf]) -> Mapping[str, list[_Leaf]]:
    found: dict[str, list[_Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.key, []).append(leaf)
    return found


def _apart(leaves: Iterable[_Leaf]) -> int:
    """Return the number of certificates that are in different networks and have no name in common."""
    owners, names, count = set[AddressOwner](), set[str](), 0
    for leaf in leaves:
        if leaf.owner not in owners and names.isdisjoint(leaf.names):
            owners.add(leaf.owner)
            names |= leaf.names
            count += 1
    return count


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def is_resigned(leaf: Certificate, by: TlsInspection) -> bool:
    """True if a certificate is one of those that are issued near the vantage."""
    return leaf.issuer in by.issuers or _digest(leaf.key) in by.keys


def own_places(evidence: EvidenceSet, by: TlsInspection) -> frozenset[Place]:
    """Return a subject's addresses and ports seen with a certificate of their own, and with none from near us."""
    own, others = set[Place](), set[Place]()
    for place, leaf in _shown(evidence):
        (others if is_resigned(leaf, by) else own).add(place)
    return frozenset(own - others)


def _shown(evidence: EvidenceSet) -> Iterator[tuple[Place, Certificate]]:
    for envelope in evidence:
        for step in envelope.steps:
            leaf = _leaf(step)
            if leaf is not None and isinstance(step, TlsHandshake | SmtpDialogue | PolicyFetch):
                yield (step.address, step.port), leaf


def _leaf(step: Observation) -> Certificate | None:
    chain = step.chain if isinstance(step, TlsHandshake | SmtpDialogue | PolicyFetch) else ()
    return read(chain[0]) if chain else None
