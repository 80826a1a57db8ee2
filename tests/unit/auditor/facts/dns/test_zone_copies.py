"""Tests the date on which a serial was published, and the choice of the newest of several serials."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest

from auditor.facts.dns.zone_copies import ZoneCopy, newest, published_before
from probes.framework.evidence import EvidenceId

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("serial", "latest"),
    [
        (2026022801, datetime(2026, 3, 1, 14, 0, tzinfo=UTC)),  # that day has ended everywhere
        (2026030201, NOW),  # today
        (2026030300, NOW),  # tomorrow has begun somewhere
        (2026030500, None),
        (2026133101, None),
        (int(NOW.timestamp()) - 60, NOW - timedelta(seconds=60)),
        (int(NOW.timestamp()) + 60, None),
        (7, None),
        (4_000_000_000, None),
    ],
)
def test_a_serial_may_tell_when_it_was_published(serial: int, latest: datetime | None) -> None:
    assert published_before(serial, NOW) == latest


def copy(serial: int) -> ZoneCopy:
    return ZoneCopy(
        address=ip_address("192.0.2.1"),
        at=NOW,
        serial=serial,
        refresh=1,
        primary="ns1.tinh-a.example",
        data={},
        evidence=EvidenceId("x"),
    )


@pytest.mark.parametrize(
    ("serials", "best"), [((1, 3, 2), 3), ((2**32 - 1, 0), 0), ((0, 2**32 - 1), 0), ((5, 5), 5), ((0, 2**31), 0)]
)
def test_the_newest_serial_by_rfc_1982(serials: tuple[int, ...], best: int) -> None:
    assert newest([copy(serial) for serial in serials]).serial == best
