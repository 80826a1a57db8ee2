"""Tests that every error is mapped to a kind of failure."""

import asyncio
import errno
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults


@pytest.mark.parametrize(
    ("number", "arrived", "local"),
    [
        (errno.ECONNREFUSED, FailureKind.REFUSED, FailureKind.REFUSED),
        (errno.ECONNRESET, FailureKind.RESET, FailureKind.RESET),
        (errno.EPIPE, FailureKind.RESET, FailureKind.RESET),
        (errno.ETIMEDOUT, FailureKind.TIMEOUT, FailureKind.TIMEOUT),
        (errno.ENETUNREACH, FailureKind.UNREACHABLE, FailureKind.NO_ROUTE_HERE),
        (errno.EHOSTUNREACH, FailureKind.UNREACHABLE, FailureKind.NO_ROUTE_HERE),
        (errno.EACCES, FailureKind.PROHIBITED, FailureKind.FILTERED_HERE),
        (errno.EPERM, FailureKind.FILTERED_HERE, FailureKind.FILTERED_HERE),
        (errno.EADDRNOTAVAIL, FailureKind.NO_ROUTE_HERE, FailureKind.NO_ROUTE_HERE),
        (errno.EAFNOSUPPORT, FailureKind.NO_ROUTE_HERE, FailureKind.NO_ROUTE_HERE),
        (errno.EMSGSIZE, FailureKind.PACKET_TOO_BIG, FailureKind.PACKET_TOO_BIG),
        (errno.EPROTO, FailureKind.PROTOCOL, FailureKind.PROTOCOL),
        (errno.ENOTTY, FailureKind.BUG, FailureKind.BUG),
    ],
)
def test_errno_is_mapped_to_a_failure(number: int, arrived: FailureKind, local: FailureKind) -> None:
    assert faults.from_errno(number) == Failure(kind=arrived, detail=errno.errorcode[number], errno=number)
    assert faults.from_errno(number, local=True).kind is local
    assert faults.from_exception(OSError(number, "text")).kind is arrived
    assert faults.from_exception(OSError(number, "text"), local=True).kind is local


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EAGAIN])
@pytest.mark.parametrize("local", [False, True])
def test_what_this_machine_ran_out_of_is_a_failure_of_ours_for_a_moment(number: int, local: bool) -> None:
    failure = faults.from_exception(OSError(number, "text"), local=local)
    assert failure == faults.from_errno(number, local=local)
    assert (failure.kind, failure.errno, failure.is_momentary) == (FailureKind.CUT_SHORT, number, True)
    assert errno.errorcode[number] in failure.detail


def ssl_error(reason: str, kind: type[ssl.SSLError] = ssl.SSLError) -> ssl.SSLError:
    problem = kind(1, f"[SSL: {reason}]")
    problem.reason = reason
    return problem


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (TimeoutError(), FailureKind.TIMEOUT),
        (ConnectionResetError("Connection lost"), FailureKind.RESET),
        (BrokenPipeError(), FailureKind.RESET),
        (EOFError(), FailureKind.PROTOCOL),
        (asyncio.IncompleteReadError(b"", 2), FailureKind.PROTOCOL),
        (asyncio.CancelledError(), FailureKind.CUT_SHORT),
        (ssl_error("SSLV3_ALERT_HANDSHAKE_FAILURE"), FailureKind.TLS_ALERT),
        (ssl_error("TLSV1_ALERT_PROTOCOL_VERSION"), FailureKind.TLS_ALERT),
        (ssl_error("TLSV13_ALERT_CERTIFICATE_REQUIRED"), FailureKind.TLS_ALERT),
        (ssl_error("TLSV1_UNRECOGNIZED_NAME"), FailureKind.TLS_ALERT),
        (ssl_error("WRONG_VERSION_NUMBER"), FailureKind.PROTOCOL),
        (ssl_error("UNEXPECTED_EOF_WHILE_READING", ssl.SSLEOFError), FailureKind.PROTOCOL),
        (faults.fault(FailureKind.PROHIBITED), FailureKind.PROHIBITED),
        (KeyError("x"), FailureKind.BUG),
        (OSError("no number"), FailureKind.BUG),
    ],
)
def test_exceptions(problem: BaseException, kind: FailureKind) -> None:
    assert faults.from_exception(problem).kind is kind


@given(st.integers(0, 4096), st.booleans())
def test_every_errno_means_something(number: int, local: bool) -> None:
    assert faults.from_errno(number, local=local).errno == number


@given(st.text())
def test_details_are_one_short_printable_line(text: str) -> None:
    detail = faults.bounded(text)
    assert len(detail) <= faults.DETAIL_LIMIT
    assert detail.isprintable()
