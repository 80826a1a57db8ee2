"""What a row of an office's table is besides an entry: a total, the beginning of the signatures, a group heading.

Only wording decides, and never about a row that names a known kind, an address or a domain name.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum

from inventory.columns import Column
from inventory.kinds import KIND_WORDS
from inventory.words import fold

_REACHED_BY = frozenset({Column.IPV4, Column.IPV6, Column.FQDN})
_NAMING = frozenset({Column.NAME, Column.AGENCY_NAME})
_REACHABLE = re.compile(r"\d\.\d{1,3}\.\d|:[0-9a-f]{0,4}:|[a-z0-9]\.[a-z]{2}", re.IGNORECASE)
_NUMBERS_STAND_IN = frozenset({None, Column.ORDINAL})
"""A letter or numeral in any other column is what that column asks for: a host may be named ``x``."""
_SHORT = 3
"""Cells that a row of signatures has at most: up to three people sign beside each other."""
_TEXT = 300
_TOTAL = re.compile(
    r"(tổng cộng|tổng số|tong cong(?! ty)|tong so|total|sub-?total|grand total)\b"
    r"|(tổng|cộng)\s*($|[:\d(])"
    r"|danh sách( này)? (gồm có|gồm|có)( tất cả)? \d"
)
_SIGNATURE = re.compile(
    r"\(?\s*(ký|ky)( tên|,| và| ghi| rõ|\))|\(?\s*(đóng dấu|họ và tên|họ tên)"
    r"|(người|nguoi|cán bộ|can bo) (lập|lap|tổng hợp|tong hop|báo cáo|bao cao)\b"
    r"|(tm|kt|tl|tuq|q)\.\s*\w"
    r"|(phó )?(thủ trưởng|giám đốc|chủ tịch|trưởng phòng|chánh văn phòng)( đơn vị| cơ quan| sở| ubnd.*)?\s*($|\()"
    r"|(thu truong|giam doc|chu tich)( don vi)?\s*$"
    r"|xác nhận( của)?\b|nơi nhận\s*(:|$)|[^|]{0,40}ngày[ .…_\d]{1,12}tháng[ .…_\d]{1,12}năm"
)
_AGENCY = re.compile(
    r"(sở|ban|ubnd|ủy ban|uỷ ban|hđnd|hội|văn phòng|chi cục|cục|trung tâm|phòng|xã|phường|đặc khu|thị trấn|huyện"
    r"|thành phố|tỉnh|công an|đảng ủy|đảng uỷ|tỉnh ủy|tỉnh uỷ|trường|bệnh viện|báo|đài|thanh tra|bộ chỉ huy"
    r"|liên đoàn|mặt trận|ubmttq)\b"
)
_EXAMPLE = re.compile(r"(ví dụ|vd|example)\s*:")
_GROUP_NUMBER = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,4})(ix|iv|v?i{0,3})\.?|[a-h]\.?|", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:[IVXLC]{1,6}|[A-H])[.)]\s+(?=\S)")


class Role(Enum):
    """What a row is in its table."""

    ENTRY = "entry"
    TOTAL = "total"
    SIGNATURE = "signature"
    AGENCY_HEADING = "agency-heading"
    GROUP_HEADING = "group-heading"
    EXAMPLE = "example"


def role_of(cells: Sequence[str], columns: Sequence[Column | None]) -> Role:
    """The role of a row; ENTRY unless its wording is that of something else."""
    filled = [(position, _plain(text)) for position, text in enumerate(cells) if text.strip()]
    if example_name(cells, columns):
        return Role.EXAMPLE
    if not filled or describes_entry(cells, columns):
        return Role.ENTRY
    texts = [text for _, text in filled]
    if any(map(_TOTAL.match, texts[:2])):
        return Role.TOTAL
    if len(filled) <= _SHORT and any(map(_SIGNATURE.match, texts)):
        return Role.SIGNATURE
    return _heading(filled, columns)


def describes_entry(cells: Sequence[str], columns: Sequence[Column | None]) -> bool:
    """Whether the row names a known kind, an address or a domain name where these belong."""
    for text, column in zip(cells, columns, strict=False):
        if column is Column.KIND and fold(text[:_TEXT]) in KIND_WORDS:
            return True
        if column in _REACHED_BY and _REACHABLE.search(text[:_TEXT]):
            return True
    return False


def example_name(cells: Sequence[str], columns: Sequence[Column | None]) -> str:
    """The name that says that its row is an example, empty in other rows: a note may begin with an example too."""
    for text, column in zip(cells, columns, strict=False):
        if column in _NAMING and _EXAMPLE.match(_plain(text)):
            return " ".join(text.split())
    return ""


def is_sparse(cells: Sequence[str]) -> bool:
    """Whether the row has no more cells than signatures have."""
    return sum(bool(text.strip()) for text in cells) <= _SHORT


def heading_text(cells: Sequence[str]) -> str:
    """The text of a heading without its number."""
    texts = [text.strip() for text in cells if text.strip()]
    return _NUMBERED.sub("", texts[-1] if texts else "", count=1)


def _heading(filled: Sequence[tuple[int, str]], columns: Sequence[Column | None]) -> Role:
    """``I | Sở Y tế`` or ``I. Sở Y tế`` alone in its row."""
    position, text = filled[-1]
    number = filled[0][1] if len(filled) == 2 and _column(filled[0][0], columns) in _NUMBERS_STAND_IN else ""
    numbered = bool(number and _GROUP_NUMBER.fullmatch(number)) or bool(_NUMBERED.match(text.upper()))
    ordinal = _column(filled[0][0], columns) is Column.ORDINAL
    if len(filled) > 2 or (len(filled) == 2 and not numbered):
        return Role.ENTRY
    title = _NUMBERED.sub("", text.upper(), count=1).casefold()
    is_agency = bool(_AGENCY.match(title)) and fold(title) not in KIND_WORDS
    if not numbered and not (is_agency and ordinal and position == filled[0][0]):
        return Role.ENTRY
    return Role.AGENCY_HEADING if is_agency else Role.GROUP_HEADING


def _column(position: int, columns: Sequence[Column | None]) -> Column | None:
    return columns[position] if position < len(columns) else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_TEXT]).casefold().split())
