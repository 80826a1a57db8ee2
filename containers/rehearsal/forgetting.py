"""Flushes the cached path MTUs of all hosts and the banned sources of one: `forgetting.py SITE SET`.

It runs inside the rehearsal for its whole life, without imports of the project, and flushes for every line of input:
before each of a thousand tests, which would otherwise wait for another start. Few of the namespaces have cached
anything, and a program started in each of the others would take three times as long.
"""

import ctypes
import os
import sys

NAMESPACES = "/run/netns"
_CLONE_NEWNET = 0x4000_0000
_REMEMBERED = 4
"""The field of rt6_stats that counts routes learnt from ICMP messages (fib_rt_cache)."""


FORGOTTEN = "forgotten\n"
"""The line written after each flush."""


def main(site: str, banned: str) -> int:
    """Flush for each line of input; return 0 at its end, 1 after a failure, which is printed."""
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
