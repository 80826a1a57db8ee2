# SPDX-License-Identifier: GPL-2.0-only
"""Doors to this program other than its standard input: a Unix socket for each caller, with the ICMP sockets along.

A caller that gave up its privileges asks a doorkeeper, forked before that: it sends one end of a new pair of sockets,
and the doorkeeper forks a program that has it as its input and output. systemd's socket unit does the same by itself.
Whoever comes in through a socket is first given ``{"icmp": [4, 6]}`` with the raw ICMP sockets that it names attached.
"""

import json
import os
import signal
import socket
import stat

from probes.rawpkt import capabilities, sockets

KEEPER = "--door"


def keep() -> bool:
    """Fork a program for each caller until our input ends. True in such a program, False at the end in the keeper."""
    capabilities.keep_raw_packets()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the caller; we end with our input
    with socket.socket(fileno=os.dup(0)) as control:
        while True:
            data, received, _, _ = socket.recv_fds(control, 16, 1)
            if not data:
                return False
            if received and os.fork() == 0:
                control.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.dup2(received[0], 0)
                os.dup2(received[0], 1)
                os.close(received[0])
                return True
            for number in received:
                os.close(number)


def is_a_socket() -> bool:
    """Whether input and output are one caller's socket; asyncio's own pipes are sockets too, but in one direction."""
    return all(stat.S_ISSOCK(os.fstat(number).st_mode) for number in (0, 1))


def hand_over() -> None:
    """Give the caller raw ICMP sockets of the families that there are."""
    given: dict[int, socket.socket] = {}
    for version in (4, 6):
        try:
            given[version] = sockets.icmp(version)
        except OSError:
            continue
    line = json.dumps({"icmp": list(given)}, separators=(",", ":")).encode() + b"\n"
    with socket.socket(fileno=os.dup(1)) as caller:
        socket.send_fds(caller, [line], [one.fileno() for one in given.values()])
    for one in given.values():
        one.close()
