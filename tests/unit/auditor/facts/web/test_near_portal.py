"""Tests the detection of a captive portal near the vantage that answers plain HTTP for every site."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.web import near_portal
from auditor.facts.web.near_portal import NearPortal
from auditor.framework.context import TransportKey
from inventory.model import Network
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.web import HttpExchange
from tests.support.compared import no_more_than
from tests.unit.auditor.contexts import REFUSED, SITE, TIMEOUT, evidence

OF_US = Failure(kind=FailureKind.OUT_OF_TIME)


def page(
    number: int,
    location: str | None = "http://login.isp.example/?from=you",
    *,
    site: str = "",
    body: str = "",
    family: int = 4,
    port: int = 80,
    failure: Failure | None = None,
    hop: int = 0,
) -> Evidence:
    host = site or f"www.agency{number}.gov.vn"
    step = HttpExchange(
        address=ip_address(f"198.51.{number}.1" if family == 4 else f"2001:db8:{number}::1"),
        port=port,
        url=f"http://{host}/",
        hop=hop,
        status=None if failure else 302 if location else 200,
        location=location,
        body_sha256=body,
        body_size=len(body),
        failure=failure,
    )
    return evidence(step)


def seen(*found: Evidence, network: Network = Network.INTERNET) -> frozenset[TransportKey]:
    near = NearPortal([replace(SITE, network=network)])
    for piece in found:
        near.add(piece)
    return near.seen()


EVERYBODY = [page(number) for number in range(5)]
FOUR = {(4, "tcp/80"), (4, "portal/80")}


def test_near_portal_leads_every_site_to_one_foreign_host() -> None:
    assert seen(*EVERYBODY) == FOUR
    assert seen(*reversed(EVERYBODY), page(9, failure=OF_US), page(9, failure=REFUSED, family=6)) == FOUR
    assert seen(*(page(number, None, body="f00d") for number in range(5))) == FOUR
    assert seen(*EVERYBODY, network=Network.TSLCD) == frozenset()


@pytest.mark.parametrize(
    "found",
    [
        EVERYBODY[:4],
        [*EVERYBODY, page(9, failure=REFUSED)],
        [*EVERYBODY, page(9, failure=TIMEOUT)],
        [*EVERYBODY, page(9, "https://www.agency9.gov.vn/")],
        [*EVERYBODY, page(9, port=443)],  # the sites lead there themselves
        [page(number, f"https://www.agency{number}.gov.vn/") for number in range(9)],
        [page(number, "https://tinh.gov.vn/", site=f"so{number}.tinh.gov.vn") for number in range(9)],
        [page(number, None, site=f"www{number}.agency.gov.vn", body="f00d") for number in range(9)],
        [page(number, None, body=f"{number}") for number in range(9)],
        [page(number, None) for number in range(9)],
        [page(number, hop=1) for number in range(9)],
        [page(number, "http://[") for number in range(9)],
    ],
)
def test_near_portal_is_told_from_sites_that_are_alike(found: list[Evidence]) -> None:
    assert seen(*found) == frozenset()


def test_near_portal_compares_no_more_marks_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_more_than(4) as marks:
        monkeypatch.setattr(near_portal, "_mark", lambda answer: marks[answer.address.packed[2]])
        assert seen(*(page(number) for number in range(len(marks)))) == frozenset()
