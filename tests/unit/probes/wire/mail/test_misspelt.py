"""Records that were meant and do not count."""

import pytest

from probes.wire.mail.dmarc import records_of as dmarc_records
from probes.wire.mail.misspelt import Slip, dmarc_slip, is_meant_as_mta_sts, shown, spf_slip
from probes.wire.mail.mta_sts import announced
from probes.wire.mail.spf.record import records_of as spf_records


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("v=DMARC1 p=reject", Slip.SEMICOLON),
        ("v=DMARC1, p=reject", Slip.SEMICOLON),
        ("v=DMARC1: p=reject", Slip.SEMICOLON),
        ("v=dmarc1; p=reject", Slip.CASE),
        ("V=DMARC1; p=reject", Slip.CASE),
        ('"v=DMARC1; p=reject"', Slip.QUOTED),
        ('\\"v=DMARC1; p=reject\\"', Slip.QUOTED),
        ("“v=DMARC1; p=reject”", Slip.QUOTED),
        (" v=DMARC1; p=reject", Slip.SPACED),
        ("v=DMARC; p=reject", Slip.VERSION),
        ("DMARC1; p=reject", Slip.VERSION),
        ("v=DMARC 1; p=reject", Slip.VERSION),
        ("v=spf1 -all", None),
        ("p=reject", None),
        ("google-site-verification=dmarc1", None),
    ],
)
def test_dmarc_slip_names_the_mistake(text: str, slip: Slip | None) -> None:
    assert dmarc_slip(text) is slip


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("v=spf1include:x.example -all", Slip.JOINED),
        ("v=spf1;include:x.example -all", Slip.JOINED),
        ("v=spf1, mx -all", Slip.JOINED),
        ("v=spf 1 mx -all", Slip.SPACED),
        ("v = spf1 mx -all", Slip.SPACED),
        (" v=spf1 mx -all", Slip.SPACED),
        ('"v=spf1 mx -all"', Slip.QUOTED),
        ("v=spf2 mx -all", Slip.VERSION),
        ("spf1 mx -all", Slip.VERSION),
        ("v=spf mx -all", Slip.VERSION),
        ("spf2.0/pra mx -all", None),
        ("v=DMARC1; p=none", None),
        ("", None),
    ],
)
def test_spf_slip_names_the_mistake(text: str, slip: Slip | None) -> None:
    assert spf_slip(text) is slip


def test_slips_are_of_records_that_no_receiver_recognises() -> None:
    assert dmarc_records(('"v=DMARC1 p=reject"', '"v=dmarc1; p=reject"', '" v=DMARC1;"')) == []
    assert spf_records(('"v=spf1include:x -all"', '"v=spf 1 -all"', '" v=spf1 -all"')) == []


def test_shown_bounds_what_is_quoted() -> None:
    assert shown("v=spf1") == "v=spf1"
    assert len(shown("x" * 5_000)) == 121


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("v=STSv1 id=20260301", True),
        ("v=stsv1; id=20260301;", True),
        ('"v=STSv1; id=20260301;"', True),
        ("v = STSv1; id=1", True),
        ("STSv1; id=1", True),
        ("v=STSv2; id=1", True),
        ("v=spf1 -all", False),
        ("v=TLSRPTv1; rua=mailto:a@b.example", False),
        ("stsci-verification=1", False),
        ("", False),
    ],
)
def test_what_was_meant_to_announce_a_policy_announces_none(text: str, is_meant: bool) -> None:
    assert is_meant_as_mta_sts(text) is is_meant
    assert announced((f'"{text}"',)) == []
