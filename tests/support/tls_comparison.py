"""Compares our probes' records with another program's for the same TLS servers of a rehearsal, place by place."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from auditor.service.store.evidence.evidence_files import read
from probes.framework.evidence import Observation
from probes.observations.tls import Answer, TlsSupport
from probes.observations.web import TlsHandshake
from tests.support.tls_oracles import MAILS, PORTALS, steps
from tests.support.tls_setups import Setup, setup

T = TypeVar("T")
EVIDENCE = "--evidence"
SAME = "the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Holds our record of one address, port and name: its accepted settings and the chain that it sends."""

    support: TlsSupport
    chain: tuple[bytes, ...]


def places(recorded: Iterable[Observation]) -> list[Place]:
    """Return every place with measured TLS; the last measurement counts."""
    supports: dict[tuple[object, ...], TlsSupport] = {}
    chains: dict[tuple[object, ...], tuple[bytes, ...]] = {}
    for step in recorded:
        if isinstance(step, TlsSupport):
            supports[step.address, step.port, step.server_name] = step
        elif isinstance(step, TlsHandshake) and step.chain:
            chains[step.address, step.port, step.server_name] = step.chain
    return [Place(support=support, chain=chains.get(key, ())) for key, support in supports.items()]


def one_for_each_name(found: Iterable[Place]) -> list[Place]:
    """Return one place for each name and port, over IPv6 if there is one."""
    chosen: dict[tuple[str | None, int], Place] = {}
    for place in found:
        key = (place.support.server_name, place.support.port)
        if key not in chosen or place.support.address.version > chosen[key].support.address.version:
            chosen[key] = place
    return list(chosen.values())


def accepted(support: TlsSupport) -> dict[str, set[str]]:
    """Return the versions that we record as accepted, with their suites."""
    return {version.version: set(version.suites) for version in support.versions if version.answer is Answer.ACCEPTED}


def of_versions(support: TlsSupport, who: str, offered: Mapping[str, bool]) -> Iterator[str]:
    """Yield the versions for which ``who`` reports a different result."""
    mine = accepted(support)
    for version, theirs in offered.items():
        if theirs is not (version in mine):
            yield f"{version}: we {version in mine}, {who} {theirs}"


def of_suites(support: TlsSupport, who: str, suites: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the accepted versions with suites other than ``who`` lists; versions that it does not list are skipped."""
    for version, mine in accepted(support).items():
        theirs = suites.get(version)
        if theirs is not None and theirs != mine:
            more, less = sorted(mine - theirs), sorted(theirs - mine)
            yield f"{version} (only we: {' '.join(more) or '-'}; only {who}: {' '.join(less) or '-'})"


def of_groups(mine: Collection[str], who: str, theirs: Collection[str]) -> Iterator[str]:
    """Yield a difference of groups of TLS 1.3, except finite fields: profile quick does not ask for those."""
    if _judged(mine) != _judged(theirs):
        yield f"groups: we {' '.join(mine)}, {who} {' '.join(sorted(theirs))}"


def _judged(groups: Collection[str]) -> set[str]:
    return {group for group in groups if not group.startswith("ffdhe")}


def of_facts(mine: Mapping[str, bool | None], who: str, theirs: Mapping[str, bool]) -> Iterator[str]:
    """Yield facts that both report, with different values."""
    for name, ours_said in mine.items():
        if ours_said is not None and name in theirs and ours_said is not theirs[name]:
            yield f"{name}: we {ours_said}, {who} {theirs[name]}"


def compare(
    words: Sequence[str],
    told: Callable[[TlsSupport], T],
    differs: Callable[[Place, T], str],
    *,
    shown: Callable[[TlsSupport, T], T] = lambda _, told: told,
    at_once: int = 8,
) -> int:
    """Print a line for each place; the exit status is 0 where all agree.

    ``words`` are labels of the province, of which one place for each name is looked at; or EVIDENCE and the folder of
    an audit that has just been made here, of which every place is. Of places that are set up alike the first is asked
    for what it accepts; ``shown`` is that with what another place shows in one handshake.
    """
    if words[:1] == [EVIDENCE]:
        kept = read(Path(words[1]))
        found = places(step for evidence in kept.store.all_evidence(kept.run) for step in evidence.steps)
    else:
        found = one_for_each_name(places(steps(Path(os.environ["AUDITOR_REHEARSAL"]), words or (*PORTALS, *MAILS))))
    first = {setup(place.support): place.support for place in reversed(found)}
    with ThreadPoolExecutor(at_once) as pool:
        accepting = dict(zip(first, pool.map(told, first.values()), strict=True))
        said = list(pool.map(lambda place: _said(place.support, first, accepting, shown), found))
    same = 0
    for place, theirs in zip(found, said, strict=True):
        support, wrong = place.support, differs(place, theirs)
        same += not wrong
        listed = " ".join(f"{version}:{len(suites)}" for version, suites in accepted(support).items())
        print(
            f"{support.server_name!s:38} {support.address!s:20} {support.port:5} {listed:50} {wrong or SAME}",
            flush=True,
        )
    print(f"{same} of {len(found)} places: the two say the same")
    return 0 if found and same == len(found) else 1


def _said(
    support: TlsSupport,
    first: Mapping[Setup, TlsSupport],
    accepting: Mapping[Setup, T],
    shown: Callable[[TlsSupport, T], T],
) -> T:
    """Return the other program's report of a place."""
    alike = setup(support)
    return accepting[alike] if first[alike] is support else shown(support, accepting[alike])
