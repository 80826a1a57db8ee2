"""Tests validation: its conditions, the bound on the work that hostile data causes, and that no bytes make it raise."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.checks.security.dns.cds import cds
from auditor.checks.security.dns.dnssec import dnssec
from auditor.checks.security.dns.dnssec_health import dnssec_health
from auditor.facts.dns.dnssec.answers import LARGE, all_of
from auditor.facts.dns.dnssec.signatures import VERIFICATIONS, Signer, Work
from auditor.facts.dns.dnssec.trust import TrustState, Validator
from auditor.facts.dns.dnssec.zones import SignedZone, examine
from auditor.framework import trust_anchor
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dnssec import ZoneAnswer
from tests.golden import cases_dnssec, lab
from tests.golden import lab_dnssec as tree
from tests.golden.case import dump
from tests.golden.case import load as load_case
from tests.golden.cases_dns import TWO
from tests.golden.lab import ZONE
from tests.unit.across_modules.test_properties import CHECKS

SECURE = next(case for case in cases_dnssec.dnssec() if case.code == "SECURE")
CTX: Context = load_case(SECURE.check, dump(SECURE, CHECKS)).ctx
APEX = dns.name.from_text(ZONE)


def examined(*steps: Observation) -> SignedZone:
    signed_zone = examine(ZONE, EvidenceSet([TWO, tree.chain(*steps)]), CTX)
    assert signed_zone is not None
    return signed_zone


def codes(*steps: Observation) -> list[str]:
    evidence = EvidenceSet([TWO, tree.chain(*steps)])
    return [verdict.code for verdict in dnssec(lab.zone(), evidence, CTX)]


def test_whatever_is_not_asked_or_answered_is_not_called_secure() -> None:
    """A failure of any step of a good chain leads to neither a pass nor a fail."""
    for number, step in enumerate(cases_dnssec.SIGNED):
        assert isinstance(step, ZoneAnswer)
        lost = replace(step, response=None, server=None, failure=Failure(kind=FailureKind.TIMEOUT))
        said = codes(*cases_dnssec.SIGNED[:number], lost, *cases_dnssec.SIGNED[number + 1 :])
        assert said in (["NO_DNS_ANSWER"], ["ABOVE"]), (step.zone, step.qname, step.qtype)


def test_a_bit_changed_anywhere_in_signed_data_is_never_secure() -> None:
    soa = tree.zone_soa()
    assert soa.response is not None
    seen = set()
    for place in range(12, len(soa.response), 3):
        wire = bytearray(soa.response)
        wire[place] ^= 1
        seen |= set(codes(*tree.above(tree.ds(ZONE)), tree.keys(ZONE), replace(soa, response=bytes(wire))))
    assert "BAD_SIGNATURE" in seen
    assert seen <= {
        "BAD_SIGNATURE",
        "NO_SIGNATURE",
        "UNKNOWN_KEY",
        "BAD_DENIAL",
        "EXPIRED",
        "NOT_YET_VALID",
        "NO_DNS_ANSWER",
        "SECURE",
    }


def test_the_last_seconds_of_a_signature_still_count() -> None:
    for left, state in (
        (timedelta(seconds=0), TrustState.SECURE),
        (timedelta(seconds=-1), TrustState.UNKNOWN),
        (timedelta(hours=-2), TrustState.BOGUS),
    ):
        keys = tree.keys(ZONE, window=(timedelta(days=-9), left))
        assert examined(*tree.above(tree.ds(ZONE)), keys).trust.state is state


def test_a_ds_of_sha1_is_not_followed_where_sha256_stands_beside_it() -> None:
    both = (tree.ds(ZONE, digest="SHA1"), tree.ds(ZONE, "another key"))
    assert codes(*tree.above(*both), tree.keys(ZONE), *tree.own()) == ["DS_MISMATCH"]
    assert codes(*tree.above(both[0]), tree.keys(ZONE), *tree.own()) == ["SECURE"]


def test_keys_that_are_revoked_or_no_zone_keys_begin_nothing() -> None:
    held = tree.public(ZONE)
    for flags in (held.flags | 0x0080, held.flags & ~0x0100):
        key = dns.dnssec.make_dnskey(tree.private(ZONE).public_key(), "ED25519", flags=flags)
        made = dns.dnssec.make_ds(APEX, key, "SHA256").to_text()
        answer = tree.answer(ZONE, ZONE, "DNSKEY", tree.sign(tree.bare(key), ZONE))
        assert codes(*tree.above(made), answer, *tree.own()) == ["DS_MISMATCH"]


def colliding(count: int) -> list[DNSKEY]:
    """Return ``count`` keys with the same key tag."""
    base = bytearray(range(64))
    keys = []
    for number in range(count):  # swapping two 16-bit words keeps the tag (RFC 4034 appendix B)
        one, other = 2 * (number % 31), 2 * (number // 31 + 20)
        base[one : one + 2], base[other : other + 2] = base[other : other + 2], base[one : one + 2]
        keys.append(tree.made(13, bytes(base)))
    assert len({dns.dnssec.key_id(key) for key in keys}) == 1
    return keys


def test_a_key_trap_ends_early() -> None:
    """Many keys of one tag and many signatures that fit none of them (CVE-2023-50387) end validation early."""
    keys = colliding(200)
    held = tree.sign(tree.bare(*keys[:19]), ZONE)
    signature = next(iter(held[1]))
    trapped = [
        signature.replace(algorithm=13, key_tag=dns.dnssec.key_id(keys[0]), signature=bytes([number]) * 64)
        for number in range(100)
    ]
    work = Work()
    signer = Signer(zone=APEX, keys=keys, at=lab.NOW, work=work)
    assert signer.check(held[0], trapped).why is not None
    assert VERIFICATIONS - work.left <= 32


def trap(records: int, keys: list[DNSKEY]) -> list[dns.rrset.RRset]:
    """Return addresses of the zone with signatures of the keys' tag that none of the keys made."""
    held = tree.rrset(ZONE, "A", *(f"10.0.{number >> 8}.{number & 255}" for number in range(records)))
    signature = next(iter(tree.sign(tree.rrset(ZONE, "A", "192.0.2.1"), ZONE)[1]))
    tag = dns.dnssec.key_id(keys[0])
    wrong = [signature.replace(algorithm=13, key_tag=tag, signature=bytes([number]) * 64) for number in range(8)]
    return [held, dns.rrset.from_rdata(held.name, tree.TTL, *wrong)]


