"""What a server exchanges keys over, sorted by what is to be thought of it."""

from dataclasses import dataclass

from probes.observations.tls import TlsSupport
from probes.wire.tls import groups

_GOOD = ("x25519", "x448", "secp256r1", "secp384r1", "secp521r1", "brainpool")
_POST_QUANTUM = ("MLKEM", "Kyber")
"""Parts of the names of groups that hold against quantum computers, alone or together with a curve (RFC 10024)."""
_WEAK = ("secp160", "secp192", "secp224", "sect163", "sect193")


@dataclass(frozen=True, slots=True)
class Exchanges:
    """What was seen, sorted. ``primes`` are pairs of size and well-known name."""

    primes: tuple[tuple[int, str], ...]
    weak_curves: tuple[str, ...]
    other_curves: tuple[str, ...]
    post_quantum: bool
    named: tuple[str, ...]


def exchanges(support: TlsSupport) -> Exchanges:
    curves = tuple(dict.fromkeys((*support.groups, *support.curves)))
    elliptic = tuple(one for one in curves if not one.startswith("ffdhe"))
    weak = tuple(one for one in elliptic if one.startswith(_WEAK))
    other = tuple(one for one in elliptic if one not in weak and not (one.startswith(_GOOD) or _post_quantum(one)))
    primes = tuple(sorted((groups.bits(prime), groups.prime_name(prime)) for prime in support.primes))
    return Exchanges(primes, weak, other, any(map(_post_quantum, curves)), elliptic)


def _post_quantum(group: str) -> bool:
    return any(part in group for part in _POST_QUANTUM)
