"""Computes the DS set that a zone requests from its parent by CDS and CDNSKEY (RFC 7344), and whether it would work.

Each server is judged by itself, by its last answer. Signatures count at the time of the answer that held them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.dnssec
import dns.rdata
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.CDNSKEY import CDNSKEY
from dns.rdtypes.ANY.CDS import CDS
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from auditor.facts.dns.dnssec import health
from auditor.facts.dns.dnssec.answers import TimedAnswer
from auditor.facts.dns.dnssec.signatures import DIGESTS, Signer, TooManyVerifications, Why, of_anchor
from auditor.facts.dns.dnssec.zones import SignedZone
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId

KINDS = ("CDS", "CDNSKEY")
_RECORDS = 16
_DELETE = 0
"""The algorithm number of a record that requests the removal of the DS (RFC 8078 §4)."""

Wish = CDS | CDNSKEY


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Holds the records of one kind at one server; empty if the server answered that there are none."""

    kind: str
    said: TimedAnswer
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Holds all CDS and CDNSKEY records of a zone; ``heard``: the kinds that some server answered."""

    found: SignedZone
    shown: tuple[Published, ...]

    @property
    def heard(self) -> frozenset[str]:
        return frozenset(records.kind for records in self.shown)

    @property
    def present(self) -> tuple[str, ...]:
        """The kinds with records."""
        return tuple(kind for kind in KINDS if any(records.wishes for records in self.shown if records.kind == kind))

    @property
    def every(self) -> tuple[Wish, ...]:
        return tuple(dict.fromkeys(wish for records in self.shown for wish in records.wishes))

    @property
    def deletes(self) -> bool:
        return any(record.algorithm == _DELETE for record in self.every)

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        return tuple(dict.fromkeys(records.said.evidence for records in self.shown))

    def tags(self) -> tuple[str, ...]:
        return tuple(str(tag) for tag in sorted({_identity(record)[0] for record in self.every}))

    def differing(self) -> list[IPAddress]:
        """Return the servers of each kind that differs between servers."""
        odd = [
            self._servers(kind) for kind in KINDS if len({frozenset(records.wishes) for records in self._of(kind)}) > 1
        ]
        return sorted(
            {address for servers in odd for address in servers}, key=lambda address: (-address.version, int(address))
        )

    def contradict(self) -> bool:
        """True if CDS and CDNSKEY request different keys, or one kind requests both a key and removal."""
        asked = [{_identity(wish) for records in self._of(kind) for wish in records.wishes} for kind in self.present]
        mixed = any(len(keys) > 1 and any(algorithm == _DELETE for _, algorithm in keys) for keys in asked)
        return mixed or any(keys != asked[0] for keys in asked)

    def unknown_keys(self) -> tuple[str, ...]:
        """Return the key tags of requests for a key that is not published or does not sign the zone's DNSKEY set."""
        signing = self._signing()
        wishes = [record for record in self.every if record.algorithm != _DELETE]
        strange = {_identity(wishe)[0] for wishe in wishes if not self._is_of_any(wishe, signing)}
        return tuple(map(str, sorted(strange)))

    def keep_working(self) -> bool:
        """True if the records of each kind at each server, when followed, leave a DS for a key in use."""
        signing = self._signing()
        return all(
            any(self._is_of_any(wishe, signing) for wishe in shown.wishes) for shown in self.shown if shown.wishes
        )

    def unsigned(self) -> Published | None:
        """Return records without a valid signature by a key that the parent's DS names (RFC 7344 §4.1), else None.

        If the parent has no DS yet, the requested keys are used in its place.
        """
        digests, every = health.digests(self.found), health.keys(self.found)
        asked = [key for key in every if any(self._is_of(wish, key) for wish in self.every)]
        keys = of_anchor(self.found.name, every, digests) if digests else asked
        return next((records for records in self.shown if records.wishes and not self._holds(records.said, keys)), None)

    def _of(self, kind: str) -> list[Published]:
        return [records for records in self.shown if records.kind == kind]

    def _servers(self, kind: str) -> list[IPAddress]:
        return [records.said.server for records in self._of(kind) if records.said.server is not None]

    def _is_of(self, wish: Wish, key: DNSKEY) -> bool:
        """True if a record requests this key; a digest of an unsupported type is assumed to match."""
        if isinstance(wish, CDNSKEY):
            return (wish.flags, wish.algorithm, wish.key) == (key.flags, key.algorithm, key.key)
        if _identity(wish) != (dns.dnssec.key_id(key), key.algorithm) or wish.digest_type not in DIGESTS:
            return _identity(wish) == (dns.dnssec.key_id(key), key.algorithm)
        kind, policy = DIGESTS[wish.digest_type], dns.dnssec.allow_all_policy
        return bool(dns.dnssec.make_ds(self.found.name, key, kind, policy=policy).digest == wish.digest)

    def _is_of_any(self, wish: Wish, keys: Sequence[DNSKEY]) -> bool:
        return any(self._is_of(wish, key) for key in keys)

    def _signing(self) -> list[DNSKEY]:
        """Return the keys that sign the zone's DNSKEY set."""
        return [key for key in health.keys(self.found) if self._signs_keys(key)]

    def _signs_keys(self, key: DNSKEY) -> bool:
        answers = self.found.validator.of(self.found.name, dns.rdatatype.DNSKEY)
        return any(self._holds(answer, [key]) for answer in answers if answer.server not in self.found.stale)

    def _holds(self, answer: TimedAnswer, keys: Sequence[DNSKEY]) -> bool:
        """True if the records of an answer are signed by one of the keys.

        Too much work counts as signed, and so does a signature outside its dates by so little that a clock may be
        wrong.
        """
        rrset = answer.found()
        if rrset is None:
            return False
        signer = Signer(zone=self.found.name, keys=keys, at=answer.at, work=self.found.validator.work)
        try:
            return signer.check(rrset, answer.signatures(rrset)).why in (None, Why.EDGE)
        except TooManyVerifications:
            return True


def wishes(signed_zone: SignedZone) -> Wishes:
    """Return the last answer of each server for each kind, without servers that have an older copy of the zone."""
    late = frozenset(signed_zone.stale) | signed_zone.validator.behind(signed_zone.name)
    last: dict[tuple[str, IPAddress | None], TimedAnswer] = {}
    for kind in KINDS:
        asked = signed_zone.validator.of(signed_zone.name, dns.rdatatype.from_text(kind))
        for answer in sorted(asked, key=lambda answer: (answer.at, answer.evidence)):
            if answer.message is not None and answer.server not in late:
                last[kind, answer.server] = answer
    shown = (Published(kind=kind, said=answer, wishes=_wishes(answer.found())) for (kind, _), answer in last.items())
    return Wishes(found=signed_zone, shown=tuple(shown))


def _wishes(rrset: Iterable[dns.rdata.Rdata] | None) -> tuple[Wish, ...]:
    return tuple(rdata for rdata in rrset or () if isinstance(rdata, CDS | CDNSKEY))[:_RECORDS]


def _identity(wish: Wish) -> tuple[int, int]:
    """Return key tag and algorithm; (0, 0) for every request to remove the DS."""
    if wish.algorithm == _DELETE:
        return 0, _DELETE
    tag = wish.key_tag if isinstance(wish, CDS) else dns.dnssec.key_id(wish)
    return tag, wish.algorithm
