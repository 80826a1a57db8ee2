"""Tests that inventories written as files read back as the same inventories."""

import io
import zipfile

import pytest

from auditor.service.inventories.export import written_inventory
from inventory.comparison import differences
from inventory.loader import load_sent

_TARGETS = b"agency_code,agency_name,name,kind,note\nA,S\xe1\xbb\x9f A,a.example,portal,=1+1\n"
_UNITS = b"agency_code,agency_name,contact\nA,S\xe1\xbb\x9f A,An\n"


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(("kind", "suffix"), [("xlsx", "xlsx"), ("csv", "zip")])
def test_written_inventory_reads_back_as_the_same(lang: str, kind: str, suffix: str) -> None:
    inventory = load_sent([("a.csv", _TARGETS), ("b.csv", _UNITS)]).inventory
    written = written_inventory(inventory, kind, lang)
    assert written.suffix == suffix
    files = [("a.xlsx", written.data)]
    if suffix == "zip":
        with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
            files = [(name, archive.read(name)) for name in archive.namelist()]
            assert all(b"'=1+1" in data or b"=1+1" not in data for _, data in files)
    assert differences(inventory, load_sent(files).inventory).none


def test_written_inventory_of_one_table_is_one_csv_file() -> None:
    inventory = load_sent([("a.csv", b"name,kind\na.example,portal\n")]).inventory
    written = written_inventory(inventory, "csv", "en")
    assert (written.suffix, written.content_type) == ("csv", "text/csv")
    assert written.data.startswith(b"\xef\xbb\xbf")
