"""Inventories written as CSV and XLSX read back as the same inventories."""

import csv
import io
from dataclasses import replace

import pytest

from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.tables.columns import COLUMNS, TableKind
from inventory.tables.formula_guard import guarded
from inventory.tables.written_tables import ORDER, WrittenTable, written_tables
from inventory.workbooks.editable import filled_workbook, template_workbook

_EVERYTHING = """
targets:
- {id: r-1, agency_code: SYT, agency_name: Sở Y tế, name: Bộ định tuyến, kind: router, site: 'Nhà A, tầng 1',
   ipv4: [10.0.0.1, 10.0.0.2], ipv6: '2001:db8::1', services: none, network: tslcd, snmp_profile: core,
   clearance: intrusive, authorisation: 15/QĐ, contact: An, valid_from: 2026-01-02, valid_to: 2026-12-31,
   bandwidth_mbps: 1.1250, coordinates: '-12.680001, 108.04', provider: '=VNPT', channel: C1, device: C1111,
   activated: 2025-06-01, expected_asn: 'AS131340, 45899',
   allowed_ports: 22 80-83 443, security_level: 3, tags: prefix=10.0.0.0/29 no-echo, note: "hai\\ndòng; và hơn"}
- {agency_code: SYT, name: soyte.example, kind: portal, expected_ipv6: planned:2027-06,
   test_url: 'https://soyte.example/tra-cuu'}
- {agency_code: SXD, name: Web, kind: host, ipv4: 10.1.0.1, services: https:8443}
- {agency_code: SYT, name: Web, kind: host, ipv4: 10.1.0.2, bandwidth_mbps: 1000,
   expected_ipv6: 'exempt:cũ: thay;by=Giám đốc;until=2026-12-31'}
- {name: a.example, kind: zone}
units:
- {agency_code: H15, agency_name: Tỉnh, unit_level: tỉnh}
- {agency_code: SYT, agency_name: Sở Y tế, parent_code: H15, unit_level: sở, contact: Bình,
   valid_from: 2025-07-01}
- {agency_code: X1, agency_name: Xã Một, parent_code: H15, unit_level: xã, latitude: 12.5, longitude: '108,125'}
exemptions:
- {subject: r-1, check_prefix: ipv6.path, reason: thay, signatory: GĐ, from: 2026-01-01, until: 2026-06-30}
- {agency: X1, check_prefix: tslcd, reason: sáp nhập, signatory: CT}
"""


def _inventory() -> Inventory:
    return load_sent([("a.yaml", _EVERYTHING.encode())]).inventory


def _bare(inventory: Inventory) -> Inventory:
    """Return the inventory without the positions of its rows."""
    return replace(
        inventory, sources=(), subjects=tuple(replace(subject, origin=None) for subject in inventory.subjects)
    )


def _csv(table: WrittenTable, lang: str) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([[guarded(cell) for cell in row] for row in (table.header(lang), *table.rows)])
    return written.getvalue().encode()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_workbook_of_an_inventory_reads_back_as_the_same(lang: str) -> None:
    inventory = _inventory()
    loaded = load_sent([("a.xlsx", filled_workbook(written_tables(inventory, lang), lang))])
    assert _bare(loaded.inventory) == _bare(inventory)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_csv_files_of_an_inventory_read_back_as_the_same(lang: str) -> None:
    inventory = _inventory()
    files = [(f"{table.kind}.csv", _csv(table, lang)) for table in written_tables(inventory, lang)]
    assert _bare(load_sent(files).inventory) == _bare(inventory)


@pytest.mark.parametrize("kind", TableKind)
def test_every_column_but_the_running_number_is_written(kind: TableKind) -> None:
    left = {"stt", "latitude", "longitude"} | (set() if kind is TableKind.TARGETS else {"note"})
    assert set(ORDER[kind]) == {column for column in COLUMNS[kind] if column not in left}


def test_template_is_read_as_two_tables_without_its_examples() -> None:
    from inventory.problems.problem import InventoryError

    with pytest.raises(InventoryError) as caught:
        load_sent([("a.xlsx", template_workbook("vi"))])
    assert list(caught.value.lines("vi")) == [
        "a.xlsx: không có đối tượng nào",
        'a.xlsx[Cơ quan, đơn vị]:2: dòng ví dụ "Ví dụ: Sở Y tế", đã bỏ qua',
        'a.xlsx[Hệ thống, thiết bị]:2: dòng ví dụ "Ví dụ: Cổng thông tin điện tử Sở Y tế", đã bỏ qua',
    ]
