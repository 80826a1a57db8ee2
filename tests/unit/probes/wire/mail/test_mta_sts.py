"""Tests the reading of MTA-STS policies and announcements, TLS reports and TLSA records by their RFCs."""

import pytest

from probes.wire.dns.tlsa import Tlsa
from probes.wire.dns.tlsa import read as read_tlsa
from probes.wire.mail.mta_sts import MtaStsPolicy, NotAPolicy, announced, identity, read, reports_to

GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: MX1.a.vn.\r\nmx: *.b.vn\r\nmax_age: 604800\r\n"


def test_policy_is_read_and_covers_its_hosts() -> None:
    policy = read(GOOD)
    assert policy == MtaStsPolicy(mode="enforce", max_age=604800, mx=("mx1.a.vn", "*.b.vn"))
    assert [policy.covers(host) for host in ("mx1.a.vn", "x.b.vn", "b.vn", "x.y.b.vn", "mx2.a.vn")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert read(GOOD.replace(b"\r\n", b"\n")) == policy
    assert read(b"version: STSv1\nmode: none\nmax_age: 0\nmode: enforce").mode == "none"


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b"STSv1", b"STSv2"),
        (b"enforce", b"enforced"),
        (b"604800", b"31557601"),
        (b"604800", b"-1"),
        (b"max_age: 604800", b""),
        (b"mx: MX1.a.vn.\r\nmx: *.b.vn", b""),
        (b"*.b.vn", b"*.*.b.vn"),
        (b"mode:", b"mode"),
        (b"STSv1", b"STSv1\xff"),
    ],
)
def test_what_is_no_policy(what: bytes, instead: bytes) -> None:
    with pytest.raises(NotAPolicy):
        read(GOOD.replace(what, instead))


def test_announcements() -> None:
    assert announced(('"v=STSv1; id=1"', '"v=STSv10; id=1"', '"x"')) == ["v=STSv1; id=1"]
    assert identity("v=STSv1; id=20260101T010203;") == "20260101T010203"
    for text in ("v=STSv1;", "v=STSv1; id=a-b", "v=STSv1; id=1; id=2", "v=STSv1; id=" + "a" * 33):
        with pytest.raises(NotAPolicy):
            identity(text)


def test_report_addresses_are_read_from_one_record_only() -> None:
    assert reports_to(('"v=TLSRPTv1; rua=mailto:a@a.vn,https://b.vn/r, ftp://c"',)) == (
        "mailto:a@a.vn",
        "https://b.vn/r",
    )
    assert reports_to(('"v=TLSRPTv1;rua=mailto:a@a.vn"', '"v=TLSRPTv1;rua=mailto:b@a.vn"')) == ()
    assert reports_to(('"v=TLSRPTv1"',)) == ()


def test_tlsa_is_usable_as_rfc_7672_says() -> None:
    assert read_tlsa("\\# 35 030101" + "ab" * 32) == Tlsa(usage=3, selector=1, matching=1, data=b"\xab" * 32)
    usable = {
        head: read_tlsa(f"\\# 35 {head}" + "ab" * 32) for head in ("030101", "020001", "010101", "030201", "030102")
    }
    assert [tlsa is not None and tlsa.usable for tlsa in usable.values()] == [True, True, False, False, False]
    assert [read_tlsa(text) for text in ("", "3 1 1 ab", "\\# 2 0301", "\\# 9 030101ab", "\\# 4 0301xx")] == [None] * 5
