"""Lets hosts forget what they were told of paths, and whom one of them banned: `forgetting.py SITE SET`.

Runs inside as long as the rehearsal, by its path and with nothing of ours, and does so for every line that it reads:
before each of a thousand tests, of which each would wait for another start. Of all namespaces few were told anything,
and a program started in each of the others would take three times as long.
"""

import ctypes
import os
import sys

NAMESPACES = "/run/netns"
_CLONE_NEWNET = 0x4000_0000
_REMEMBERED = 4
"""The field of rt6_stats that counts routes made by what the host was told (fib_rt_cache)."""


FORGOTTEN = "forgotten\n"
"""What is said when it is done."""


def main(site: str, banned: str) -> int:
    """Return 0 where nothing comes any more, 1 where something could not be forgotten, which is said."""
    for _ in sys.stdin:
        if not _forget(site, banned):
            return 1
        sys.stdout.write(FORGOTTEN)
        sys.stdout.flush()
    return 0


def _forget(site: str, banned: str) -> bool:
    enter = ctypes.CDLL(None, use_errno=True).setns
    for name in os.listdir(NAMESPACES):
        place = os.open(f"{NAMESPACES}/{name}", os.O_RDONLY)
        if enter(place, _CLONE_NEWNET):
            print(f"{name}: {os.strerror(ctypes.get_errno())}", file=sys.stderr)
            return False
        os.close(place)
        if _remembers() and not _done("ip", "-6", "route", "flush", "cache"):
            return False
        if name == site and not _done("nft", "flush", "set", "ip", banned, banned):
            return False
    return True


def _remembers() -> bool:
    with open("/proc/thread-self/net/rt6_stats", encoding="ascii") as counts:
        return int(counts.read().split()[_REMEMBERED], 16) > 0


def _done(*words: str) -> bool:
    return os.spawnvp(os.P_WAIT, words[0], words) == 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
