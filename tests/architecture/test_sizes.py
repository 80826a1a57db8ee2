"""The house style's hard limits. A file or function over its limit is split in the change that pushed it over."""

from tests.architecture.sizes import measured


def test_files_and_functions_keep_their_limits() -> None:
    files, functions = measured()
    assert [
        f"{row.where}: {row.lines} lines of {row.limit}" for row in files + functions if row.lines > row.limit
    ] == []
