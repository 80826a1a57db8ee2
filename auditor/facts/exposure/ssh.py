"""Reads the observations of an SSH server: algorithms, host key, ways to log in."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.attribution import excuse, unseen
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import NO_CONNECT, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.ssh import NOTHING_IN_COMMON, SshAuthMethods, SshExchange
from probes.wire.exposure.ssh import HostKey, KexOffer, SshError, host_key, offered

_SHUT = frozenset({FailureKind.REFUSED, FailureKind.TIMEOUT, FailureKind.UNREACHABLE, FailureKind.PROHIBITED})
_WITHOUT_PASSWORD = frozenset({"publickey", "hostbased", "gssapi-with-mic", "gssapi-keyex"})
"""Log-in methods with a key or a Kerberos ticket (RFC 4252, RFC 4462 §3, §4)."""
_CUT_OFF = frozenset({FailureKind.RESET, FailureKind.PROTOCOL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Holds the SSH server at one address and port. ``reason``: why it is not known; ``absent``: there is none.

    ``cut_off``: the port took the connection and ended it before SSH began. ``banner`` is its identification line;
    ``offer`` is None for a server with a KEXINIT that never came or cannot be read.
    """

    address: IPAddress
    port: int
    absent: bool = False
    cut_off: bool = False
    reason: Reason | None = None
    banner: str = ""
    offer: KexOffer | None = None
    key: HostKey | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def version(self) -> str:
        """The protocol version of the identification line, empty where it names none."""
        parts = self.banner.split("-", 2)
        return parts[1] if len(parts) > 2 and parts[0] == "SSH" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """Holds the log-in methods; ``known`` False where the question was not allowed or no answer came."""

    names: tuple[str, ...] = ()
    known: bool = False
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def keys_only(self) -> bool:
        return self.known and bool(self.names) and set(self.names) <= _WITHOUT_PASSWORD


def server(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Server:
    """Return the best of all attempts at one port: a whole exchange, then a banner, then the failure."""
    blank = Server(address=address, port=port)
    tries = [
        (envelope, step) for envelope, step in evidence.of(SshExchange) if step.address == address and step.port == port
    ]
    if not tries:
        return Server(address=address, port=port, reason=unseen(ctx, address))
    envelope, step = max(tries, key=lambda attempt: (attempt[1].kexinit is not None, bool(attempt[1].banner)))
    ids = (envelope.id,)
    if step.banner:
        return Server(address=address, port=port, banner=step.banner, offer=_offer(step), key=_key(step), evidence=ids)
    failure = step.failure or Failure(kind=FailureKind.PROTOCOL)
    reason = excuse(ctx, envelope, failure, address, f"tcp/{port}")
    if failure.kind is FailureKind.TIMEOUT and failure.detail != NO_CONNECT and reason in (None, Reason.EGR):
        return Server(address=address, port=port, reason=Reason.AMB, evidence=ids)  # the port took the connection
    if reason is None and failure.kind in _SHUT:
        return Server(address=address, port=port, absent=True, evidence=ids)
    # Connected, and cut off before a byte: a ban of our address looks just like that (CHECKS security.ssh.algorithms).
    cut_off = reason is None and failure.kind in _CUT_OFF
    given = reason or (Reason.RATE if cut_off else Reason.CUT)
    return Server(address=blank.address, port=port, cut_off=cut_off, reason=given, evidence=ids)


def methods(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Methods:
    """Return the server's answer to ``none``."""
    reason: Reason | None = None
    ids: tuple[EvidenceId, ...] = ()
    for envelope, step in evidence.of(SshAuthMethods):
        if step.address != address or step.port != port:
            continue
        if step.accepted:
            return Methods(names=("none",), known=True, evidence=(envelope.id,))
        if step.methods:
            return Methods(names=step.methods, known=True, evidence=(envelope.id,))
        failure = step.failure or Failure(kind=FailureKind.PROTOCOL)
        unheard = Reason.AMB if failure.detail == NOTHING_IN_COMMON else Reason.RATE
        reason = excuse(ctx, envelope, failure, address, f"tcp/{port}") or unheard
        ids = (envelope.id,)
    return Methods(reason=reason, evidence=ids)


def host_keys(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[EvidenceId, int, bytes]]:
    """Yield the host keys that an address showed, each with the port where it did."""
    for envelope, step in evidence.of(SshExchange):
        if step.address == address and step.host_key is not None:
            yield envelope.id, step.port, step.host_key


def _offer(step: SshExchange) -> KexOffer | None:
    try:
        return None if step.kexinit is None else offered(step.kexinit)
    except SshError:
        return None


def _key(step: SshExchange) -> HostKey | None:
    try:
        return None if step.host_key is None else host_key(step.host_key)
    except SshError:
        return None