def test_a_set_of_thousands_of_records_is_as_much_work_as_many_sets() -> None:
    """A few sets are too many if each verification must sort thousands of records: nothing is stated about them."""
    keys = colliding(4)
    answer = tree.answer(ZONE, ZONE, "A", trap(3_000, keys))
    said = codes(*tree.above(tree.ds(ZONE)), tree.keys(ZONE, *keys), answer, *tree.own())
    assert said == ["TOO_COMPLEX"]
    few = tree.answer(ZONE, ZONE, "A", trap(3, keys))
    assert codes(*tree.above(tree.ds(ZONE)), tree.keys(ZONE, *keys), few, *tree.own()) == ["BAD_SIGNATURE"]


@pytest.mark.parametrize(
    ("bits", "exponent", "most"), [(2048, 3, 0), (4096, 3, 0), (3072, 384, 20), (16_384, 8, 8), (2048, 0, 0)]
)
def test_a_key_of_unusual_size_is_more_work_than_a_usual_one(bits: int, exponent: int, most: int) -> None:
    size = bytes([exponent]) if exponent < 256 else b"\0" + exponent.to_bytes(2)
    key = tree.made(8, size + b"\x01" * exponent + b"\xff" * (bits // 8))
    record = tree.rrset(ZONE, "A", "192.0.2.1")
    signature = next(iter(tree.sign(record, ZONE)[1]))
    wrong = signature.replace(algorithm=8, key_tag=dns.dnssec.key_id(key))
    work = Work()
    Signer(zone=APEX, keys=[key], at=lab.NOW, work=work).check(record, [wrong])
    assert 1 + most // 2 <= VERIFICATIONS - work.left <= 1 + most


def test_of_a_subject_so_many_bytes_of_large_answers_are_read() -> None:
    """Large answers of one subject are read up to a bound in bytes; answers above it are treated as not received."""
    keys = colliding(4)
    large = tree.answer(ZONE, ZONE, "A", trap(3_000, keys))
    size = len(large.response or b"")
    said = all_of(EvidenceSet([TWO, tree.chain(*[large] * (LARGE // size + 3), *tree.own())]))
    assert sum(answer.message is not None and answer.rdtype == dns.rdatatype.A for answer in said) == LARGE // size + 1
    assert said[-1].message is not None


def test_a_deep_or_circular_chain_ends() -> None:
    names = [".".join(["a"] * depth) for depth in range(1, 60)]
    steps = [tree.answer(above, below, "DS", []) for above, below in pairwise(names)]
    validator = Validator(answers=tuple(examined(*steps, tree.keys(ZONE)).validator.answers), anchors=())
    assert validator.trust(dns.name.from_text(names[-1])).state is not TrustState.SECURE


def test_anchors_are_read_in_every_usual_form() -> None:
    ds = tree.ANCHOR
    assert trust_anchor.normal(f"; a comment\n. 172800 IN DS {ds}\n") == ds
    assert trust_anchor.normal(f". DS {ds}") == ds
    assert trust_anchor.normal(f". IN DNSKEY {tree.public('.').to_text()}") == ds
    assert [ds.key_tag for ds in trust_anchor.read(trust_anchor.shipped())] == [20326, 38696]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no DS or DNSKEY record"),
        ("vn. IN DS 1 8 2 ab", "line 1: expected"),
        ("\n. IN DS 1 8 2 ab", "line 2: not a record of type DS"),
        (". IN A 192.0.2.1", "line 1: expected"),
        ('. IN DS "', "line 1: a quotation mark"),
    ],
)
def test_a_bad_anchor_is_told_with_its_line(text: str, why: str) -> None:
    with pytest.raises(trust_anchor.AnchorError, match=why):
        trust_anchor.normal(text)


WISHES = [*cases_dnssec.wishes(ZONE), *cases_dnssec.wishes("", delete=True)]
GOOD = [step for step in (*cases_dnssec.SIGNED, *WISHES) if isinstance(step, ZoneAnswer) and step.response]


@st.composite
def damaged(draw: st.DrawFn) -> list[Observation]:
    """Draw steps of a good chain with bytes changed, cut off or put elsewhere."""
    steps: list[Observation] = []
    for step in draw(st.lists(st.sampled_from(GOOD), max_size=12)):
        wire = bytearray(step.response or b"")
        for place, value in draw(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=4)):
            wire[place % len(wire)] = value
        end = draw(st.just(len(wire)) | st.integers(0, len(wire)))
        steps.append(replace(step, response=bytes(wire[:end])))
    return steps


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=damaged())
def test_no_answer_makes_validation_raise(steps: list[Observation]) -> None:
    evidence = EvidenceSet([TWO, tree.chain(*cases_dnssec.SIGNED[:4], *steps)])
    assert list(dnssec(lab.zone(), evidence, CTX))
    assert list(dnssec_health(lab.zone(), evidence, CTX))
    assert list(cds(lab.zone(), evidence, CTX))


@settings(max_examples=200, deadline=None)
@given(
    algorithm=st.sampled_from([1, 3, 5, 8, 13, 14, 15, 16, 253]),
    key=st.binary(max_size=80),
    signature=st.binary(max_size=80),
)
def test_no_key_makes_verification_raise(algorithm: int, key: bytes, signature: bytes) -> None:
    held = tree.sign(tree.rrset(ZONE, "A", "192.0.2.1"), ZONE)
    made: DNSKEY = tree.made(algorithm, key or b"x")
    forged = next(iter(held[1])).replace(algorithm=algorithm, key_tag=dns.dnssec.key_id(made), signature=signature)
    assert Signer(zone=APEX, keys=[made], at=lab.NOW).check(held[0], [forged]).why is not None
