"""Names columns and words of closed lists in Vietnamese and English, for messages and workbooks.

Each name can be typed into a table again: ``columns.recognise`` and the tables of ``kinds`` know every one.
"""

from collections.abc import Mapping
from typing import NamedTuple

from inventory.model import Clearance, Kind, Network
from inventory.tables.columns import Column


class DisplayNames(NamedTuple):
    vi: str
    en: str

    def of(self, lang: str) -> str:
        return self.vi if lang.startswith("vi") else self.en


LISTS_SHEET = DisplayNames("Danh sách chọn", "Pick lists")
HELP_SHEET = DisplayNames("Hướng dẫn", "Explanations")
"""Sheets that workbooks made here have beside their tables."""
HELP_HEADER = (
    DisplayNames("Mục", "Item"),
    DisplayNames("Ý nghĩa", "Meaning"),
    DisplayNames("Cách ghi (mẫu)", "Written like"),
)

COLUMN_NAMES: Mapping[Column, str] = {
    Column.AGENCY_CODE: "Mã cơ quan, đơn vị",
    Column.AGENCY_NAME: "Tên cơ quan, đơn vị",
    Column.PARENT_CODE: "Mã cơ quan, đơn vị cấp trên",
    Column.UNIT_LEVEL: "Cấp của cơ quan, đơn vị",
    Column.ID: "Mã định danh",
    Column.SITE: "Địa điểm",
    Column.COORDINATES: "Tọa độ",
    Column.LATITUDE: "Vĩ độ",
    Column.LONGITUDE: "Kinh độ",
    Column.NAME: "Tên",
    Column.KIND: "Loại",
    Column.IPV4: "Địa chỉ IPv4",
    Column.IPV6: "Địa chỉ IPv6",
    Column.FQDN: "Tên miền",
    Column.SERVICES: "Dịch vụ",
    Column.NETWORK: "Mạng",
    Column.EXPECTED_IPV6: "Yêu cầu IPv6",
    Column.SNMP_PROFILE: "Hồ sơ SNMP",
    Column.CLEARANCE: "Mức kiểm tra",
    Column.AUTHORISATION: "Văn bản cho phép",
    Column.CONTACT: "Đầu mối liên hệ",
    Column.VALID_FROM: "Hiệu lực từ",
    Column.VALID_TO: "Hiệu lực đến",
    Column.BANDWIDTH_MBPS: "Băng thông (Mbps)",
    Column.PROVIDER: "Nhà cung cấp",
    Column.CHANNEL: "Kênh truyền",
    Column.DEVICE: "Thiết bị",
    Column.ACTIVATED: "Ngày kích hoạt",
    Column.EXPECTED_ASN: "Số hiệu mạng (ASN)",
    Column.ALLOWED_PORTS: "Cổng được phép",
    Column.SECURITY_LEVEL: "Cấp độ an toàn",
    Column.TEST_URL: "URL kiểm tra",
    Column.TAGS: "Nhãn",
    Column.NOTE: "Ghi chú",
    Column.SUBJECT: "Đối tượng",
    Column.AGENCY: "Cơ quan, đơn vị",
    Column.CHECK_PREFIX: "Mã kiểm tra",
    Column.REASON: "Lý do",
    Column.SIGNATORY: "Người ký",
    Column.FROM: "Từ ngày",
    Column.UNTIL: "Đến ngày",
    Column.ORDINAL: "STT",
}
"""Vietnamese names of columns; in English a column is shown by its value."""

KIND_NAMES: Mapping[Kind, DisplayNames] = {
    Kind.PORTAL: DisplayNames("cổng thông tin điện tử", "portal"),
    Kind.DVC: DisplayNames("dịch vụ công trực tuyến", "dvc"),
    Kind.COMMUNE_SITE: DisplayNames("trang thông tin điện tử cấp xã", "commune-site"),
    Kind.API: DisplayNames("giao diện lập trình (API)", "api"),
    Kind.ZONE: DisplayNames("tên miền", "zone"),
    Kind.MAIL: DisplayNames("tên miền thư điện tử", "mail"),
    Kind.ROUTER: DisplayNames("bộ định tuyến", "router"),
    Kind.SWITCH: DisplayNames("bộ chuyển mạch", "switch"),
    Kind.ACCESS_SWITCH: DisplayNames("bộ chuyển mạch truy nhập", "access-switch"),
    Kind.FIREWALL: DisplayNames("tường lửa", "firewall"),
    Kind.CONNECTION_POINT: DisplayNames("điểm kết nối TSLCD", "connection-point"),
    Kind.DATACENTRE: DisplayNames("trung tâm dữ liệu", "datacentre"),
    Kind.RESOLVER: DisplayNames("máy chủ phân giải tên miền", "resolver"),
    Kind.HOST: DisplayNames("máy chủ", "host"),
    Kind.UNIT: DisplayNames("cơ quan, đơn vị", "unit"),
}
NETWORK_NAMES: Mapping[Network, DisplayNames] = {
    Network.INTERNET: DisplayNames("Internet", "internet"),
    Network.TSLCD: DisplayNames("mạng TSLCD", "tslcd"),
}
CLEARANCE_NAMES: Mapping[Clearance, DisplayNames] = {
    Clearance.PASSIVE: DisplayNames("thụ động", "passive"),
    Clearance.NORMAL: DisplayNames("thông thường", "normal"),
    Clearance.INTRUSIVE: DisplayNames("chuyên sâu", "intrusive"),
}
LEVEL_NAMES: Mapping[str, DisplayNames] = {
    "province": DisplayNames("cấp tỉnh", "province"),
    "department": DisplayNames("sở, ban, ngành", "department"),
    "commune": DisplayNames("xã, phường", "commune"),
}
_COLUMN_NAMES: Mapping[str, str] = {
    **{column.value: name for column, name in COLUMN_NAMES.items()},
    "target": "mục tiêu",  # of the command line, and of a line of a list of targets
}
_WORDS: Mapping[str, Mapping[str, DisplayNames]] = {
    Column.KIND: {kind.value: names for kind, names in KIND_NAMES.items()},
    Column.NETWORK: {network.value: names for network, names in NETWORK_NAMES.items()},
    Column.CLEARANCE: {clearance.value: names for clearance, names in CLEARANCE_NAMES.items()},
    Column.UNIT_LEVEL: LEVEL_NAMES,
}


def column_name(column: str, lang: str) -> str:
    """Return the name of a column; any other text, such as a title of the operator's own, is its own name."""
    return _COLUMN_NAMES.get(column, column) if lang.startswith("vi") else column


def word_name(column: str, word: str, lang: str) -> str:
    """Return the name of a word of a column's closed list; any other word is its own name."""
    names = _WORDS.get(column, {}).get(word)
    return names.of(lang) if names else word
