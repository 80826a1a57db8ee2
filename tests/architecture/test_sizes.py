"""The house style's hard limits. A file or function over its limit is split in the change that pushed it over."""

from pathlib import Path

from tests.architecture.sizes import RAW_LIMIT, measured, too_long
from tests.architecture.tree import PACKAGES, ROOT, python_files


def test_files_and_functions_keep_their_limits() -> None:
    files, functions = measured()
    assert [
        f"{row.where}: {row.lines} lines of {row.limit}" for row in files + functions if row.lines > row.limit
    ] == []


def test_no_file_is_too_long_with_its_declarations_and_tables() -> None:
    assert too_long(ROOT, python_files(*PACKAGES)) == []


def test_too_long_names_a_file_of_words_above_the_limit(tmp_path: Path) -> None:
    for name, lines in (("fits.py", RAW_LIMIT), ("words.py", RAW_LIMIT + 1)):
        (tmp_path / name).write_text("WORDS = (\n" + '    "word",\n' * (lines - 2) + ")\n")
    assert too_long(tmp_path, [Path("fits.py"), Path("words.py")]) == ["words.py: 401 raw lines of 400"]
