# SPDX-License-Identifier: GPL-2.0-only
"""Serves callers other than standard input: a Unix socket for each, with sockets for echo passed along.

A caller that gave up its privileges asks a keeper, forked before that: it sends one end of a new pair of sockets, and
the keeper forks a program that has it as its input and output. systemd's socket unit does the same by itself; where
there is no systemd, as in a container, this program listens at a socket of the file system. A caller that comes through
a socket is first given ``{"icmp": [4, 6]}`` with sockets attached that send echo requests and nothing else; no raw
socket ever leaves this program.
"""

import json
import os
import signal
import socket
import stat

from probes.rawpkt import capabilities, sockets

KEEPER, LISTENER = "--keeper", "--listen"
_CALLERS = 16
"""Simultaneous programs behind one listening socket, as in auditor/service/units/auditor-rawpkt.socket."""


def keep() -> bool:
    """Fork a program for each caller until our input ends. True in such a program, False at the end in the keeper."""
    capabilities.keep_raw_packets()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no process waits for the children
    with socket.socket(fileno=os.dup(0)) as control:
        while True:
            data, received, _, _ = socket.recv_fds(control, 16, 1)
            if not data:
                return False
            if received and os.fork() == 0:
                control.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _speak_with(received[0])
                return True
            for number in received:
                os.close(number)


def listen(path: str) -> None:
    """Fork a program for each caller of a new socket at ``path``; returns in such a program. Ends with the process.

    Processes that may write to the socket may send: only its owner and group. An old socket at the path is replaced.
    """
    capabilities.keep_raw_packets()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _bind(listener, path)
        listener.listen(_CALLERS)
        programs: set[int] = set()
        while True:
            caller, _ = listener.accept()
            while programs and (ended := os.waitpid(-1, 0 if len(programs) >= _CALLERS else os.WNOHANG)[0]):
                programs.discard(ended)
            program = os.fork()
            if program == 0:
                listener.close()
                _speak_with(caller.detach())
                return
            programs.add(program)
            caller.close()


def _bind(listener: socket.socket, path: str) -> None:
    if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
        os.unlink(path)
    before = os.umask(0o117)
    try:
        listener.bind(path)
    finally:
        os.umask(before)


def _speak_with(caller: int) -> None:
    """Make the caller's end of a socket our input and output."""
    os.dup2(caller, 0)
    os.dup2(caller, 1)
    os.close(caller)


def is_a_socket() -> bool:
    """True if input and output are one caller's socket; asyncio's own pipes are sockets too, but in one direction."""
    return all(stat.S_ISSOCK(os.fstat(number).st_mode) for number in (0, 1))


def hand_over() -> None:
    """Pass the caller sockets for echo of the available families; none if the kernel lets us open none."""
    given: dict[int, socket.socket] = {}
    for version in (4, 6):
        try:
            given[version] = sockets.ping(version)
        except OSError:
            continue
    line = json.dumps({"icmp": list(given)}, separators=(",", ":")).encode() + b"\n"
    with socket.socket(fileno=os.dup(1)) as caller:
        socket.send_fds(caller, [line], [socket.fileno() for socket in given.values()])
    for descriptor in given.values():
        descriptor.close()
