"""Lists the columns of the inventory's tables and the English and Vietnamese headers people write for them.

Headers are compared without accents, case, punctuation and spaces, and once more without their text in brackets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from inventory.word_matching import fold, nearest


class Column(StrEnum):
    """Names the columns of the table of targets; units have the first four, coordinates, the contact and two dates."""

    AGENCY_CODE = "agency_code"
    AGENCY_NAME = "agency_name"
    PARENT_CODE = "parent_code"
    UNIT_LEVEL = "unit_level"
    ID = "id"
    SITE = "site"
    COORDINATES = "coordinates"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    NAME = "name"
    KIND = "kind"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    FQDN = "fqdn"
    SERVICES = "services"
    NETWORK = "network"
    EXPECTED_IPV6 = "expected_ipv6"
    SNMP_PROFILE = "snmp_profile"
    CLEARANCE = "clearance"
    AUTHORISATION = "authorisation"
    CONTACT = "contact"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"
    BANDWIDTH_MBPS = "bandwidth_mbps"
    PROVIDER = "provider"
    CHANNEL = "channel"
    DEVICE = "device"
    ACTIVATED = "activated"
    EXPECTED_ASN = "expected_asn"
    ALLOWED_PORTS = "allowed_ports"
    SECURITY_LEVEL = "security_level"
    TEST_URL = "test_url"
    TAGS = "tags"
    NOTE = "note"

    # The table of exemptions.
    SUBJECT = "subject"
    AGENCY = "agency"
    CHECK_PREFIX = "check_prefix"
    REASON = "reason"
    SIGNATORY = "signatory"
    FROM = "from"
    UNTIL = "until"

    ORDINAL = "stt"  # the running number of every Vietnamese form; read and dropped


class TableKind(StrEnum):
    """Names the kinds of a table's rows. The values are the keys of the YAML form."""

    TARGETS = "targets"
    UNITS = "units"
    EXEMPTIONS = "exemptions"


_EXEMPTION = frozenset(
    {
        Column.SUBJECT,
        Column.AGENCY,
        Column.CHECK_PREFIX,
        Column.REASON,
        Column.SIGNATORY,
        Column.FROM,
        Column.UNTIL,
        Column.NOTE,
        Column.ORDINAL,
    }
)
_UNIT = frozenset(
    {
        Column.AGENCY_CODE,
        Column.AGENCY_NAME,
        Column.PARENT_CODE,
        Column.UNIT_LEVEL,
        Column.COORDINATES,
        Column.LATITUDE,
        Column.LONGITUDE,
        Column.CONTACT,
        Column.VALID_FROM,
        Column.VALID_TO,
        Column.NOTE,
        Column.ORDINAL,
    }
)
COLUMNS: Mapping[TableKind, frozenset[Column]] = {
    TableKind.TARGETS: frozenset(Column) - (_EXEMPTION - _UNIT),
    TableKind.UNITS: _UNIT,
    TableKind.EXEMPTIONS: _EXEMPTION,
}

