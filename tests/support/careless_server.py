"""Serves DNS as some load balancers do: denials without a SOA, and below ``noaa`` without authority too.

No daemon of Debian answers so; written from RFC 2308 §2.2 and RFC 1035 §4.1.1, by leaving out what they ask for.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

WWW = "198.51.100.10"


@contextmanager
def careless(address: str) -> Iterator[None]:
    """Serve at ``address``, in the network namespace of the calling thread."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 53))
        threading.Thread(target=_serve, args=(sock,), daemon=True).start()
        yield


def _serve(sock: socket.socket) -> None:
    while True:
        try:
            wire, peer = sock.recvfrom(4096)
            sock.sendto(_answer(dns.message.from_wire(wire)).to_wire(), peer)
        except dns.exception.DNSException:
            continue
        except OSError:
            return


def _answer(query: dns.message.Message) -> dns.message.Message:
    """Return the answer: ``www`` has an A record; all other names are denied without a SOA."""
    answer = dns.message.make_response(query)
    question = query.question[0]
    if b"noaa" not in question.name.labels:
        answer.flags |= dns.flags.AA
    if question.name.labels[0] == b"www" and question.rdtype == dns.rdatatype.A:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", WWW))
    return answer
