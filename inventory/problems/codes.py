"""Lists the codes of problems in an inventory: a closed list, worded in texts.py."""

from enum import Enum, auto


class Code(Enum):
    """Names the kinds of mistakes. Values with one of WARNINGS are understood all the same, and it stops nothing."""

    # Files and tables.
    MISSING_FILE = auto()
    UNREADABLE_FILE = auto()
    EMPTY_FILE = auto()
    FILE_TOO_LARGE = auto()
    UNKNOWN_SUFFIX = auto()
    UNDECODABLE = auto()
    GUESSED_ENCODING = auto()
    READ_AS = auto()
    WRONG_CONTENT = auto()
    TOO_MANY_CELLS = auto()
    NEEDS_MEMORY = auto()
    NEEDS_TIME = auto()
    READER_ENDED = auto()
    BROKEN_CSV = auto()
    BROKEN_WORKBOOK = auto()
    LOCKED_WORKBOOK = auto()
    BROKEN_YAML = auto()
    YAML_SHAPE = auto()
    YAML_ALIAS = auto()
    YAML_DEPTH = auto()
    YAML_KEY_TWICE = auto()
    YAML_UNKNOWN_KEY = auto()
    NO_HEADER = auto()
    OLD_FONT = auto()
    OLD_FONT_TEXT = auto()
    SHEET_WITHOUT_HEADER = auto()
    TABLE_LEFT_OUT = auto()
    HIDDEN_SHEET = auto()
    HIDDEN_ROWS = auto()
    HIDDEN_COLUMNS = auto()
    ROWS_ABOVE_HEADER = auto()
    UNKNOWN_COLUMN = auto()
    COLUMN_AS_NOTE = auto()
    COLUMN_LEFT_OUT = auto()
    COLUMN_TWICE = auto()
    MISSING_COLUMN = auto()
    MISSING_KINDS = auto()
    CELL_OUTSIDE = auto()
    CELL_UNTITLED = auto()
    CELL_LEFT_OUT = auto()
    NOTES_LEFT_OUT = auto()
    TOTAL_ROW = auto()
    EXAMPLE_ROW = auto()
    REMARK_ROW = auto()
    COPIED_ROW = auto()
    SIGNATURE_ROWS = auto()
    AGENCY_HEADING = auto()
    GROUP_HEADING = auto()
    TOO_MANY_ROWS = auto()
    TOO_MANY_PROBLEMS = auto()
    NO_TARGETS = auto()
    # Cells.
    CELL_TOO_LONG = auto()
    CONTROL_CHARACTER = auto()
    MISSING_NAME = auto()
    MISSING_KIND = auto()
    UNKNOWN_WORD = auto()
    NOT_AN_ADDRESS = auto()
    ADDRESS_WITH_LENGTH = auto()
    ADDRESS_IS_NETWORK = auto()
    ADDRESS_WITH_PORT = auto()
    ADDRESS_IS_NAME = auto()
    ADDRESS_WITH_ZONE = auto()
    ADDRESS_MAPPED = auto()
    ADDRESS_OTHER_FAMILY = auto()
    ADDRESS_UNUSABLE = auto()
    ADDRESS_SPECIAL = auto()
    RANGE_BACKWARDS = auto()
    RANGE_TOO_LONG = auto()
    RANGE_OF_ONE = auto()
    NO_ADDRESS_WORD = auto()
    ADDRESS_DYNAMIC = auto()
    SAYS_NOTHING = auto()
    CELL_REMARK = auto()
    NOT_A_NAME = auto()
    NAME_FROM_URL = auto()
    NAME_UNDERSCORE = auto()
    SEVERAL_NAMES = auto()
    NEEDS_DOMAIN_NAME = auto()
    NOTHING_TO_REACH = auto()
    NOT_A_SERVICE = auto()
    UNKNOWN_SERVICE = auto()
    SERVICE_LIKE_KNOWN = auto()
    NOT_A_PORT = auto()
    NOT_A_DATE = auto()
    NOT_A_MONTH = auto()
    DATES_BACKWARDS = auto()
    NOT_COORDINATES = auto()
    HALF_COORDINATES = auto()
    NOT_A_NUMBER = auto()
    NUMBER_AMBIGUOUS = auto()
    NUMBER_OUTSIDE = auto()
    NOT_A_BANDWIDTH = auto()
    NOT_AN_EXPECTATION = auto()
    EXEMPTION_WITHOUT_REASON = auto()
    EXEMPTION_UNSIGNED = auto()
    NOT_A_TAG = auto()
    TAG_LIKE_KNOWN = auto()
    TAG_VALUE = auto()
    NOT_A_URL = auto()
    NOT_A_WORD = auto()
    # Rows against each other.
    ID_TWICE = auto()
    NAME_OF_SEVERAL = auto()
    RESERVED_ID = auto()
    ADDRESS_TWICE = auto()
    TARGET_TWICE = auto()
    MISSING_AGENCY = auto()
    UNIT_CONTRADICTION = auto()
    UNIT_LIKE_ANOTHER = auto()
    UNIT_UNNAMED = auto()
    UNIT_ENDED = auto()
    UNKNOWN_PARENT = auto()
    PARENT_WITHOUT_ROW = auto()
    UNIT_CYCLE = auto()
    EXEMPTION_OF_NOTHING = auto()
    EXEMPTION_INCOMPLETE = auto()
    EXEMPTION_UNKNOWN = auto()
    EXEMPTION_AMBIGUOUS = auto()
    NOT_A_CHECK = auto()
    # TARGET of the command line.
    NOT_A_TARGET = auto()
    UNKNOWN_SCHEME = auto()
    TARGET_WITH_CREDENTIALS = auto()
    KIND_NEEDS_NAME = auto()
    TARGET_HOST_BITS = auto()
    TARGET_RANGE_TOO_LARGE = auto()