_SHARED: Mapping[Column, str] = {
    Column.AGENCY_CODE: "agency; mã đơn vị; mã cơ quan; mã cơ quan, đơn vị; mã định danh đơn vị; "
    "mã định danh điện tử; mã đv",
    Column.AGENCY_NAME: "đơn vị; tên đơn vị; cơ quan; tên cơ quan; cơ quan, đơn vị; đơn vị quản lý; đơn vị chủ quản; "
    "cơ quan chủ quản; tên cơ quan, đơn vị; đơn vị sử dụng; đơn vị, địa phương; tên đơn vị, địa phương; "
    "cơ quan, địa phương; xã, phường; tên xã, phường; tên xã",
    Column.PARENT_CODE: "parent; mã đơn vị cấp trên; mã cơ quan, đơn vị cấp trên; mã cấp trên; "
    "mã đơn vị cha; mã cơ quan cấp trên; đơn vị cấp trên",
    Column.UNIT_LEVEL: "level; cấp; cấp đơn vị; cấp của cơ quan, đơn vị; cấp hành chính; loại đơn vị",
    Column.COORDINATES: "coordinate; gps; tọa độ; tọa độ gps; tọa độ địa lý; vĩ độ, kinh độ; lat/long; lat, lon",
    Column.LATITUDE: "lat; vĩ độ",
    Column.LONGITUDE: "lon; lng; long; kinh độ",
    Column.VALID_FROM: "hiệu lực từ; có hiệu lực từ; từ ngày; ngày hiệu lực; ngày bắt đầu",
    Column.VALID_TO: "valid_until; hiệu lực đến; có hiệu lực đến; đến ngày; hết hiệu lực; ngày hết hiệu lực; "
    "ngày kết thúc",
    Column.CONTACT: "liên hệ; người liên hệ; đầu mối; đầu mối liên hệ; người phụ trách; cán bộ phụ trách; "
    "cán bộ đầu mối; thông tin liên hệ",
    Column.NOTE: "notes; comment; remark; remarks; ghi chú; chú thích",
    Column.ORDINAL: "tt; số tt; số thứ tự; no; no.; #",
}
_TARGETS: Mapping[Column, str] = {
    Column.ID: "mã; mã số; mã định danh; mã thiết bị; mã hệ thống; mã đối tượng",
    Column.SITE: "location; địa điểm; vị trí; nơi đặt; nơi lắp đặt; địa điểm lắp đặt; vị trí lắp đặt; điểm; trụ sở; "
    "địa chỉ lắp đặt; địa chỉ trụ sở; địa chỉ đặt thiết bị",
    Column.NAME: "host; device_name; tên; tên hệ thống; tên thiết bị; tên đối tượng; tên máy chủ; tên điểm; "
    "tên điểm kết nối; tên trang; tên trang thông tin điện tử; tên cổng; hệ thống; đối tượng; "
    "hệ thống, thiết bị; thiết bị, hệ thống; tên hệ thống, thiết bị; tên thiết bị, hệ thống; hệ thống thông tin; "
    "tên hệ thống thông tin; tên cổng, trang; cổng, trang thông tin điện tử; tên cổng, trang thông tin điện tử",
    Column.KIND: "type; role; loại; loại hình; loại đối tượng; loại hệ thống; loại thiết bị; vai trò; chủng loại; "
    "chủng loại thiết bị",
    Column.IPV4: "ip; ip address; ipv4 address; địa chỉ ip; địa chỉ ipv4; ip v4; địa chỉ; ip public; địa chỉ ip public",
    Column.IPV6: "ipv6 address; địa chỉ ipv6; địa chỉ ip v6; ip v6",
    Column.FQDN: "hostname; domain; domain name; dns name; tên miền; tên miền đầy đủ; địa chỉ truy cập; "
    "website; địa chỉ website; tên miền, url",
    Column.SERVICES: "service; ports; dịch vụ; các dịch vụ; cổng dịch vụ",
    Column.NETWORK: "mạng; mạng kết nối; thuộc mạng; hệ thống mạng",
    Column.EXPECTED_IPV6: "expected; yêu cầu ipv6; ipv6 mong đợi; trạng thái ipv6; trạng thái ipv6 mong đợi; "
    "kế hoạch ipv6; lộ trình ipv6",
    Column.SNMP_PROFILE: "snmp; hồ sơ snmp; cấu hình snmp",
    Column.CLEARANCE: "mức; mức kiểm tra; mức độ kiểm tra; mức cho phép; phạm vi cho phép",
    Column.AUTHORISATION: "authorization; văn bản cho phép; văn bản đồng ý; văn bản ủy quyền; văn bản uỷ quyền; "
    "ủy quyền; cho phép",
    Column.BANDWIDTH_MBPS: "bandwidth; băng thông; băng thông mbps; tốc độ; tốc độ mbps",
    Column.PROVIDER: "isp; nhà cung cấp; nhà mạng; doanh nghiệp cung cấp; đơn vị cung cấp; nhà cung cấp dịch vụ",
    Column.CHANNEL: "kênh; kênh truyền; mã kênh; loại kênh; kênh kết nối; số hiệu kênh",
    Column.DEVICE: "thiết bị; thiết bị đầu cuối; model; thiết bị kết nối",
    Column.ACTIVATED: "activation date; ngày kích hoạt; ngày hoạt động; ngày đưa vào sử dụng; ngày đấu nối; "
    "ngày khai trương",
    Column.EXPECTED_ASN: "asn; as; số hiệu mạng; asn mong đợi; số hiệu mạng mong đợi",
    Column.ALLOWED_PORTS: "cổng được phép; cổng cho phép; các cổng được phép; cổng mở",
    Column.SECURITY_LEVEL: "cấp độ; cấp độ an toàn; cấp độ attt; cấp độ an toàn thông tin; "
    "cấp độ an toàn hệ thống thông tin",
    Column.TEST_URL: "url; url kiểm tra; địa chỉ kiểm tra; đường dẫn kiểm tra; đường dẫn",
    Column.TAGS: "tag; label; labels; nhãn; thẻ; các nhãn",
}
_EXEMPTIONS: Mapping[Column, str] = {
    Column.SUBJECT: "đối tượng; hệ thống; tên hệ thống; thiết bị; hệ thống, thiết bị",
    Column.AGENCY: "agency_code; mã đơn vị; đơn vị; mã cơ quan; cơ quan, đơn vị; mã cơ quan, đơn vị",
    Column.CHECK_PREFIX: "check; checks; prefix; mã kiểm tra; phép thử; mã phép thử; mục kiểm tra; nội dung kiểm tra",
    Column.REASON: "lý do; lí do; lý do miễn trừ",
    Column.SIGNATORY: "signed_by; by; người ký; người phê duyệt; người duyệt",
    Column.FROM: "valid_from; từ; từ ngày; hiệu lực từ",
    Column.UNTIL: "to; valid_to; valid_until; đến; đến ngày; hiệu lực đến; thời hạn; hết hạn",
    Column.NOTE: _SHARED[Column.NOTE],
    Column.ORDINAL: _SHARED[Column.ORDINAL],
}


