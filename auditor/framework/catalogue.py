"""Describes all checks and probes: their names, the selected ones, and the cost of measuring for them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.framework.check import Check, CheckScope
from auditor.framework.check import load as load_checks
from auditor.framework.findings import CheckId
from auditor.framework.operator_problems import OperatorError, nearest, problem
from inventory.model import DEVICE_KINDS, HOST_KINDS, SERVICE_PORTS, WEB_KINDS, Clearance, Kind, Subject
from probes.framework.clients import LABELS
from probes.framework.registry import Probe
from probes.framework.registry import load as load_probes
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect


class UnknownName(OperatorError):
    """Raised for checks, probes or kinds that do not exist; each problem names the nearest known name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Holds all checks and probes of this program. ``version`` changes when any check's meaning does."""

    checks: Mapping[CheckId, Check]
    probes: Mapping[str, Probe]

    @property
    def version(self) -> str:
        text = "\n".join(
            f"{check.id} {check.version} {','.join(sorted(check.messages))}" for check in self.checks.values()
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def select(self, only: Iterable[str], skip: Iterable[str]) -> tuple[Check, ...]:
        """Return the enabled checks of subjects, by id or prefix. Raises UnknownName, all unknown words at once."""
        wanted, unwanted = tuple(only), tuple(skip)
        unknown = [word for word in (*wanted, *unwanted) if not any(_under(check, word) for check in self.checks)]
        if unknown:
            raise UnknownName(
                problem("unknown check '{check}'", check=word, hint=nearest(word, self._words())) for word in unknown
            )
        return tuple(
            check
            for check in self.checks.values()
            if check.scope is CheckScope.SUBJECT
            and (not wanted or any(_under(check.id, word) for word in wanted))
            and not any(_under(check.id, word) for word in unwanted)
        )

    def find(self, check: str) -> Check:
        """Return a check by its full id. Raises UnknownName."""
        found = self.checks.get(CheckId(check))
        if found is None:
            raise UnknownName([problem("unknown check '{check}'", check=check, hint=nearest(check, self.checks))])
        return found

    def probes_for(self, checks: Iterable[Check], *, beside: bool = True) -> tuple[Probe, ...]:
        """Return the probes whose observations the checks read, with the probes that those depend on.

        These are probes of names and open ports; a probe that another chosen one replaces is left out. ``beside``:
        include probes that only excuse or explain.
        """
        needed = {kind for check in checks for kind in (*check.needs, *(check.beside if beside else ()))}
        chosen = {name for name, probe in self.probes.items() if needed & set(probe.records)}
        chosen -= {name for other in chosen for name in self.probes[other].instead_of}
        if chosen:
            chosen |= {name for name, probe in self.probes.items() if NameLookup in probe.records}
        behind = [self.probes[name] for name in chosen if self.probes[name].needs_open]
        if behind:
            chosen |= {name for name, probe in self.probes.items() if TcpConnect in probe.records}
        if any("smtp" in probe.services for probe in behind):  # only the dialogue opens an exchanger's port
            chosen |= {name for name, probe in self.probes.items() if SmtpDialogue in probe.records}
        return tuple(self.probes[name] for name in sorted(chosen))

    def find_probe(self, name: str) -> Probe:
        """Return a probe by its name. Raises UnknownName."""
        probe = self.probes.get(name)
        if probe is None:
            raise UnknownName(
                [
                    problem(
                        "unknown probe '{name}'; there are {known}",
                        name=name,
                        known=", ".join(self.probes),
                        hint=nearest(name, self.probes),
                    )
                ]
            )
        return probe

    def _words(self) -> list[str]:
        parts = (check.split(".") for check in self.checks)
        return sorted({".".join(p[:length]) for p in parts for length in range(1, len(p) + 1)})


def load() -> Catalogue:
    """Import every check and probe."""
    return Catalogue(checks=load_checks(), probes=load_probes())


_OVER_UDP = frozenset({"dns", "snmp"})


def transports(probes: Iterable[Probe], kinds: Iterable[Kind]) -> frozenset[str]:
    """Return the transports that probing subjects of ``kinds`` uses; the self-test asks control endpoints over each."""
    chosen = tuple(probes)
    names = {service for probe in chosen for service in probe.services}
    present = set(kinds)
    used = {"dns"} if Kind.ZONE in present or present & WEB_KINDS else set()
    used |= {"http", "https", "http-alt", "https-alt"} if present & WEB_KINDS else set()
    used |= {"smtp", "https", *LABELS} if Kind.MAIL in present else set()
    used |= {"snmp"} if present & DEVICE_KINDS else set()
    found = {f"{'udp' if n in _OVER_UDP else 'tcp'}/{SERVICE_PORTS[n]}" for n in used & names}
    dialled = {f"tcp/{port}" for probe in chosen for port in probe.ports if present & HOST_KINDS}
    return frozenset(found | dialled | {"icmp"})


def crafted(probes: Iterable[Probe], subjects: Iterable[Subject], clearance: Clearance) -> frozenset[str]:
    """Return the crafted packets that this run and some subject's owner allow; only these are also sent to controls."""
    known = tuple(subjects)
    allowed = {
        other_clearance
        for other_clearance in Clearance
        if clearance.covers(other_clearance) and any(s.clearance.covers(other_clearance) for s in known)
    }
    return frozenset(word for probe in probes if probe.clearance in allowed for word in probe.crafted)


def _under(check: str, word: str) -> bool:
    return check == word or check.startswith(word.rstrip("*").rstrip(".") + ".")
