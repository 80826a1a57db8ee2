"""What our probes and another program say of the same TLS servers of a rehearsal, place by place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from probes.observations.tls import Answer, TlsSupport
from tests.support.tls_oracles import MAILS, PORTALS, ours

T = TypeVar("T")
_AT_ONCE = 2


def places(lab: Path, labels: Sequence[str]) -> list[TlsSupport]:
    """One place for each name and port, over IPv6 where there is one."""
    chosen: dict[tuple[str | None, int], TlsSupport] = {}
    for one in ours(lab, labels):
        key = (one.server_name, one.port)
        if key not in chosen or one.address.version > chosen[key].address.version:
            chosen[key] = one
    return list(chosen.values())


def accepted(one: TlsSupport) -> dict[str, set[str]]:
    """The versions that we say are accepted, with their suites."""
    return {version.version: set(version.suites) for version in one.versions if version.answer is Answer.ACCEPTED}


def of_versions(one: TlsSupport, who: str, offered: Mapping[str, bool]) -> Iterator[str]:
    """Versions that ``who`` says otherwise of."""
    mine = accepted(one)
    for version, theirs in offered.items():
        if theirs is not (version in mine):
            yield f"{version}: we {version in mine}, {who} {theirs}"


def of_suites(one: TlsSupport, who: str, suites: Mapping[str, set[str]]) -> Iterator[str]:
    """Accepted versions of which ``who`` lists other suites; one that it does not list is not compared."""
    for version, mine in accepted(one).items():
        theirs = suites.get(version)
        if theirs is not None and theirs != mine:
            more, less = sorted(mine - theirs), sorted(theirs - mine)
            yield f"{version} (only we: {' '.join(more) or '-'}; only {who}: {' '.join(less) or '-'})"


def of_facts(mine: Mapping[str, bool | None], who: str, theirs: Mapping[str, bool]) -> Iterator[str]:
    """Facts that both say something of, and not the same."""
    for name, ours_said in mine.items():
        if ours_said is not None and name in theirs and ours_said is not theirs[name]:
            yield f"{name}: we {ours_said}, {who} {theirs[name]}"


def compare(
    lab: Path, labels: Sequence[str], told: Callable[[TlsSupport], T], differs: Callable[[TlsSupport, T], str]
) -> int:
    """Print a line for each place; the exit status is 0 where all agree."""
    found = places(lab, labels or (*PORTALS, *MAILS))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        said = list(pool.map(told, found))
    same = 0
    for one, theirs in zip(found, said, strict=True):
        wrong = differs(one, theirs)
        same += not wrong
        listed = " ".join(f"{version}:{len(suites)}" for version, suites in accepted(one).items())
        print(f"{one.server_name!s:38} {one.address!s:20} {one.port:5} {listed:50} {wrong or 'the same'}", flush=True)
    print(f"{same} of {len(found)} places: the two say the same")
    return 0 if same == len(found) else 1
