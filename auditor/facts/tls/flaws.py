"""Known attacks on TLS implementations that a service may be open to: ruled out by what it accepts, or touched.

Attacks that follow from a version, a suite or a prime alone (POODLE, DROWN, SWEET32, FREAK, LOGJAM, CRIME) are named by
the checks of those: what is accepted is one defect, and one finding.
"""

from dataclasses import dataclass
from datetime import timedelta

from auditor.facts.tls.support import CURRENT, OBSOLETE, Enumerated
from auditor.framework.context import Context
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.tls import TlsWeakness

HEARTBLEED, EARLY_CCS = "Heartbleed", "CCS injection (CVE-2014-0224)"
TOUCHED = {"heartbleed": HEARTBLEED, "early-ccs": EARLY_CCS}
_APART = timedelta(minutes=10)
_BEFORE_TLS13 = ("TLSv1.2", *OBSOLETE)


@dataclass(frozen=True, slots=True)
class Touch:
    """What touching one flaw at one address came to. ``confirmed`` and ``once``: it showed, beyond doubt or not."""

    name: str
    confirmed: bool = False
    once: bool = False
    decided: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def possible(found: Enumerated) -> tuple[str, ...]:
    """Attacks that what the service accepts does not rule out, by their names.

    Whoever speaks TLS 1.3 has software that is years younger than the flaws of OpenSSL and of F5 (CVE-2014-0224,
    CVE-2016-9244); no heartbeat, no exchange by the server's RSA key, no CBC suite and no ticket rule out the rest.
    """
    support = found.support
    if support is None or not found.accepts(*_BEFORE_TLS13):
        return ()
    modern = bool(found.accepts("TLSv1.3"))
    accepted = found.suites(*CURRENT, *OBSOLETE)
    open_to = {
        HEARTBLEED: support.heartbeat is not False,
        EARLY_CCS: not modern,
        "Ticketbleed": support.session_tickets is not False and not modern,
        "ROBOT": any(suite.exchange in ("RSA", "RSA_EXPORT", "RSA_PSK") for suite in accepted),
        "POODLE-TLS, GOLDENDOODLE": any(suite.block_chaining for suite in accepted),
    }
    return tuple(name for name, there in open_to.items() if there)


def touched(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> tuple[Touch, ...]:
    """Each flaw that was touched. One that showed is confirmed by every try, and again ten minutes later (trap L1)
    where the profile comes back at all."""
    return tuple(_touch(evidence, ctx, weakness, address, port) for weakness in TOUCHED)


def _touch(evidence: EvidenceSet, ctx: Context, weakness: str, address: IPAddress, port: int) -> Touch:
    seen = [
        (envelope, step)
        for envelope, step in evidence.of(TlsWeakness)
        if (step.address, step.port, step.weakness) == (address, port, weakness) and step.failure is None
    ]
    sure = sorted(e.started for e, step in seen if len(step.tries) > 1 and all(one is True for one in step.tries))
    apart = bool(sure) and (ctx.one_round or sure[-1] - sure[0] >= _APART)
    return Touch(
        name=TOUCHED[weakness],
        confirmed=apart,
        once=any(True in step.tries for _, step in seen),
        decided=any(step.tries and all(one is False for one in step.tries) for _, step in seen),
        evidence=tuple(envelope.id for envelope, _ in seen),
    )
