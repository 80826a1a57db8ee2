"""How long whoever guesses passwords has to wait, and by what guesses are counted."""

from collections.abc import Iterator
from datetime import timedelta

from auditor.accounts.refusals import network

FREE_ATTEMPTS = 5
"""Wrong passwords for one name or from one network before the next try has to wait."""
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED = 4 * LONGEST_WAIT
"""Since the last failure."""


def counted(name: str, address: str) -> Iterator[str]:
    """What failures are counted by: the name, and the network of one customer; whoever has a /64 has all of it. Where
    the address is not known, by the name alone."""
    yield f"name {name[:100]}"
    if address:
        yield f"from {network(address)}"


def wait(failures: int) -> timedelta:
    """Doubling from one second, after some tries without."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - FREE_ATTEMPTS, 20)), LONGEST_WAIT)
