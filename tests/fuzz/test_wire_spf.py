"""SPF records of arbitrary text, and answers of anything: the walk ends within its limits and never raises."""

import contextlib
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.mail.spf.asker import Depends, expanded, of_address, unknown_senders
from probes.wire.mail.spf.record import Wrong, records_of, terms
from probes.wire.mail.spf.walk import LOOKUPS_ALLOWED, Spf, SpfProblem, evaluate

WORDS = """v=spf1 all -all ?all include:a.vn a a:%{ir}.a.vn mx//0 mx:b.vn/24//64 ptr exists:%{p}.a.vn redirect=a.vn
redirect=%{d} ip4:0.0.0.0/0 ip6:::/0 exp=%{c} x=% a:% %{s255} ip6:fe80::1%eth0"""
PIECES = st.sampled_from(WORDS.split())
TEXT = st.lists(PIECES | st.text(max_size=6), max_size=30).map(lambda parts: "v=spf1 " + " ".join(parts))
RECORD = st.builds(lambda text: f'"{text}"', TEXT) | st.text(max_size=20)
DATA = st.sampled_from(["10 mx.a.vn", "0 .", "x", "192.0.2.1", "2001:db8::1", "a.vn", "h" * 300, "a..b"])
ANSWER = st.none() | st.lists(RECORD | DATA, max_size=13).map(tuple)
ASKERS = st.sampled_from(
    [
        *unknown_senders("a.vn"),
        *(of_address(ip_address(a), "a.vn") for a in ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1")),
    ]
)


@given(ASKERS, st.lists(ANSWER, min_size=1, max_size=12))
def test_every_walk_ends(asker: object, answers: list[tuple[str, ...] | None]) -> None:
    walk = evaluate("a.vn", asker)  # type: ignore[arg-type]
    asked, spf = 0, Spf()
    try:
        name, rtype = next(walk)
        while True:
            assert rtype in {"TXT", "A", "AAAA", "MX", "PTR"}
            assert name
            assert asked < 250
            name, rtype = walk.send(answers[asked % len(answers)])
            asked += 1
    except StopIteration as end:
        spf = end.value
    assert (spf.problem is None) == (spf.result in {"+", "-", "~", "?"} and bool(spf.result))
    assert spf.lookups <= LOOKUPS_ALLOWED + 1
    assert spf.problem is None or spf.problem in SpfProblem


@given(TEXT)
def test_terms(text: str) -> None:
    for record in records_of((f'"{text}"',)):
        try:
            parsed = terms(record)
        except Wrong:
            continue
        for term in parsed:
            assert term.text.isascii()
            with contextlib.suppress(Depends):
                assert len(expanded(term.domain, of_address(ip_address("2001:db8::1"), "a.vn"), "a.vn")) <= 2_000
