"""Recognises rows of an office's table that are no entries: a total, the signatures, a group heading.

Only wording decides, and never about a row that has a running number or a value that only an entry has: a known kind,
an address or a domain name; in units a code, a level or an agency; in exemptions a check.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from inventory.kinds import KIND_WORDS, LEVEL_WORDS
from inventory.tables.columns import Column, TableKind
from inventory.word_matching import fold

_REACHED_BY = frozenset({Column.IPV4, Column.IPV6, Column.FQDN})
_NAMING = frozenset({Column.NAME, Column.AGENCY_NAME})
_CODES = frozenset({Column.AGENCY_CODE, Column.CHECK_PREFIX})
_REACHABLE = re.compile(r"\d\.\d{1,3}\.\d|:[0-9a-f]{0,4}:|[a-z0-9]\.[a-z]{2}", re.IGNORECASE)
_NUMBERS_STAND_IN = frozenset({None, Column.ORDINAL})
"""Columns in which a letter or numeral is a number. In any other it is a value: a host may be named ``x``."""
_SHORT = 3
"""The most cells of a row of signatures: up to three people sign beside each other."""
_TEXT = 300
_TOTAL = re.compile(
    r"(tổng cộng|tổng số|tong cong(?! ty)|tong so|total|sub-?total|grand total)\b"
    r"|(tổng|cộng)\s*($|[:\d(])"
    r"|cộng\b[^|]{0,80}:\s*\d[\d.,]*\s*$"
    r"|danh sách( này)? (gồm có|gồm|có)( tất cả)? \d"
)
_SIGNATURE = re.compile(
    r"\(?\s*(ký|ky)( tên|,| và| ghi| rõ|\))|\(?\s*(đóng dấu|họ và tên|họ tên)"
    r"|(người|nguoi|cán bộ|can bo) (lập|lap|tổng hợp|tong hop|báo cáo|bao cao)\b"
    r"|(tm|kt|tl|tuq|q)\.\s*\w"
    r"|(phó )?(thủ trưởng|giám đốc|chủ tịch|trưởng phòng|chánh văn phòng|chánh án|(viện|(chi )?cục|trạm|hạt) trưởng)"
    r"( đơn vị| cơ quan| sở| ubnd.*)?\s*($|\()"
    r"|(thu truong|giam doc|chu tich)( don vi)?\s*$"
    r"|xác nhận( của)?\b|nơi nhận\s*(:|$)|[^|]{0,40}ngày[ .…_\d]{1,12}tháng[ .…_\d]{1,12}năm"
)
_AGENCY = re.compile(
    r"(sở|ban|ubnd|ủy ban|uỷ ban|hđnd|hội|văn phòng|chi cục|cục|trung tâm|phòng|xã|phường|đặc khu|thị trấn|huyện"
    r"|thành phố|tỉnh|công an|đảng ủy|đảng uỷ|tỉnh ủy|tỉnh uỷ|trường|bệnh viện|báo|đài|thanh tra|bộ chỉ huy"
    r"|liên đoàn|mặt trận|ubmttq|thị xã|tòa án|toà án|viện|trạm|hạt|thư viện|bảo tàng|kho bạc|quỹ|liên hiệp)\b"
    r"(?! trưởng\b)"
)
_REMARK = re.compile(r"\(?[*†]|(ghi chú|lưu ý|chú thích|chú ý|note)s?\s*:|(nguồn|số liệu)\b[^|]{0,60}\d{4}")
_EXAMPLE = re.compile(r"(ví dụ|vd|example)\s*:")
_EXAMPLES_BEGIN = ("v", "V", "e", "E")
_RUNNING_NUMBER = re.compile(r"\(?\d{1,9}(\.\d{1,9}){0,4}[.)]?")
_GROUP_NUMBER = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,4})(ix|iv|v?i{0,3})\.?|[a-h]\.?|", re.IGNORECASE)
_LETTERS = frozenset("ABCDEFGH")
_NUMBERED = re.compile(r"(?:[IVXLC]{1,6}|[A-H])[.)]\s+(?=\S)", re.IGNORECASE)


class Numbering(Enum):
    """Names the numberings of the headings of one level."""

    ROMAN = "roman"
    LETTERS = "letters"


class RowRole(Enum):
    """Names the roles of a row in its table."""

    ENTRY = "entry"
    TOTAL = "total"
    SIGNATURE = "signature"
    AGENCY_HEADING = "agency-heading"
    GROUP_HEADING = "group-heading"
    EXAMPLE = "example"
    REMARK = "remark"


def role_of(cells: Sequence[str], columns: Sequence[Column | None], kind: TableKind, *, ended: bool) -> RowRole:
    """Return the role of a row; ENTRY unless its wording shows another role.

    ``ended`` tells that no row from here on describes an entry: signatures only follow the last of these.
    """
    if example_name(cells, columns):
        return RowRole.EXAMPLE
    if describes_entry(cells, columns, kind):
        return RowRole.ENTRY
    filled = [(position, _plain(text)) for position, text in enumerate(cells) if text.strip()]
    if not filled:
        return RowRole.ENTRY
    texts = [text for _, text in filled]
    if any(map(_TOTAL.match, texts[:2])):
        return RowRole.TOTAL
    if ended and len(filled) <= _SHORT and any(map(_SIGNATURE.match, texts)):
        return RowRole.SIGNATURE
    if len(filled) == 1 and _REMARK.match(texts[0]):
        return RowRole.REMARK
    return _heading(filled, columns) if kind is TableKind.TARGETS else RowRole.ENTRY


def describes_entry(cells: Sequence[str], columns: Sequence[Column | None], kind: TableKind) -> bool:
    """True if the row has a running number, or a value that only an entry of this kind of table has."""
    describes = _DESCRIBING[kind]
    for text, column in zip(cells, columns, strict=False):
        if column is None or not text.strip():
            continue
        if column is Column.ORDINAL and _RUNNING_NUMBER.fullmatch(text.strip()) and not _is_alone(cells):
            return True
        if describes(text[:_TEXT], column) and not (column in _CODES and _is_count(text, cells)):
            return True
    return False


def _is_alone(cells: Sequence[str]) -> bool:
    return sum(bool(text.strip()) for text in cells) <= 1


def _describes_target(text: str, column: Column) -> bool:
    if column is Column.KIND:
        return fold(text) in KIND_WORDS
    return column in _REACHED_BY and bool(_REACHABLE.search(text))


def _describes_unit(text: str, column: Column) -> bool:
    if column is Column.AGENCY_NAME:
        return bool(_AGENCY.match(_plain(_NUMBERED.sub("", text.strip(), count=1)))) and not _signs(text)
    if column is Column.UNIT_LEVEL:
        return fold(text) in LEVEL_WORDS
    return column is Column.AGENCY_CODE and _is_code(text)


def _describes_exemption(text: str, column: Column) -> bool:
    return column is Column.CHECK_PREFIX and _is_code(text)


_DESCRIBING: Mapping[TableKind, Callable[[str, Column], bool]] = {
    TableKind.TARGETS: _describes_target,
    TableKind.UNITS: _describes_unit,
    TableKind.EXEMPTIONS: _describes_exemption,
}


def _is_code(text: str) -> bool:
    """True if the cell for codes holds a code, not the name of a signatory."""
    if _TOTAL.match(_plain(text)):
        return False
    return len(text.split()) == 1 or (any(map(str.isdigit, text)) and not _signs(text))


def _is_count(text: str, cells: Sequence[str]) -> bool:
    """True if a number in the place of a code is the count in a row of totals."""
    return not any(map(str.isalpha, text)) and any(_TOTAL.match(_plain(each)) for each in cells if each.strip())


def _signs(text: str) -> bool:
    return bool(_SIGNATURE.match(_plain(text)))


def example_name(cells: Sequence[str], columns: Sequence[Column | None]) -> str:
    """Return the name that marks its row as an example, empty in other rows: notes may begin with one too."""
    for text, column in zip(cells, columns, strict=False):
        if column in _NAMING and text.lstrip()[:1] in _EXAMPLES_BEGIN and _EXAMPLE.match(_plain(text)):
            return " ".join(text.split())
    return ""


def is_sparse(cells: Sequence[str]) -> bool:
    """True if the row has no more cells than signatures have."""
    return sum(bool(text.strip()) for text in cells) <= _SHORT


def heading_text(cells: Sequence[str]) -> str:
    """Return the text of a heading without its number."""
    texts = [text.strip() for text in cells if text.strip()]
    return _NUMBERED.sub("", texts[-1] if texts else "", count=1)


def numberings(cells: Sequence[str]) -> frozenset[Numbering]:
    """Return the numberings that a heading may belong to: both for ``C`` and ``D``, none where it has no number."""
    texts = [text.strip() for text in cells if text.strip()]
    if not texts:
        return frozenset()
    written = (_GROUP_NUMBER.fullmatch(texts[0]) if len(texts) > 1 else None) or _NUMBERED.match(texts[-1])
    number = written.group().strip().rstrip(".)").upper() if written else ""
    if number in ("C", "D"):
        return frozenset(Numbering)
    if number:
        return frozenset({Numbering.LETTERS if number in _LETTERS else Numbering.ROMAN})
    return frozenset()


def unit_name(name: str, ordinal: str) -> str:
    """Return the name in a row of units without the number of a heading. In ``X. Ea Kar`` the ``X.`` counts nothing."""
    text = name.strip() or ordinal.strip()
    rest = _NUMBERED.sub("", text, count=1)
    return rest if _AGENCY.match(_plain(rest)) or (not name.strip() and rest != text) else name


def _heading(filled: Sequence[tuple[int, str]], columns: Sequence[Column | None]) -> RowRole:
    """Return the role of a row that may be a heading: ``I | Sở Y tế``, or only ``I. Sở Y tế`` in its row."""
    position, text = filled[-1]
    number = filled[0][1] if len(filled) == 2 and _column(filled[0][0], columns) in _NUMBERS_STAND_IN else ""
    numbered = bool(number and _GROUP_NUMBER.fullmatch(number)) or bool(_NUMBERED.match(text))
    ordinal = _column(filled[0][0], columns) is Column.ORDINAL
    if len(filled) > 2 or (len(filled) == 2 and not numbered):
        return RowRole.ENTRY
    title = _NUMBERED.sub("", text, count=1)
    is_agency = bool(_AGENCY.match(title)) and fold(title) not in KIND_WORDS
    if not numbered and not (is_agency and ordinal and position == filled[0][0]):
        return RowRole.ENTRY
    return RowRole.AGENCY_HEADING if is_agency else RowRole.GROUP_HEADING


def _column(position: int, columns: Sequence[Column | None]) -> Column | None:
    return columns[position] if position < len(columns) else None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text[:_TEXT]).casefold().split())
