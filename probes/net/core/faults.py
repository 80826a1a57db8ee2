"""Maps Python's exceptions to the failure of a step. No other module maps errors.

The same errno means two things. Raised by the call that should have sent the packet, it comes from our kernel:
ENETUNREACH is "this machine has no route". Arriving later, it is an ICMP error that a node on the path sent:
ENETUNREACH is "no route there". Engines state the first by ``local=True``. ICMP codes become errnos by Linux's tables
(icmp_err_convert, icmpv6_err_convert).
"""

import asyncio
import errno
import ssl
import traceback
from functools import cache

from inventory.model import IPAddress
from probes.framework.evidence import CLOSED_EARLY, OF_THIS_MACHINE, Failure, FailureKind
from probes.net.core.metered import OverBudgetError
from probes.net.core.sockets import local_errno

DETAIL_LIMIT = 200

_ARRIVED = {
    errno.ECONNREFUSED: FailureKind.REFUSED,
    errno.ECONNRESET: FailureKind.RESET,
    errno.ECONNABORTED: FailureKind.RESET,
    errno.EPIPE: FailureKind.RESET,
    errno.ESHUTDOWN: FailureKind.RESET,
    errno.ENOTCONN: FailureKind.RESET,
    errno.ETIMEDOUT: FailureKind.TIMEOUT,
    errno.ENETUNREACH: FailureKind.UNREACHABLE,
    errno.EHOSTUNREACH: FailureKind.UNREACHABLE,
    errno.EHOSTDOWN: FailureKind.UNREACHABLE,
    errno.ENONET: FailureKind.UNREACHABLE,
    errno.ENOPROTOOPT: FailureKind.UNREACHABLE,  # ICMPv4 protocol unreachable
    errno.EOPNOTSUPP: FailureKind.UNREACHABLE,  # ICMPv4 source route failed
    errno.EACCES: FailureKind.PROHIBITED,  # ICMPv6 administratively prohibited, policy, reject route
    errno.EPROTO: FailureKind.PROTOCOL,  # ICMP parameter problem
    errno.EMSGSIZE: FailureKind.PACKET_TOO_BIG,
}

_LOCAL = {
    errno.ENETUNREACH: FailureKind.NO_ROUTE_HERE,
    errno.EHOSTUNREACH: FailureKind.NO_ROUTE_HERE,  # a route of type unreachable
    errno.ENETDOWN: FailureKind.NO_ROUTE_HERE,
    errno.ENODEV: FailureKind.NO_ROUTE_HERE,
    errno.EINVAL: FailureKind.NO_ROUTE_HERE,  # a blackhole route; a link-local address without its interface
    errno.EADDRNOTAVAIL: FailureKind.NO_ROUTE_HERE,  # no address of this family to send from
    errno.EAFNOSUPPORT: FailureKind.NO_ROUTE_HERE,
    errno.EPROTONOSUPPORT: FailureKind.NO_ROUTE_HERE,
    errno.EACCES: FailureKind.FILTERED_HERE,  # a route of type prohibit
    errno.EPERM: FailureKind.FILTERED_HERE,  # dropped by our own packet filter
}

# Neither a network fault nor a mistake in the code: this machine ran out of a resource.
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN})

# OpenSSL names a received alert by prefix, except for the five of RFC 6066 (reasons 1110 to 1114 of its sslerr.h).
_ALERT_PREFIXES = ("SSLV3_ALERT_", "TLSV1_ALERT_", "TLSV13_ALERT_")
_ALERTS = frozenset(
    {
        "TLSV1_UNSUPPORTED_EXTENSION",
        "TLSV1_CERTIFICATE_UNOBTAINABLE",
        "TLSV1_UNRECOGNIZED_NAME",
        "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE",
        "TLSV1_BAD_CERTIFICATE_HASH_VALUE",
    }
)
CUT_SHORT = Failure(kind=FailureKind.CUT_SHORT, detail="cancelled")


