"""Computes how long a login has to wait after wrong passwords.

A guess counts for the name in one network, for the network, and for the name from anywhere. So guessing from ever new
networks is slowed down too. The owner is not slowed down with it: a browser in which the owner logged in before is
recognised by a signed cookie, and only its own failures count for it.
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
"""Time without a failure after which one earlier failure no longer counts."""
REMEMBERED = timedelta(days=1)
"""Time since the last failure for which failures are stored."""
TRUSTED_FAILURES = 10
"""Failures after which a known browser is no longer trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffRule:
    """Sets the ``free`` failures before the next try waits, and the longest wait.

    ``own``: a success forgets the failures, because they were made by the same person.
    """

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
"""The rules by the first word of a failure's key."""


def rule(what: str) -> BackoffRule:
    return RULES[what.partition(" ")[0]]


def failure_keys(name: str, address: str, browser: str = "") -> Iterator[str]:
    """Return the keys under which a failure is counted.

    ``browser``: the key of a browser known for this name, counted only by itself. Without an address only the name
    counts.
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
    """Return how many failures still count; none if the last one is in the future, counted by a wrong clock."""
    if last > now:
        return 0
    return max(failures - (now - last) // FORGIVEN, 0)


def wait(what: str, failures: int) -> timedelta:
    """Return the waiting time: doubling from one second after the free tries, up to the rule's longest."""
    of = rule(what)
    if failures < of.free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - of.free, 20)), of.longest)
