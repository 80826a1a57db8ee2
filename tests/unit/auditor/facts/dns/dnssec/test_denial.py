"""Tests proofs of absence, valid ones and ones that only look valid. The NSEC3 numbers are RFC 5155's own example."""

import dns.name
import dns.rdata
import dns.rdatatype
import pytest
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.dns.dnssec.denial import Denials, Proof

ZONE = dns.name.from_text("example")
A, DS, MX = dns.rdatatype.A, dns.rdatatype.DS, dns.rdatatype.MX
# RFC 5155 appendix A and B, without the records' signatures.
APEX = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA RRSIG"
B = "b4um86eghhds6nea196smvmlo4ors995 1 1 12 aabbccdd gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG"
THIRTY_FIVE = "35mthgpgcu1qg68fab165klnsnk3dpvl 1 1 12 aabbccdd b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG"
NS1 = "2t7b4g4vsa5smi47k61mv5bv1a22bojr 1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG"
Q = "q04jkcevqvmu85r014c7dkba38o0ji5r 1 1 12 aabbccdd r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG"


def name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


def hashed(*lines: str) -> Denials:
    found = []
    for line in lines:
        owner, _, rest = line.partition(" ")
        record = dns.rdata.from_text("IN", "NSEC3", rest)
        assert isinstance(record, NSEC3)
        found.append((name(f"{owner}.example"), record))
    return Denials(zone=ZONE, nsec3=found)


def spans(*lines: str) -> Denials:
    found = []
    for line in lines:
        owner, _, rest = line.partition(" ")
        record = dns.rdata.from_text("IN", "NSEC", rest)
        assert isinstance(record, NSEC)
        found.append((name(owner), record))
    return Denials(zone=ZONE, nsec=found)


def test_the_example_of_rfc_5155_appendix_b() -> None:
    # B.1: a.c.x.w.example is not there; opt-out spans cover it, so it is no proof of unsigned delegations' absence.
    assert hashed(APEX, B, THIRTY_FIVE).no_name(name("a.c.x.w.example")) is Proof.OPT_OUT
    # B.2: ns1.example has no MX.
    assert hashed(NS1).no_data(name("ns1.example"), MX) is Proof.PROVEN
    assert hashed(NS1).no_data(name("ns1.example"), A) is Proof.MISSING
    # B.4: a wildcard stood in; the next closer name is covered.
    assert hashed(Q).no_closer(name("a.z.w.example"), 2) is Proof.OPT_OUT
    # B.3: c.example is delegated without DS.
    assert hashed(THIRTY_FIVE, APEX).no_data(name("c.example"), DS) is Proof.OPT_OUT


@pytest.mark.parametrize("left", [(APEX, B), (APEX, THIRTY_FIVE), (B, THIRTY_FIVE), ()])
def test_a_proof_without_one_of_its_records_is_none(left: tuple[str, ...]) -> None:
    assert hashed(*left).no_name(name("a.c.x.w.example")) is Proof.MISSING


def test_too_many_iterations_prove_nothing_and_cost_nothing() -> None:
    assert hashed(NS1.replace(" 12 ", " 151 ")).no_data(name("ns1.example"), MX) is Proof.TOO_COSTLY
    assert hashed(NS1.replace(" 12 ", " 65535 ")).no_name(name("ns1.example")) is Proof.TOO_COSTLY


def test_nsec_proves_missing_names_and_types() -> None:
    zone = spans("example. b.example. NS SOA RRSIG NSEC", "b.example. e.d.example. A RRSIG NSEC")
    assert zone.no_name(name("c.example")) is Proof.PROVEN
    assert zone.no_data(name("b.example"), MX) is Proof.PROVEN
    assert zone.no_data(name("b.example"), A) is Proof.MISSING
    assert zone.no_data(name("d.example"), A) is Proof.PROVEN, "an empty non-terminal"
    assert zone.no_name(name("z.example")) is Proof.MISSING
    # Without the span around the wildcard, a wildcard may be there.
    assert spans("b.example. d.example. A RRSIG NSEC").no_name(name("c.example")) is Proof.MISSING


def test_the_last_span_leads_back_to_the_apex() -> None:
    last = spans("y.example. example. A RRSIG NSEC", "example. b.example. NS SOA RRSIG NSEC")
    assert last.no_name(name("z.example")) is Proof.PROVEN
    assert last.no_name(name("c.example")) is Proof.MISSING
    assert spans("example. example. NS SOA RRSIG NSEC").no_name(name("z.example")) is Proof.PROVEN


def test_the_parents_side_of_a_cut_denies_the_ds_alone() -> None:
    parent = spans("b.example. d.example. NS RRSIG NSEC")
    assert parent.no_data(name("b.example"), DS) is Proof.PROVEN
    assert parent.no_data(name("b.example"), A) is Proof.MISSING
    assert parent.no_data(name("www.b.example"), A) is Proof.MISSING, "below the cut it has nothing to say"
    child = spans("b.example. d.example. NS SOA RRSIG NSEC")
    assert child.no_data(name("b.example"), DS) is Proof.MISSING, "the child cannot deny its own DS"


def test_a_wildcard_without_the_type() -> None:
    zone = spans("b.example. d.example. A RRSIG NSEC", "*.example. b.example. TXT RRSIG NSEC")
    assert zone.no_data(name("c.example"), A) is Proof.PROVEN


LABELS = st.lists(st.sampled_from(["a", "b", "*", "x" * 63, "ns1"]), max_size=3)
NAMES = LABELS.map(lambda labels: name(".".join([*labels, "example"])))
TYPES = st.sampled_from(["A", "NS", "NS SOA", "CNAME", "DNAME", "MX RRSIG NSEC"])


@given(spans_=st.lists(st.tuples(NAMES, NAMES, TYPES), max_size=4), wanted=NAMES, rdtype=st.sampled_from([A, DS, MX]))
def test_nothing_that_is_there_is_ever_denied(
    spans_: list[tuple[dns.name.Name, dns.name.Name, str]], wanted: dns.name.Name, rdtype: int
) -> None:
    """An existing name is never denied: the owner of a span exists, so no proof may claim its absence for any spans."""
    denials = spans(*(f"{owner} {next_} {types}" for owner, next_, types in spans_))
    denials.no_data(wanted, rdtype)
    denials.no_closer(wanted, 1)
    if any(owner == wanted for owner, _, _ in spans_) and len(spans_) == 1:
        assert denials.no_name(wanted) is Proof.MISSING
