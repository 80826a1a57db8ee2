"""What the last 64 bits of an IPv6 address tell (RFC 7707 §4.1): where they come from, and so how easily guessed."""

from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address, IPv6Address


class Pattern(Enum):
    EUI64 = "eui64"  # the MAC address of the interface, with ff:fe in its middle (RFC 4291 appendix A)
    LOW = "low"  # ::1, ::53, ::1:25
    PORT = "port"  # ::443 of a web server
    IPV4 = "ipv4"  # the host's IPv4 address, in bytes or as decimal digits
    OPAQUE = "opaque"


_ONE_WORD, _TWO_WORDS = 1 << 16, 1 << 32


def pattern(address: IPv6Address, fours: Iterable[IPv4Address] = (), ports: Iterable[int] = ()) -> Pattern:
    """``fours`` are the host's IPv4 addresses, ``ports`` those that it serves."""
    number = int(address) & (1 << 64) - 1
    if number >> 24 & 0xFFFF == 0xFFFE:
        return Pattern.EUI64
    if any(number in (int(four), _as_digits(four)) for four in fours):
        return Pattern.IPV4
    if number < _ONE_WORD and f"{number:x}" in {str(port) for port in ports}:
        return Pattern.PORT
    if number < _TWO_WORDS:
        return Pattern.LOW
    return Pattern.OPAQUE


def _as_digits(four: IPv4Address) -> int:
    """192.0.2.1 as ::192:0:2:1."""
    return sum(int(str(octet), 16) << 16 * (3 - place) for place, octet in enumerate(four.packed))
