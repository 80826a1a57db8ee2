"""Connects a process without privileges to the crafted-packet program.

Either this process had one when it started: it left a keeper behind and gave it up. Or systemd holds a socket at which
each caller is given a program (auditor/service/units). Both pass sockets for echo as well; no raw ones.
"""

import json
import os
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from probes.net.core import children
from probes.net.raw import capabilities, service_user

SOCKET = Path("/run/auditor/rawpkt.sock")
VARIABLE = "AUDITOR_RAWPKT_SOCKET"
PROGRAM = "probes.rawpkt"
_PATIENCE = 10.0
_LINE, _MOST = 200, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Holds a program behind ``program``, and sockets for echo by family. The holder closes both."""

    program: socket.socket
    icmp: dict[int, socket.socket]


class Access(Protocol):
    def enter(self) -> Entry | None:
        """Connect to a new program for this caller, which blocks for moments; return None if that fails."""
        ...


class Keeper:
    """Holds a process that was started while this one had the privilege.

    It ends with the last process that has its end of ``control``: the one that started it, and programs of its own that
    got the socket.
    """

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes] | None = None) -> None:
        self._control, self._process = control, process

    @property
    def number(self) -> int:
        """The descriptor to pass to a child program of our own."""
        return self._control.fileno()

    def enter(self) -> Entry | None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"in"], [theirs.fileno()])
        except OSError:
            ours.close()
            return None
        return _entered(ours)


@dataclass(frozen=True, slots=True)
class ListeningSocket:
    """Holds the path of the socket that systemd listens at."""

    path: Path

    def enter(self) -> Entry | None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(_PATIENCE)
            sock.connect(str(self.path))
        except OSError:
            sock.close()
            return None
        return _entered(sock)


def place() -> Path:
    """Return the path of systemd's socket, which need not exist."""
    return Path(os.environ.get(VARIABLE) or SOCKET)


_left: list[Keeper] = []


def leave_privileges() -> None:
    """Give up every privilege of this process; call it at the very start, before reading any input.

    A process that may send raw packets leaves a keeper behind that still may; root becomes the service's user, if there
    is one. If neither applies, this changes nothing. Raises NoSuchUser.
    """
    user = service_user.chosen()
    if capabilities.has(capabilities.NET_RAW):
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                children.command(PROGRAM, "--keeper"),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                cwd=children.ROOT,
                env=children.environment(),
            )
        _left.append(Keeper(ours, process))
    elif user is None:
        return
    capabilities.give_up(None if user is None else partial(service_user.become, user))


def lent() -> tuple[int, ...]:
    """Return the descriptors that a program of our own needs for ``borrow``; none where there is no keeper to lend."""
    return tuple(sock.number for sock in _left[:1])


def borrow(number: int) -> None:
    """Use the keeper of the process that started this one."""
    _left.append(Keeper(socket.socket(fileno=number)))


def current() -> Access | None:
    """Return the access to the program; None if this process needs no help, or has none."""
    if _left:
        return _left[0]
    path = place()
    return ListeningSocket(path) if path.is_socket() else None


def _entered(sock: socket.socket) -> Entry | None:
    try:
        sock.settimeout(_PATIENCE)
        data, numbers, _, _ = socket.recv_fds(sock, _LINE, _MOST)
    except OSError:
        sock.close()
        return None
    handed = [socket.socket(fileno=number) for number in numbers]
    versions = _versions(data)
    if len(versions) != len(handed):
        for opened in (sock, *handed):
            opened.close()
        return None
    sock.setblocking(False)
    for lent_socket in handed:
        lent_socket.setblocking(False)
    return Entry(program=sock, icmp=dict(zip(versions, handed, strict=True)))


def _versions(data: bytes) -> list[int]:
    with suppress(ValueError, KeyError, TypeError):
        named = json.loads(data)["icmp"]
        if isinstance(named, list) and all(type(version) is int and version in (4, 6) for version in named):
            return named
    return [0] * (_MOST + 1)