class Fault(Exception):
    """Signals that a step failed with a known failure; engines raise it to the caller that records the step."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind.value)
        self.failure = failure


def fault(kind: FailureKind, detail: str = "", number: int | None = None) -> Fault:
    return Fault(Failure(kind=kind, detail=bounded(detail), errno=number))


def bounded(text: str) -> str:
    """Return ``text`` as one short printable line, because peers' texts end up in reports and terminals."""
    if len(text) <= DETAIL_LIMIT and text.isprintable():
        return " ".join(text.split())
    clean = "".join([char if char.isprintable() else " " for char in text[: DETAIL_LIMIT * 4]])
    return " ".join(clean.split())[:DETAIL_LIMIT]


@cache
def from_errno(number: int, *, local: bool = False) -> Failure:
    """Return the failure for a bare errno, as SO_ERROR and connect_ex give it."""
    if number in _EXHAUSTED:
        return exhausted(number)
    kind = _LOCAL.get(number) if local else None
    if kind is None:
        kind = _ARRIVED.get(number)
    if kind is None:  # an errno that cannot arrive from outside was raised here
        kind = _LOCAL.get(number, FailureKind.BUG)
    return Failure(kind=kind, detail=errno.errorcode.get(number, str(number)), errno=number)


def exhausted(number: int) -> Failure:
    """Return the failure for an exhausted resource of this machine, which may be available again a moment later."""
    name = errno.errorcode.get(number, str(number))
    return Failure(kind=FailureKind.CUT_SHORT, detail=f"{OF_THIS_MACHINE} ran out of room ({name})", errno=number)


def attribute_unreachable(failure: Failure | None, address: IPAddress) -> Failure | None:
    """Return the failure as a local one if this machine has no route to ``address``, otherwise unchanged.

    An exception does not always show whether our kernel or the network reported the error.
    """
    if failure is None or failure.errno is None or failure.kind is not FailureKind.UNREACHABLE:
        return failure
    number = local_errno(address)
    return failure if number == 0 else from_errno(number, local=True)


def bug_location(problem: BaseException) -> str:
    """Return one line with the error and the innermost calls that led to it."""
    frames = traceback.extract_tb(problem.__traceback__)[-3:]
    calls = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return bounded(f"{type(problem).__name__}: {problem} at {calls}")


def from_exception(problem: BaseException, *, local: bool = False) -> Failure:
    """Return the failure for an exception; BUG for exceptions that are no network faults."""
    match problem:
        case Fault() | OverBudgetError():
            return problem.failure
        case ssl.SSLError():
            return _from_ssl(problem)
        case OSError(errno=int() as number) if number in _ARRIVED or number in _LOCAL or number in _EXHAUSTED:
            return from_errno(number, local=local)
        case TimeoutError():
            return Failure(kind=FailureKind.TIMEOUT, detail="no answer in time")
        case ConnectionError():
            return Failure(kind=FailureKind.RESET, detail=bounded(str(problem)))
        case EOFError():  # asyncio.IncompleteReadError among them
            return Failure(kind=FailureKind.PROTOCOL, detail=CLOSED_EARLY)
        case asyncio.CancelledError():
            return CUT_SHORT
        case OSError():
            return from_errno(problem.errno or 0)
        case _:
            return Failure(kind=FailureKind.BUG, detail=bounded(f"{type(problem).__name__}: {problem}"))


def _from_ssl(problem: ssl.SSLError) -> Failure:
    reason = problem.reason or type(problem).__name__
    if reason.startswith(_ALERT_PREFIXES) or reason in _ALERTS:
        return Failure(kind=FailureKind.TLS_ALERT, detail=bounded(reason), errno=problem.errno)
    if isinstance(problem, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Failure(kind=FailureKind.PROTOCOL, detail="closed during TLS", errno=problem.errno)
    return Failure(kind=FailureKind.PROTOCOL, detail=bounded(reason), errno=problem.errno)
