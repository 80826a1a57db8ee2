"""One file to its tables: whether it can be read at all, and which reader its suffix asks for."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from inventory.codes import Code
from inventory.errors import Place, Problems
from inventory.inventory import Source
from inventory.model import Origin
from inventory.sources.spreadsheet import read_csv
from inventory.sources.workbook import read_workbook
from inventory.sources.yaml_file import read_yaml
from inventory.table import Table

SIZE_LIMIT = 50 * 2**20

Reader = Callable[[str, bytes, Problems], tuple[Table, ...]]
READERS: Mapping[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_workbook,
    ".xlsm": read_workbook,
    ".xls": read_workbook,
    ".ods": read_workbook,
    ".yaml": read_yaml,
    ".yml": read_yaml,
}


def read_file(path: Path, problems: Problems) -> tuple[tuple[Table, ...], Source | None]:
    source = str(path)
    place = Place(problems, Origin(source=source))
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        place.report(Code.UNKNOWN_SUFFIX, path.suffix or path.name, known=" ".join(READERS))
        return (), None
    data = read_bytes(path, place)
    if data is None:
        return (), None
    return reader(source, data, problems), Source(name=source, sha256=sha256(data).hexdigest())


def read_bytes(path: Path, place: Place) -> bytes | None:
    """The bytes of a file within the bounds; nothing, with a problem, for any reason why there are none."""
    try:
        with path.open("rb") as opened:
            data = opened.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        place.report(Code.MISSING_FILE)
        return None
    except (OSError, ValueError) as error:
        place.report(Code.UNREADABLE_FILE, why=(isinstance(error, OSError) and error.strerror) or str(error))
        return None
    if not data:
        place.report(Code.EMPTY_FILE)
        return None
    if len(data) > SIZE_LIMIT:
        place.report(Code.FILE_TOO_LARGE, limit=str(SIZE_LIMIT // 2**20))
        return None
    return data