SECOND_CHOICES: Mapping[Column, str] = {
    Column.FQDN: "link; đường link; địa chỉ trang; địa chỉ cổng; địa chỉ trang thông tin điện tử; "
    "địa chỉ cổng thông tin điện tử; địa chỉ truy cập internet; trang web; web; địa chỉ web; địa chỉ trang web; "
    "link website; đường dẫn website; cổng thông tin điện tử; trang thông tin điện tử; "
    "cổng/trang thông tin điện tử; tên miền thư điện tử; tên miền thư; tên miền email",
    Column.CONTACT: "email; thư điện tử; email liên hệ; địa chỉ email",
    Column.IPV4: "ip quản trị; địa chỉ quản trị; địa chỉ ip quản trị; management ip; mgmt ip; ip management; "
    "management address; ip thiết bị; địa chỉ ip thiết bị; ip máy chủ; địa chỉ ip máy chủ; ip wan; wan ip; "
    "địa chỉ ip wan; địa chỉ wan; ip kết nối; địa chỉ ip kết nối; ip điểm kết nối; địa chỉ ip điểm kết nối",
}
"""Titles of a table of targets that mean a column only where no other title of the table does: a list with an address
for everybody and one for management is measured at the first. Addresses so only where the table has no domain names,
for a web site is not at the address by which its server is managed. Domain names and addresses also where a table has
but names of agencies beside them."""

_TABLES: Mapping[TableKind, tuple[Mapping[Column, str], ...]] = {
    TableKind.TARGETS: (_SHARED, _TARGETS),
    TableKind.UNITS: (_SHARED,),
    TableKind.EXEMPTIONS: (_EXEMPTIONS,),
}


