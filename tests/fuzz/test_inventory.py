"""Any bytes of an inventory load or list their mistakes, and a loaded inventory is stored exactly."""

import contextlib
import io
import json
import zipfile
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.dataclass_json import SerialError
from inventory.inventory import Inventory
from inventory.loader import load_with_warnings
from inventory.model import Kind
from inventory.problems.problem import InventoryError
from inventory.scope import Scope
from inventory.sources.adhoc import parse_target, read_targets
from inventory.tables.columns import Column, TableKind

_SUFFIXES = (".csv", ".tsv", ".yaml", ".xlsx", ".xls", ".ods")
_HEADERS = [column.value for column in Column] + ["Tên", "Loại", "Địa chỉ IP", "", "x"]
_WORDS = st.sampled_from(
    [
        "router",
        "zone",
        "portal",
        "cổng TTĐT",
        "mail",
        "10.0.0.1",
        "2001:db8::1",
        "10.0.0.1/24",
        "10.0.0.1-9",
        "a.vn",
        "https://a.vn/x",
        "https:443",
        "exempt:x;by=y",
        "planned:2027-06",
        "31/12/2026",
        "1.000,5",
        "dkim=s1",
        "H15",
        "-",
        "::",
        "fe80::1%e",
        "1-2",
        "xn--a",
        "ipv6.web",
        "{0}",
        "%s",
    ]
)
_CELLS = st.one_of(_WORDS, st.text(max_size=30), st.builds(str.__add__, _WORDS, st.text(max_size=5)))
_FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def _loads_or_lists(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        loaded = load_with_warnings([path])
    except InventoryError as error:
        shown = [*error.lines("en"), *error.lines("vi")]
    else:
        inventory = loaded.inventory
        assert Inventory.from_json(inventory.to_json()) == inventory
        shown = [warning.line(lang) for warning in loaded.warnings for lang in ("en", "vi")]
        shown.append("loaded")
    assert shown
    assert all(line.isprintable() and len(line) < 1500 for line in shown)


@pytest.mark.parametrize("suffix", _SUFFIXES)
@_FUZZ
@given(data=st.binary(max_size=400))
def test_bytes(tmp_path: Path, suffix: str, data: bytes) -> None:
    _loads_or_lists(tmp_path / f"f{suffix}", data)


@pytest.mark.parametrize("suffix", [".csv", ".yaml"])
@_FUZZ
@given(text=st.text(max_size=300), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "utf-16-le"]))
def test_texts(tmp_path: Path, suffix: str, text: str, encoding: str) -> None:
    _loads_or_lists(tmp_path / f"f{suffix}", text.encode(encoding, "surrogatepass"))


@_FUZZ
@given(
    header=st.lists(st.sampled_from(_HEADERS), min_size=1, max_size=10),
    rows=st.lists(st.lists(_CELLS, max_size=11), max_size=6),
    separator=st.sampled_from(",;\t"),
)
def test_tables(tmp_path: Path, header: list[str], rows: list[list[str]], separator: str) -> None:
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row] for row in [["name", "kind", *header], *rows]]
    text = "\n".join(separator.join(row) for row in quoted)
    _loads_or_lists(tmp_path / "f.csv", text.encode("utf-8", "surrogatepass"))


@_FUZZ
@given(
    document=st.dictionaries(
        st.sampled_from([kind.value for kind in TableKind]),
        st.lists(
            st.dictionaries(st.sampled_from(_HEADERS), st.one_of(_CELLS, st.lists(_CELLS, max_size=3)), max_size=8)
        ),
    )
)
def test_yaml_tables(tmp_path: Path, document: object) -> None:
    _loads_or_lists(tmp_path / "f.yaml", json.dumps(document).encode())


@_FUZZ
@given(content=st.text(max_size=300), member=st.sampled_from(["content.xml", "xl/worksheets/sheet1.xml"]))
@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_archives(tmp_path: Path, suffix: str, content: str, member: str) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(member, content.encode("utf-8", "replace"))
    _loads_or_lists(tmp_path / f"f{suffix}", written.getvalue())


@_FUZZ
@given(
    text=st.one_of(st.text(max_size=60), st.from_regex(r"[a-z]{0,6}(://)?[\[\]a-z0-9.:%@/]{0,40}", fullmatch=True)),
    kind=st.sampled_from([None, *Kind]),
)
def test_targets(text: str, kind: Kind | None) -> None:
    try:
        subject = parse_target(text, kind)
    except InventoryError as error:
        said = error.lines("vi")
    else:
        said = (subject.id,)
        assert subject.host or subject.addresses
        assert parse_target(subject.id, kind).id == subject.id
        inventory = Inventory(subjects=(subject,))
        assert Inventory.from_json(inventory.to_json()) == inventory
    assert all(line.isprintable() for line in said)


@_FUZZ
@given(text=st.text(max_size=200))
def test_target_lists(text: str) -> None:
    with contextlib.suppress(InventoryError):
        assert read_targets(text)


@_FUZZ
@given(data=st.one_of(st.binary(max_size=100), st.text(max_size=100).map(str.encode)))
def test_stored_documents(data: bytes) -> None:
    with contextlib.suppress(SerialError):
        assert Inventory.from_json(data).to_json()


@given(number=st.integers(0, 2**32 - 1))
def test_a_mapped_address_is_judged_as_the_one_in_it(number: int) -> None:
    scope = Scope(own=frozenset({IPv4Address(1)}))
    assert scope.permits(IPv6Address(0xFFFF00000000 | number)) is scope.permits(IPv4Address(number))
