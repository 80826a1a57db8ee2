"""Tests that lost queries prove no filter if the server loses ordinary queries as well."""

from ipaddress import ip_address

import pytest

from auditor.facts.dns.losses import answers_nothing, may_be_chance
from probes.framework.evidence import Evidence, EvidenceSet
from tests.golden.lab import TIMEOUT, ZONE, asked

SERVER, OTHER = "2001:db8:a::53", "2001:db8:b::53"


def soa(attempt: int, *, lost: bool = False, server: str = SERVER, transport: str = "udp") -> Evidence:
    failure = TIMEOUT if lost else None
    return asked("nameserver", server, (ZONE, "SOA"), failure=failure, attempt=attempt, transport=transport)


def large(attempt: int) -> Evidence:
    return asked("large_response", SERVER, (ZONE, "DNSKEY"), dnssec_ok=True, failure=TIMEOUT, attempt=attempt)


@pytest.mark.parametrize(("lost", "answered", "chance"), [(0, 20, False), (1, 20, False), (4, 6, True), (4, 0, False)])
def test_may_be_chance_where_ordinary_questions_are_lost_too(lost: int, answered: int, chance: bool) -> None:
    pieces = [soa(n, lost=n < lost) for n in range(lost + answered)]
    assert may_be_chance(EvidenceSet(pieces), ip_address(SERVER), 4) is chance


def test_may_be_chance_counts_neither_other_servers_nor_tcp_nor_large_answers() -> None:
    pieces = [soa(1), soa(2, lost=True, server=OTHER), soa(3, lost=True, transport="tcp"), large(1), large(2)]
    assert not may_be_chance(EvidenceSet(pieces), ip_address(SERVER), 2)


def test_may_be_chance_counts_questions_of_any_kind_that_were_answered_when_asked_again() -> None:
    others = [
        asked("zone_data", SERVER, (ZONE, rtype), failure=lost) for rtype in ("MX", "AAAA") for lost in (TIMEOUT, None)
    ]
    pieces = [*others, soa(1), *(large(n) for n in (1, 2))]
    assert may_be_chance(EvidenceSet(pieces), ip_address(SERVER), 2)
    assert not may_be_chance(
        EvidenceSet([piece for n, piece in enumerate(pieces) if n not in (1, 3)]), ip_address(SERVER), 2
    )


@pytest.mark.parametrize(
    ("pieces", "nothing"),
    [((soa(1, lost=True),), True), ((soa(1, lost=True), soa(2)), False), ((), False), ((large(1),), False)],
)
def test_answers_nothing_is_told_from_ordinary_questions_alone(pieces: tuple[Evidence, ...], nothing: bool) -> None:
    assert answers_nothing(EvidenceSet(pieces), ip_address(SERVER)) is nothing
