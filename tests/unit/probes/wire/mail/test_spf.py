"""Tests SPF with made-up zones: results, the limits of RFC 7208 §4.6.4, and invalid records."""

import pytest

from probes.wire.mail.spf.asker import unknown_senders
from probes.wire.mail.spf.record import records_of
from probes.wire.mail.spf.walk import Spf, SpfProblem, evaluate

HOSTS = {(f"h{number}.vn", "A"): ("192.0.2.1",) for number in range(12)}


def walked(zone: dict[tuple[str, str], tuple[str, ...]]) -> Spf:
    walk = evaluate("a.vn", unknown_senders("a.vn")[0])
    try:
        question = next(walk)
        while True:
            question = walk.send((zone | HOSTS).get(question, ()))
    except StopIteration as end:
        found: Spf = end.value
        return found


def own(*records: str, **others: str) -> Spf:
    zone = {("a.vn", "TXT"): tuple(f'"{text}"' for text in records)}
    return walked(zone | {(f"{name}.vn", "TXT"): (f'"{text}"',) for name, text in others.items()})


def hosts(count: int) -> str:
    return " ".join(f"a:h{number}.vn" for number in range(count))


@pytest.mark.parametrize(
    ("found", "result", "lookups"),
    [
        (own("v=spf1 -all"), "-", 0),
        (own("V=SPF1 ip4:192.0.2.0/24 ~ALL", "other"), "~", 0),
        (own("v=spf1 ip6:2001:db8::/32"), "?", 0),
        (own("v=spf1 redirect=b.vn", b="v=spf1 -all"), "-", 1),
        (own("v=spf1 redirect=b.vn ?all"), "?", 0),
        (own("v=spf1 include:b.vn ~all", b="v=spf1 ptr -all"), "~", 2),
        (own("v=spf1 include:b.vn -all", b="v=spf1 all"), "+", 1),
        (own("v=spf1 ip4:0.0.0.0/0 -all"), "+", 0),
        (own("v=spf1 exists:%{i}._spf.a.vn a:h0.vn/24//64 -all include:b.vn"), "-", 2),
        (own(f"v=spf1 {hosts(10)} -all"), "-", 10),
    ],
)
def test_result_and_lookups_of_a_valid_record(found: Spf, result: str, lookups: int) -> None:
    assert (found.problem, found.result, found.lookups) == (None, result, lookups)


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (own(), SpfProblem.ABSENT),
        (own("v=spf10 -all"), SpfProblem.ABSENT),
        (own("v=spf1 -all", "v=spf1 ~all"), SpfProblem.MULTIPLE),
        (own("v=spf1 include:b.vn -all"), SpfProblem.LEADS_NOWHERE),
        (own("v=spf1 redirect=b.vn"), SpfProblem.LEADS_NOWHERE),
        (own("v=spf1 include:a.vn -all"), SpfProblem.LOOKUPS),
        (own(f"v=spf1 {hosts(11)} -all"), SpfProblem.LOOKUPS),
        (own("v=spf1 a:x.vn a:y.vn mx:z.vn -all"), SpfProblem.VOIDS),
        *((own(f"v=spf1 {term} -all"), SpfProblem.SYNTAX) for term in ("ip4:1.2", "ip6:1.2.3.4", "include", "a/33")),
        *((own(f"v=spf1 {term}"), SpfProblem.SYNTAX) for term in ("all:x", "redirect=b.vn redirect=b.vn", "a:%x.vn")),
    ],
)
def test_problem_of_a_record_is_named(found: Spf, problem: SpfProblem) -> None:
    assert found.problem is problem


def test_two_voids_are_allowed_and_too_many_exchangers_are_not() -> None:
    assert own("v=spf1 a:x.vn mx:y.vn -all").problem is None
    zone = {("a.vn", "TXT"): ('"v=spf1 mx -all"',), ("a.vn", "MX"): tuple(f"10 mx{n}.vn" for n in range(11))}
    assert walked(zone).problem is SpfProblem.MX


def test_strings_are_joined_without_spaces() -> None:
    assert records_of(('"v=spf1 ip4:192.0" ".2.1 \\045all"',)) == ["v=spf1 ip4:192.0.2.1 -all"]
