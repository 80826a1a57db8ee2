"""Known attacks on TLS that a service is open to: concluded from what it accepts, or seen when its flaw was touched."""

from dataclasses import dataclass
from datetime import timedelta

from auditor.context import Context
from auditor.facts.tls_support import OBSOLETE, Enumerated
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.tls import TlsWeakness
from probes.wire.tls import groups
from probes.wire.tls.suites import Suite

UNTESTED = ("BREACH", "Opossum", "POODLE-TLS", "ROBOT", "Ticketbleed")
"""Named in every finding: a pass says nothing about these."""
TOUCHED = {"heartbleed": "Heartbleed", "early-ccs": "CCS injection (CVE-2014-0224)"}
_APART = timedelta(minutes=10)
_COMMON_PRIME, _ANY_PRIME = 1024, 768


@dataclass(frozen=True, slots=True)
class Touch:
    """What touching one flaw at one address came to. ``confirmed`` and ``once``: it showed, beyond doubt or not."""

    name: str
    confirmed: bool = False
    once: bool = False
    decided: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def accepted(found: Enumerated) -> tuple[str, ...]:
    """Attacks that what is accepted allows, by their names."""
    everything = found.suites("TLSv1.3", "TLSv1.2", *OBSOLETE)
    primes = [(groups.bits(one), groups.prime_name(one)) for one in (found.support.primes if found.support else ())]
    weak_prime = any(size <= _ANY_PRIME or (size <= _COMMON_PRIME and name) for size, name in primes)
    open_to = {
        "DROWN": bool(found.accepts("SSLv2")),
        "POODLE": any(suite.block_chaining for suite in found.suites("SSLv3")),
        "FREAK": any(suite.export and suite.exchange.startswith("RSA") for suite in everything),
        "LOGJAM": weak_prime or any(suite.export and suite.finite_field for suite in everything),
        "SWEET32": any(suite.small_blocks for suite in everything),
        "CRIME": found.support is not None and found.support.compression is True,
    }
    return tuple(name for name, there in open_to.items() if there)


def informational(found: Enumerated) -> tuple[str, ...]:
    """Attacks that clients or updates keep off, but that the better suites do not know at all."""
    before = any(_chained(suite) for suite in found.suites("TLSv1.0", "SSLv3"))
    any_chained = any(_chained(suite) for suite in found.suites("TLSv1.2", "TLSv1.1", "TLSv1.0"))
    return tuple(name for name, there in (("BEAST", before), ("LUCKY13", any_chained)) if there)


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


def _chained(suite: Suite) -> bool:
    return suite.block_chaining
