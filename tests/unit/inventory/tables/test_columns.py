import pytest

from inventory.tables.columns import COLUMNS, Column, TableKind, nearest_column, read_header, recognise

_PROMISED = """
id agency_code agency_name parent_code unit_level site name kind ipv4 ipv6 fqdn services network
coordinates latitude longitude
expected_ipv6 snmp_profile clearance authorisation contact valid_from valid_to bandwidth_mbps
provider channel device activated expected_asn allowed_ports security_level test_url tags note
"""
_NAMES = sorted(_PROMISED.split())


@pytest.mark.parametrize("name", _NAMES)
def test_every_promised_column_is_known(name: str) -> None:
    assert recognise(name, TableKind.TARGETS) == name
    assert recognise(f" {name.replace('_', ' ').upper()} ", TableKind.TARGETS) == name


def test_no_column_beyond_those_but_the_running_number() -> None:
    assert COLUMNS[TableKind.TARGETS] == set(map(Column, _NAMES)) | {Column.ORDINAL}


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Tên", Column.NAME),
        ("Tên hệ thống", Column.NAME),
        ("TÊN THIẾT BỊ", Column.NAME),
        ("Tên thiết bị / hệ thống", Column.NAME),
        ("Hệ thống, thiết bị", Column.NAME),
        ("Cổng/Trang thông tin điện tử", Column.NAME),
        ("Đơn vị sử dụng", Column.AGENCY_NAME),
        ("Xã/Phường", Column.AGENCY_NAME),
        ("Tên miền/URL", Column.FQDN),
        ("Vị trí lắp đặt", Column.SITE),
        ("ten he thong", Column.NAME),
        ("Loại", Column.KIND),
        ("role", Column.KIND),
        ("Địa chỉ IP", Column.IPV4),
        ("IPv4", Column.IPV4),
        ("Địa chỉ IPv6", Column.IPV6),
        ("Địa chỉ IP v6", Column.IPV6),
        ("Đơn vị", Column.AGENCY_NAME),
        ("Mã đơn vị", Column.AGENCY_CODE),
        ("Mã cơ quan, đơn vị", Column.AGENCY_CODE),
        ("Tên cơ quan, đơn vị", Column.AGENCY_NAME),
        ("Mã đơn vị cấp trên", Column.PARENT_CODE),
        ("level", Column.UNIT_LEVEL),
        ("Cấp", Column.UNIT_LEVEL),
        ("Tên miền", Column.FQDN),
        ("Dịch vụ", Column.SERVICES),
        ("Mạng", Column.NETWORK),
        ("Yêu cầu IPv6", Column.EXPECTED_IPV6),
        ("Ghi chú", Column.NOTE),
        ("Băng thông (Mbps)", Column.BANDWIDTH_MBPS),
        ("Tọa độ (vĩ độ, kinh độ)", Column.COORDINATES),
        ("Toạ độ", Column.COORDINATES),
        ("VĨ ĐỘ", Column.LATITUDE),
        ("Kinh độ", Column.LONGITUDE),
        ("Băng thông\n[Mb/s]", Column.BANDWIDTH_MBPS),
        ("Ngày kích hoạt:", Column.ACTIVATED),
        ("Cấp độ ATTT", Column.SECURITY_LEVEL),
        ("Cổng được phép", Column.ALLOWED_PORTS),
        ("Người liên hệ", Column.CONTACT),
        ("STT", Column.ORDINAL),
        ("Số TT", Column.ORDINAL),
        ("màu sắc", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_headers_of_targets(header: str, column: Column | None) -> None:
    assert recognise(header, TableKind.TARGETS) is column


@pytest.mark.parametrize(
    ("header", "suggested"), [("Tên hệ thốngg", "name"), ("servces", "services"), ("levl", "unit_level"), ("xyz", "")]
)
def test_the_nearest_column(header: str, suggested: str) -> None:
    assert nearest_column(header, TableKind.TARGETS) == suggested


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("name kind agency_code", TableKind.TARGETS),
        ("agency_code agency_name parent_code level", TableKind.UNITS),
        ("Mã_đơn_vị Tên_đơn_vị Cấp", TableKind.UNITS),
        ("subject check_prefix reason signatory from until", TableKind.EXEMPTIONS),
        ("Đơn_vị Phép_thử Lý_do Người_ký Từ_ngày Đến_ngày", TableKind.EXEMPTIONS),
        ("agency_code ipv4", TableKind.TARGETS),
        ("foo bar", TableKind.TARGETS),
    ],
)
def test_a_table_is_known_by_its_columns(header: str, kind: TableKind) -> None:
    assert read_header(tuple(header.split())).kind is kind


def _columns(*titles: str) -> tuple[Column | None, ...]:
    return read_header(titles).columns


def test_management_address_of_a_list_of_devices_is_its_address() -> None:
    assert _columns("TT", "Tên thiết bị", "IP quản trị", "Loại thiết bị", "Email (đầu mối)") == (
        Column.ORDINAL,
        Column.NAME,
        Column.IPV4,
        Column.KIND,
        Column.CONTACT,
    )


def test_management_address_beside_another_address_stays_a_note() -> None:
    assert _columns("Tên", "IP quản trị", "Địa chỉ IP", "Loại") == (Column.NAME, None, Column.IPV4, Column.KIND)


def test_web_site_is_not_at_the_management_address_of_its_server() -> None:
    assert _columns("Tên miền", "IP quản trị", "Loại") == (Column.FQDN, None, Column.KIND)
    assert _columns("IP quản trị", "Tên miền", "Loại") == (None, Column.FQDN, Column.KIND)


def test_first_title_of_a_second_choice_counts() -> None:
    assert _columns("Tên", "Email", "Địa chỉ email", "Loại") == (Column.NAME, Column.CONTACT, None, Column.KIND)


@pytest.mark.parametrize(
    "title", ["Trang web", "Địa chỉ trang thông tin điện tử", "Link", "Cổng thông tin điện tử", "Tên miền thư điện tử"]
)
def test_list_of_agencies_with_their_sites_names_subjects(title: str) -> None:
    found = read_header(("STT", "Tên đơn vị", title))
    assert (found.kind, found.columns) == (TableKind.TARGETS, (Column.ORDINAL, Column.AGENCY_NAME, Column.FQDN))


def test_list_of_communes_with_their_lines_names_subjects() -> None:
    found = read_header(("STT", "Tên xã/phường", "Địa chỉ lắp đặt", "IP WAN", "IP LAN", "Băng thông (Mbps)"))
    assert (found.kind, found.columns) == (
        TableKind.TARGETS,
        (Column.ORDINAL, Column.AGENCY_NAME, Column.SITE, Column.IPV4, None, Column.BANDWIDTH_MBPS),
    )


def test_site_of_a_unit_is_no_subject_in_a_table_of_units() -> None:
    found = read_header(("Mã đơn vị", "Tên đơn vị", "Trang web"))
    assert (found.kind, found.columns) == (TableKind.UNITS, (Column.AGENCY_CODE, Column.AGENCY_NAME, None))


def test_domain_of_mail_beside_a_domain_stays_a_note() -> None:
    assert _columns("Tên miền", "Tên miền thư điện tử", "Loại") == (Column.FQDN, None, Column.KIND)


def test_contact_of_agencies_is_no_subject() -> None:
    assert read_header(("STT", "Tên đơn vị", "Email")).kind is TableKind.UNITS
