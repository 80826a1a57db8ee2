"""Tests that no group names of a device's access tables are kept, but whether their rows are in use."""

from ipaddress import ip_address

from probes.net.snmp.access import access
from probes.net.snmp.device import Walked
from probes.observations.snmp import SnmpAccess, Varbind
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, oid_of

_VACM, _USM = "1.3.6.1.6.3.16.1", "1.3.6.1.6.3.15.1.2.2.1"
_BLANK = SnmpAccess(address=ip_address("192.0.2.1"), port=161, profile="core")


def _named(text: str) -> str:
    return dotted((len(text), *text.encode()))


class _Tables:
    """Simulates a device that answers walks from these objects: OID, type, value."""

    def __init__(self, *rows: tuple[str, str, str]) -> None:
        self._rows = [Varbind(*row) for row in rows]

    async def walk(self, root: str, rows: int) -> Walked:
        start: Oid | None = oid_of(root)
        varbinds = [row for row in self._rows if (oid_of(row.oid) or ())[: len(start or ())] == start]
        return Walked(rows=varbinds[:rows])


async def test_storage_and_status_of_groups_and_users_are_kept() -> None:
    group, user = f"{_named('ILMI')}.0.2.1", f"4.1.2.3.4.{_named('old')}"
    tables = _Tables(
        (f"{_VACM}.2.1.3.2.{_named('ILMI')}", "octets", b"ILMI".hex()),
        (f"{_VACM}.4.1.6.{group}", "octets", b"*ilmi".hex()),
        (f"{_VACM}.4.1.8.{group}", "int", "4"),
        (f"{_VACM}.4.1.9.{group}", "int", "1"),
        (f"{_VACM}.5.2.1.4.{_named('*ilmi')}.7.1.3.6.1.4.1.353", "int", "1"),
        (f"{_USM}.5.{user}", "oid", "1.3.6.1.6.3.10.1.1.2"),
        (f"{_USM}.13.{user}", "int", "2"),
    )
    snmp_access = await access(tables, _BLANK)  # type: ignore[arg-type]  # walks alone are asked for
    [snmp_group], [known] = snmp_access.groups or (), snmp_access.users or ()
    assert (snmp_group.writes, snmp_group.members, snmp_group.storage, snmp_group.status) == (
        ("1.3.6.1.4.1.353",),
        1,
        4,
        1,
    )
    assert (known.name, known.status) == ("old", 2)


async def test_what_is_not_told_of_a_row_is_not_known() -> None:
    tables = _Tables((f"{_VACM}.4.1.6.{_named('g')}.0.3.3", "octets", ""))
    [snmp_group] = (await access(tables, _BLANK)).groups or ()  # type: ignore[arg-type]  # walks alone are asked for
    assert (snmp_group.storage, snmp_group.status) == (None, None)
