"""Computes how long a login has to wait after wrong passwords.

A guess counts for the name in one network, for the network, and for the name from anywhere. So guessing from ever new
networks is slowed down too. The owner is not slowed down with it: a browser in which the owner logged in before is
known by a signed cookie, and only its own failures count for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from auditor.service.accounts.refusal_log import network

FREE_ATTEMPTS = 5
"""Wrong passwords for one name from one network before the next try has to wait."""
LONGEST_WAIT = timedelta(minutes=15)
FORGIVEN = timedelta(hours=1)
"""After so long without a failure one of those before is forgiven."""
REMEMBERED = timedelta(days=1)
"""Since the last failure."""
TRUSTED_FAILURES = 10
"""A known browser with so many failures is known no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffRule:
    """``free`` failures before the next try waits; ``own``: a success forgets them, since they are of who succeeded."""

    free: int
    longest: timedelta
    own: bool = False


RULES = {
    "pair": BackoffRule(free=FREE_ATTEMPTS, longest=LONGEST_WAIT, own=True),
    "browser": BackoffRule(free=FREE_ATTEMPTS, longest=LONGEST_WAIT, own=True),
    "proof": BackoffRule(free=FREE_ATTEMPTS, longest=LONGEST_WAIT, own=True),
    "from": BackoffRule(free=20, longest=LONGEST_WAIT),
    "around": BackoffRule(free=100, longest=LONGEST_WAIT),
    "name": BackoffRule(free=20, longest=timedelta(minutes=5)),
}
"""By the first word of what is counted."""


def rule(what: str) -> BackoffRule:
    return RULES[what.partition(" ")[0]]


def failure_keys(name: str, address: str, browser: str = "") -> Iterator[str]:
    """Return the keys by which a failure is counted. ``browser``: known for this name, then only by itself.

    Without an address it is counted by the name only.
    """
    name = name[:100]
    if browser:
        yield f"browser {browser}"
        return
    if address:
        yield f"pair {network(address)} {name}"
        yield f"from {network(address)}"
        if wider := site_network(address):
            yield f"around {wider}"
    yield f"name {name}"


def site_network(address: str) -> str:
    """Return the /48 of one site (RFC 6177) for IPv6; empty for IPv4."""
    known = ip_address(address)
    return str(ip_network((known, 48), strict=False)) if known.version == 6 else ""


def remaining_failures(failures: int, last: datetime, now: datetime) -> int:
    """Return how many failures still count. A failure in the future was counted by a wrong clock and does not."""
    if last > now:
        return 0
    return max(failures - (now - last) // FORGIVEN, 0)


def wait(what: str, failures: int) -> timedelta:
    """Return the waiting time: doubling from one second, after some free tries."""
    of = rule(what)
    if failures < of.free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - of.free, 20)), of.longest)
