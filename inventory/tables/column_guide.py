"""Describes each column of the tables, with an example, for the template workbook and the reference document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.kinds import ROW_KINDS
from inventory.model import DEVICE_KINDS, Kind
from inventory.tables.columns import Column, TableKind
from inventory.tables.display_names import (
    CLEARANCE_NAMES,
    KIND_NAMES,
    LEVEL_NAMES,
    NETWORK_NAMES,
    DisplayNames,
    column_name,
)
from inventory.tables.written_tables import ORDER

ALL = frozenset(kind for kind in Kind if kind is not Kind.UNIT)
_POINTS = frozenset({Kind.CONNECTION_POINT})


@dataclass(frozen=True, slots=True)
class ColumnGuide:
    """Holds a column's meaning, an example and the kinds of subjects that need it; empty: no column of targets."""

    meaning: DisplayNames
    example: str
    kinds: frozenset[Kind] = ALL


GUIDE: Mapping[Column, ColumnGuide] = {
    Column.AGENCY_CODE: ColumnGuide(
        DisplayNames("Mã định danh điện tử của cơ quan, đơn vị chủ quản", "Code of the agency that owns the subject"),
        "H15.05",
    ),
    Column.AGENCY_NAME: ColumnGuide(
        DisplayNames("Tên cơ quan, đơn vị chủ quản", "Name of the agency that owns the subject"), "Sở Y tế"
    ),
    Column.PARENT_CODE: ColumnGuide(
        DisplayNames(
            "Mã hoặc tên của cơ quan, đơn vị cấp trên trực tiếp", "Code or name of the unit that the agency is part of"
        ),
        "H15",
    ),
    Column.UNIT_LEVEL: ColumnGuide(
        DisplayNames(
            "Cấp của cơ quan, đơn vị: cấp tỉnh; sở, ban, ngành; xã, phường", "Level of the agency in the tree of units"
        ),
        "department",
    ),
    Column.ID: ColumnGuide(
        DisplayNames(
            "Mã cố định của đối tượng; để trống thì dùng tên. Không dùng lại mã cũ cho đối tượng khác",
            "A fixed id of the subject; the name where it is empty. Never give an id to another subject",
        ),
        "SYT-RT-01",
    ),
    Column.SITE: ColumnGuide(DisplayNames("Nơi đặt thiết bị", "Where the device stands"), "Trụ sở Sở Y tế"),
    Column.COORDINATES: ColumnGuide(
        DisplayNames(
            "Vĩ độ rồi kinh độ, để vẽ bản đồ xã, phường; có thể ghi ở hai cột Vĩ độ và Kinh độ",
            "Latitude, then longitude, for the map of communes; or in two columns, latitude and longitude",
        ),
        "12.68, 108.04",
    ),
    Column.LATITUDE: ColumnGuide(DisplayNames("Vĩ độ, tính bằng độ", "Latitude in degrees"), "12.68"),
    Column.LONGITUDE: ColumnGuide(DisplayNames("Kinh độ, tính bằng độ", "Longitude in degrees"), "108.04"),
    Column.NAME: ColumnGuide(
        DisplayNames(
            "Tên đối tượng, không trùng trong cùng một cơ quan, đơn vị", "Name of the subject, unique within its agency"
        ),
        "Cổng Sở Y tế",
    ),
    Column.KIND: ColumnGuide(
        DisplayNames("Loại đối tượng, chọn trong danh sách", "What the subject is, one of a closed list"), "portal"
    ),
    Column.IPV4: ColumnGuide(
        DisplayNames("Một hoặc nhiều địa chỉ IPv4; không ghi DHCP", "One or several IPv4 addresses"), "203.0.113.10"
    ),
    Column.IPV6: ColumnGuide(
        DisplayNames("Một hoặc nhiều địa chỉ IPv6", "One or several IPv6 addresses"), "2001:db8:10::10"
    ),
    Column.FQDN: ColumnGuide(
        DisplayNames("Tên miền đầy đủ; mỗi dòng một tên", "The full domain name, one in a row"), "soyte.tinh.gov.vn"
    ),
    Column.SERVICES: ColumnGuide(
        DisplayNames(
            "Dịch vụ và cổng; để trống thì theo loại, none là không có", "Services with ports; by kind where empty"
        ),
        "https:443 ssh:22",
    ),
    Column.NETWORK: ColumnGuide(
        DisplayNames(
            "Mạng mà đối tượng phải truy cập được: Internet hoặc TSLCD", "The network it must be reachable from"
        ),
        "internet",
    ),
    Column.EXPECTED_IPV6: ColumnGuide(
        DisplayNames(
            "bắt buộc; kế hoạch:THÁNG; miễn trừ:LÝ DO;người ký=HỌ TÊN;đến ngày=NGÀY",
            "required; planned:MONTH; exempt:REASON;by=WHO;until=DATE",
        ),
        "planned:2027-06",
    ),
    Column.SNMP_PROFILE: ColumnGuide(
        DisplayNames(
            "Tên hồ sơ SNMP trong tệp cấu hình; không ghi mật khẩu ở đây",
            "Name of an SNMP profile of the configuration; never a password",
        ),
        "routers",
        DEVICE_KINDS | _POINTS,
    ),
    Column.CLEARANCE: ColumnGuide(
        DisplayNames("Mức kiểm tra được phép: thụ động, thông thường, chuyên sâu", "How far probes may go"), "normal"
    ),
    Column.AUTHORISATION: ColumnGuide(
        DisplayNames("Số văn bản cho phép kiểm tra chuyên sâu", "The document that allows intrusive probes"),
        "15/QĐ-SYT",
    ),
    Column.CONTACT: ColumnGuide(
        DisplayNames(
            "Người hoặc bộ phận phụ trách. Ở bảng cơ quan, đơn vị: đầu mối của cả cơ quan, đơn vị",
            "Who answers for the subject; in the table of units, for the whole agency",
        ),
        "Nguyễn Văn An, 0262 3850 000",
    ),
    Column.VALID_FROM: ColumnGuide(DisplayNames("Ngày bắt đầu có hiệu lực", "First day it is in force"), "2026-01-01"),
    Column.VALID_TO: ColumnGuide(DisplayNames("Ngày hết hiệu lực", "Last day it is in force"), "2026-12-31"),
    Column.BANDWIDTH_MBPS: ColumnGuide(
        DisplayNames("Băng thông đăng ký, tính theo Mbps", "Bandwidth of the contract, in Mbit/s"), "100", _POINTS
    ),
    Column.PROVIDER: ColumnGuide(DisplayNames("Nhà cung cấp đường truyền", "Provider of the line"), "VNPT", _POINTS),
    Column.CHANNEL: ColumnGuide(DisplayNames("Số hiệu kênh truyền", "Identifier of the line"), "DLK-0123", _POINTS),
    Column.DEVICE: ColumnGuide(
        DisplayNames(
            "Thiết bị đầu cuối của điểm kết nối, hoặc hãng và kiểu thiết bị",
            "The device of a connection point, or make and model",
        ),
        "Cisco C1111-8P",
        DEVICE_KINDS | _POINTS,
    ),
    Column.ACTIVATED: ColumnGuide(
        DisplayNames("Ngày đưa vào sử dụng", "Day it was put into service"), "2026-03-01", _POINTS
    ),
    Column.EXPECTED_ASN: ColumnGuide(
        DisplayNames(
            "Số hiệu mạng (ASN) được quảng bá địa chỉ, có thể nhiều số", "ASes that may announce the addresses"
        ),
        "AS131340, AS45899",
    ),
    Column.ALLOWED_PORTS: ColumnGuide(DisplayNames("Các cổng được phép mở", "Ports that may be open"), "80 443 8443"),
    Column.SECURITY_LEVEL: ColumnGuide(
        DisplayNames(
            "Cấp độ an toàn hệ thống thông tin, từ 1 đến 5", "Security level of the information system, 1 to 5"
        ),
        "3",
    ),
    Column.TEST_URL: ColumnGuide(
        DisplayNames(
            "Trang cần kiểm tra nếu không phải trang chủ; nếu là tệp (.pdf, .zip, …) thì dùng để thử truyền tệp lớn",
            "The page to test where it is not the first page; a file (.pdf, .zip, …) is used to test large transfers",
        ),
        "https://soyte.tinh.gov.vn/tra-cuu",
    ),
    Column.TAGS: ColumnGuide(
        DisplayNames("Các nhãn, cách nhau bằng dấu cách", "Tags, separated by blanks"), "dkim=s1 no-echo"
    ),
    Column.NOTE: ColumnGuide(
        DisplayNames("Ghi chú; chương trình không xử lý", "A note; nothing is done with it"), "Mới thay"
    ),
    Column.SUBJECT: ColumnGuide(
        DisplayNames("Mã hoặc tên của đối tượng được miễn", "Id or name of the exempt subject"),
        "SYT-RT-01",
        frozenset(),
    ),
    Column.AGENCY: ColumnGuide(
        DisplayNames("Mã hoặc tên của cơ quan, đơn vị được miễn", "Code or name of the exempt agency"),
        "H15.05",
        frozenset(),
    ),
    Column.CHECK_PREFIX: ColumnGuide(
        DisplayNames("Mã kiểm tra, hoặc phần đầu của mã", "A check, or the beginning of its id"),
        "ipv6.mail",
        frozenset(),
    ),
    Column.REASON: ColumnGuide(DisplayNames("Lý do miễn", "Why"), "Chuyển sang hệ thống của tỉnh", frozenset()),
    Column.SIGNATORY: ColumnGuide(DisplayNames("Người ký", "Who signed"), "Giám đốc Sở Y tế", frozenset()),
    Column.FROM: ColumnGuide(DisplayNames("Từ ngày", "First day"), "2026-01-01", frozenset()),
    Column.UNTIL: ColumnGuide(DisplayNames("Đến ngày", "Last day"), "2026-12-31", frozenset()),
    Column.ORDINAL: ColumnGuide(
        DisplayNames("Số thứ tự; chương trình bỏ qua", "Running number; left out"), "1", frozenset()
    ),
}

COLUMN_VALUES: Mapping[Column, Sequence[DisplayNames]] = {
    Column.KIND: [KIND_NAMES[kind] for kind in ROW_KINDS],
    Column.NETWORK: list(NETWORK_NAMES.values()),
    Column.CLEARANCE: list(CLEARANCE_NAMES.values()),
    Column.UNIT_LEVEL: list(LEVEL_NAMES.values()),
}
"""The words of the columns that have a closed list."""


def guide_rows(lang: str) -> tuple[tuple[str, str, str], ...]:
    """Return the name, the meaning and an example of each column of targets; of a closed list all its words."""
    return tuple(
        (column_name(column, lang), GUIDE[column].meaning.of(lang), _example(column, lang))
        for column in ORDER[TableKind.TARGETS]
    )


def _example(column: Column, lang: str) -> str:
    if column in COLUMN_VALUES:
        return "; ".join(names.of(lang) for names in COLUMN_VALUES[column])
    return GUIDE[column].example
