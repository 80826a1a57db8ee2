"""Puts an invented province into a store, with three counts of one year, for tests of published data."""

from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

from auditor.figures.scoring import Ladder
from auditor.framework.findings import Outcome
from auditor.service.store.api import Store
from inventory.model import AgencyId, Coordinates, DeclaredFacts, Kind, Subject, SubjectId
from inventory.organisation import Organisation, Unit
from tests.unit.auditor.stored import Brief, Held, put

DEPARTMENTS, COMMUNES = 3, 12
LARGE = AgencyId("S1")
"""A department with enough services to be told apart."""
HOSTILE = '<script>alert(1)</script> "Sở" & =1+1'
DAYS = (-240, -60, 60)
"""The days of the counts relative to 1 September 2026: in January, July and October."""
AFTER = datetime(2027, 2, 1, tzinfo=UTC)


def organisation(name_of_last: str = HOSTILE) -> Organisation:
    """Return departments and communes under one province."""
    province = AgencyId("P")
    departments = [(AgencyId(f"S{number}"), f"Sở {number}", "department") for number in range(1, DEPARTMENTS)]
    communes = [(AgencyId(f"X{number}"), f"Xã {number}", "commune") for number in range(COMMUNES)]
    last = (AgencyId(f"S{DEPARTMENTS}"), name_of_last, "department")
    units = [
        Unit(code=code, name=name, parent=province, level=level)
        for code, name, level in (*departments, last, *communes)
    ]
    return Organisation(units=(Unit(code=province, name="UBND tỉnh", level="province"), *units))


def subjects() -> tuple[Subject, ...]:
    """Return one portal of each department, seven more of the large one, and a site of each commune."""
    rows = [(f"so{number}.tinh.vn", Kind.PORTAL, f"S{number}", number) for number in range(1, DEPARTMENTS + 1)]
    rows += [(f"he-thong{number}.so1.tinh.vn", Kind.PORTAL, LARGE, 50 + number) for number in range(7)]
    rows += [(f"xa{number}.tinh.vn", Kind.COMMUNE_SITE, f"X{number}", 100 + number) for number in range(COMMUNES)]
    return tuple(
        Subject(
            id=SubjectId(host),
            kind=kind,
            kinds=frozenset({kind}),
            agency=AgencyId(agency),
            name=host,
            host=host,
            addresses=(ip_address(f"2001:db8::{number:x}"), ip_address(f"192.0.2.{number}")),
            declared=DeclaredFacts(coordinates=Coordinates(latitude=12.654321, longitude=108.765432)),
        )
        for host, kind, agency, number in rows
    )


def fill(
    store: Store, days: Sequence[int] = DAYS, frameworks: tuple[str, ...] = (), name_of_last: str = HOSTILE
) -> None:
    """Put a run for each day into the store; from one to the next more sites work over IPv6, the last day all do."""
    rows = subjects()
    for number, day in enumerate(days):
        working = len(rows) * (number + 1) // len(days)
        findings = {
            str(row.id): [
                Brief(
                    check="ipv6.web.aaaa",
                    outcome=Outcome.PASS if place < working else Outcome.FAIL,
                    address=str(row.addresses[0]),
                ),
                Brief(check="security.ports.mgmt-exposed", outcome=Outcome.FAIL, address=str(row.addresses[1])),
            ]
            for place, row in enumerate(rows)
        }
        ladders = {str(row.id): Ladder(level=2 if n < working else 0, at_least=False) for n, row in enumerate(rows)}
        put(
            store,
            Held(
                name=f"r{number}",
                days=day,
                findings=findings,
                ladders=ladders,
                subjects=rows,
                organisation=organisation(name_of_last),
                frameworks=frameworks,
            ),
        )