def spellings(kind: TableKind) -> Mapping[Column, tuple[str, ...]]:
    """Return the titles that are read as each column, beside its own name."""
    return {
        column: tuple(name.strip() for name in names.split(";"))
        for table in _TABLES[kind]
        for column, names in table.items()
        if column in COLUMNS[kind]
    }


def _known(kind: TableKind) -> Mapping[str, Column]:
    known = {fold(column): column for column in COLUMNS[kind]}
    for column, names in spellings(kind).items():
        known.update({fold(name): column for name in names if fold(name)})
    return known


_KNOWN: Mapping[TableKind, Mapping[str, Column]] = {kind: _known(kind) for kind in TableKind}
_SECOND = {column: frozenset(map(fold, names.split(";"))) for column, names in SECOND_CHOICES.items()}
_OF_UNITS = frozenset({Column.AGENCY_CODE, Column.PARENT_CODE, Column.UNIT_LEVEL, Column.COORDINATES})
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HEADER_LENGTH = 100


def recognise(header: str, kind: TableKind) -> Column | None:
    """Return the column that a header means in a table of this kind."""
    if len(header) > _HEADER_LENGTH:
        return None
    known = _KNOWN[kind]
    return known.get(fold(header)) or known.get(fold(_BRACKETS.sub("", header)))


def nearest_column(header: str, kind: TableKind) -> str:
    """Return the column that a header was probably meant to be, by any of its spellings."""
    spelling = nearest(header, _KNOWN[kind])
    return _KNOWN[kind][fold(spelling)].value if spelling else ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Holds a header row interpreted as that of a table of one kind."""

    kind: TableKind
    columns: tuple[Column | None, ...]
    untitled: frozenset[int] = frozenset()  # positions, from 1, whose header is empty

    @property
    def count(self) -> int:
        return len({column for column in self.columns if column and column is not Column.ORDINAL})


def read_header(cells: tuple[str, ...]) -> Recognised:
    """Return the kind of table with these columns: targets unless it clearly is one of the other two."""
    untitled = frozenset(position for position, cell in enumerate(cells, 1) if not cell.strip())
    seen = {kind: Recognised(kind, tuple(recognise(cell, kind) for cell in cells), untitled) for kind in TableKind}
    exemptions = seen[TableKind.EXEMPTIONS]
    targets = _with_second_choices(seen[TableKind.TARGETS], cells)
    if Column.CHECK_PREFIX in exemptions.columns and exemptions.count > targets.count:
        return exemptions  # "mục kiểm tra" of exemptions and "mức kiểm tra" of targets differ only in accents
    about_units = {Column.AGENCY_CODE, Column.AGENCY_NAME} & set(seen[TableKind.UNITS].columns)
    if about_units and targets.count == seen[TableKind.UNITS].count and Column.KIND not in targets.columns:
        return seen[TableKind.UNITS]
    return targets


def _with_second_choices(header: Recognised, cells: tuple[str, ...]) -> Recognised:
    """Return the header with the first title of each second choice, for columns that no title names."""
    named = Column.NAME in header.columns or Column.FQDN in header.columns
    columns = list(header.columns)
    for column, titles in _SECOND.items():
        if not named and (column is Column.CONTACT or not _lists_agencies_by_name(header)):
            continue
        if column in columns or (column is Column.IPV4 and Column.FQDN in columns):
            continue
        meant = (position for position, title in enumerate(cells) if not columns[position] and _folded(title) & titles)
        for position in islice(meant, 1):
            columns[position] = column
    return replace(header, columns=tuple(columns))


def _lists_agencies_by_name(header: Recognised) -> bool:
    """True for a list of agencies by name alone, as one of their sites or lines has; codes and levels tell of units."""
    return Column.AGENCY_NAME in header.columns and not _OF_UNITS & set(header.columns)


def _folded(title: str) -> frozenset[str]:
    """Return a title with and without its text in brackets; nothing for one that is too long for a title."""
    return frozenset() if len(title) > _HEADER_LENGTH else frozenset({fold(title), fold(_BRACKETS.sub("", title))})
