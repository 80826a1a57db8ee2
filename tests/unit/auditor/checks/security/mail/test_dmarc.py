"""Tests which recipients of reports need no consent in the eyes of receivers that follow RFC 7489."""

import pytest

from auditor.checks.security.mail import dmarc


@pytest.mark.parametrize(
    ("host", "place", "akin"),
    [
        ("daklak.gov.vn", "syt.daklak.gov.vn", True),
        ("thu.daklak.gov.vn", "syt.daklak.gov.vn", True),
        ("bao-cao.example.vn", "example.vn", True),
        ("dmarc.example.com", "mail.example.com", True),
        ("laichau.gov.vn", "daklak.gov.vn", False),
        ("gov.vn", "daklak.gov.vn", False),
        ("daklak.gov.com", "daklak.gov.vn", False),
        ("other.com", "example.com", False),
    ],
)
def test_recipients_of_one_organisation_need_no_consent(host: str, place: str, akin: bool) -> None:
    assert dmarc._is_akin(host, place) is akin