WARNINGS = frozenset(
    {
        Code.READ_AS,
        Code.GUESSED_ENCODING,
        Code.SHEET_WITHOUT_HEADER,
        Code.TABLE_LEFT_OUT,
        Code.HIDDEN_SHEET,
        Code.HIDDEN_ROWS,
        Code.HIDDEN_COLUMNS,
        Code.REMARK_ROW,
        Code.COPIED_ROW,
        Code.UNIT_LIKE_ANOTHER,
        Code.UNIT_ENDED,
        Code.ROWS_ABOVE_HEADER,
        Code.ADDRESS_WITH_LENGTH,
        Code.ADDRESS_MAPPED,
        Code.ADDRESS_OTHER_FAMILY,
        Code.ADDRESS_SPECIAL,
        Code.NO_ADDRESS_WORD,
        Code.NAME_FROM_URL,
        Code.NAME_UNDERSCORE,
        Code.NOTHING_TO_REACH,
        Code.SERVICE_LIKE_KNOWN,
        Code.NUMBER_AMBIGUOUS,
        Code.EXEMPTION_UNSIGNED,
        Code.TAG_LIKE_KNOWN,
        Code.ADDRESS_TWICE,
        Code.TARGET_TWICE,
        Code.MISSING_AGENCY,
        Code.PARENT_WITHOUT_ROW,
        Code.COLUMN_AS_NOTE,
        Code.COLUMN_LEFT_OUT,
        Code.CELL_UNTITLED,
        Code.TOTAL_ROW,
        Code.EXAMPLE_ROW,
        Code.SIGNATURE_ROWS,
        Code.AGENCY_HEADING,
        Code.GROUP_HEADING,
        Code.RANGE_OF_ONE,
        Code.ADDRESS_DYNAMIC,
        Code.SAYS_NOTHING,
        Code.CELL_REMARK,
        Code.OLD_FONT_TEXT,
        Code.NAME_OF_SEVERAL,
        Code.CELL_LEFT_OUT,
        Code.NOTES_LEFT_OUT,
    }
)
