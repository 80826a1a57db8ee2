"""Compares the copies of a zone at its name server addresses, and decides whether they may differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from auditor.facts.dns.nameservers import Zone
from auditor.facts.dns.zone_copies import VARYING, ZoneCopy, deviating, newest, published_before
from auditor.facts.dns.zone_keys import Across, across
from auditor.framework.findings import Arg, Verdict
from inventory.model import written
from probes.framework.evidence import EvidenceId, EvidenceSet

_TOGETHER = timedelta(seconds=60)
_DATA = ("NS", "DNSKEY", *sorted(VARYING))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Compares the copies of a zone; ``ignored`` are types that are declared to vary."""

    found: Zone
    seen: Sequence[ZoneCopy]
    ignored: frozenset[str]

    def verdict(self, evidence: EvidenceSet) -> Verdict:
        """Return the verdict: failures first, then undecided results, then warnings."""
        best, alike = newest(self.seen), self._alike
        differs = {rtype: some for rtype in _DATA if (some := deviating(alike, rtype))}
        keys = across(evidence, self.found.name, alike) if "DNSKEY" in differs else Across.VALID
        varying = frozenset(rtype for copy in self.seen for rtype in copy.varying)
        loose = {rtype: some for rtype, some in differs.items() if rtype in VARYING - varying - self.ignored}
        hard = {rtype: some for rtype, some in differs.items() if rtype == "NS"}
        hard |= {"DNSKEY": differs["DNSKEY"]} if keys is Across.BROKEN else {}
        apart = max(copy.at for copy in self.seen) - min(copy.at for copy in self.seen) > _TOGETHER
        if apart and (hard or loose or self._behind):
            return self._say("TOO_FAR_APART")
        return (
            self._different("DIFFERENT", hard)
            or self._by_family(loose)
            or self._double()
            or self._late(best)
            or (self._say("KEYS_NOT_COMPARED") if keys is Across.OPEN else None)
            or self._open_by_family(loose)
            or self._different("VARIES", loose)
            or self._several()
            or self._lagging("BEHIND", best, self._behind)
            or self._same(best, (varying & differs.keys()) - self.ignored, signers="DNSKEY" in differs)
        )

    @property
    def _several_primaries(self) -> bool:
        return len({copy.primary for copy in self.seen}) > 1

    @property
    def _behind(self) -> tuple[ZoneCopy, ...]:
        """Copies that wait for a zone transfer; empty between several primaries."""
        best = newest(self.seen)
        return () if self._several_primaries else tuple(copy for copy in self.seen if copy.serial != best.serial)

    @property
    def _alike(self) -> tuple[ZoneCopy, ...]:
        """Copies that should have the same records."""
        return tuple(copy for copy in self.seen if copy not in self._behind)

    def _different(self, code: str, differs: Mapping[str, Sequence[ZoneCopy]]) -> Verdict | None:
        if not differs:
            return None
        some = {copy.address for deviant in differs.values() for copy in deviant}
        addresses = _addresses([copy for copy in self.seen if copy.address in some])
        return self._say(code, addresses=addresses, types=tuple(sorted(differs)))

    def _by_family(self, loose: Mapping[str, Sequence[ZoneCopy]]) -> Verdict | None:
        """Return a verdict about a server with steadily different IPv6 and IPv4 addresses, None if there is none.

        Another server must have the usual records over the same family: then the difference is this instance's, and
        does not depend on the client's location.
        """
        at = {copy.address: copy for copy in self._alike}
        for rtype, others in loose.items():
            wrong = {copy.address for copy in others}
            steady = {address for address, copy in at.items() if rtype in copy.steady}
            for server in self.found.servers:
                six, four = set(server.aaaa.v6) & at.keys(), set(server.a.v4) & at.keys()
                for here, there in ((six, four), (four, six)):
                    family = {address.version for address in here}
                    beside = {address for address in at.keys() - here if address.version in family}
                    alone = here and here <= wrong and there and not there & wrong and beside - wrong
                    if alone and here | there <= steady:
                        addresses = _addresses([copy for copy in self.seen if copy.address in here])
                        return self._say("BY_FAMILY", addresses=addresses, names=(server.name,), types=(rtype,))
        return None

    def _open_by_family(self, loose: Mapping[str, Sequence[ZoneCopy]]) -> Verdict | None:
        """Return a verdict about a differing server that was not asked twice over both families, None if there is none.

        It may be another instance over one of them.
        """
        for rtype, others in loose.items():
            wrong = {copy.address for copy in others}
            steady = {copy.address for copy in self._alike if rtype in copy.steady}
            for server in self.found.servers:
                addresses = {*server.aaaa.v6, *server.a.v4}
                if server.aaaa.v6 and server.a.v4 and addresses & wrong and not addresses <= steady:
                    return self._say("NOT_SEEN_TWICE", types=(rtype,))
        return None

    def _late(self, best: ZoneCopy) -> Verdict | None:
        since = published_before(best.serial, best.at)
        due = since is not None and best.at - since > timedelta(seconds=best.refresh)
        late = [copy for copy in self._behind if due and published_before(copy.serial, best.at) != since]
        return self._lagging("LATE", best, late)

    def _lagging(self, code: str, best: ZoneCopy, shown: Sequence[ZoneCopy]) -> Verdict | None:
        if not shown:
            return None
        old = ", ".join(sorted({str(copy.serial) for copy in shown}))
        return self._say(code, addresses=_addresses(shown), old=old, serial=str(best.serial), refresh=best.refresh)

    def _double(self) -> Verdict | None:
        double = [copy for copy in self.seen if copy.soas > 1]
        return self._say("SEVERAL_SOA", addresses=_addresses(double)) if double else None

    def _several(self) -> Verdict | None:
        one_serial = len({copy.serial for copy in self.seen}) == 1
        if not self._several_primaries and not (one_serial and deviating(self.seen, "SOA")):
            return None
        own = tuple(sorted({f"{copy.primary} {copy.serial}" for copy in self.seen}))
        return self._say("SEVERAL_PRIMARIES", primaries=own)

    def _same(self, best: ZoneCopy, varying: frozenset[str], *, signers: bool) -> Verdict:
        count, serial = len(self.seen), str(best.serial)
        if signers:
            return self._say("SEVERAL_SIGNERS", count=count)
        if varying:
            return self._say("SAME_BUT", count=count, serial=serial, types=tuple(sorted(varying)))
        return self._say("SAME", count=count, serial=serial)

    def _say(self, code: str, **args: Arg) -> Verdict:
        ids: tuple[EvidenceId, ...] = tuple(dict.fromkeys(copy.evidence for copy in self.seen))
        return Verdict(code=code, args={"zone": self.found.name, **args}, evidence=ids)


def _addresses(seen: Sequence[ZoneCopy]) -> tuple[str, ...]:
    return tuple(written(copy.address) for copy in seen)
