"""Remarks next to a value, or instead of one, are understood with a warning, never as an error about letters."""

from pathlib import Path

import pytest

from inventory.cells.addresses import parse_ipv4, parse_ipv6
from inventory.cells.names import parse_name
from tests.unit.inventory.reading import lines_of, read, warnings_of


def test_remarks_in_brackets_beside_addresses_are_left_out() -> None:
    addresses, said = read(parse_ipv4, "203.0.113.40 (NAT), 10.1.2.3 (LAN tầng 2)", "ipv4")
    assert list(map(str, addresses)) == ["203.0.113.40", "10.1.2.3"]
    assert said == ['ipv4: "203.0.113.40 (NAT), 10.1.2.3 (LAN tầng 2)": what stands in brackets was taken as a remark']


@pytest.mark.parametrize("text", ["203.0.113.5 (10.1.1.5)", "10.1.1.5 (/24)", "10.1.1.5 (:443)"])
def test_brackets_that_hold_something_to_read_are_no_remark(text: str) -> None:
    assert any("is not an IP address" in line for line in read(parse_ipv4, text)[1])


def test_a_remark_beside_a_name_is_left_out() -> None:
    assert read(parse_name, "e.sonlam.gov.vn (chính)") == (
        "e.sonlam.gov.vn",
        ['"e.sonlam.gov.vn (chính)": what stands in brackets was taken as a remark'],
    )
    assert read(parse_name, "a.vn (b.vn)")[0] is None


def test_an_address_in_wide_letters_is_read_as_what_it_shows() -> None:
    addresses, said = read(parse_ipv6, "２００１:db8:20::20", "ipv6")
    assert list(map(str, addresses)) == ["2001:db8:20::20"]
    assert said == ['ipv6: "２００１:db8:20::20" understood as 2001:db8:20::20']


@pytest.mark.parametrize("word", ["Không", "không có", "chưa có", "N/A"])
def test_words_for_nothing_are_empty_cells(tmp_path: Path, word: str) -> None:
    text = f"name,kind,fqdn,ipv4,activated,bandwidth_mbps\nh,host,{word},192.0.2.1,{word},{word}\n"
    assert warnings_of(tmp_path, text) == [
        f'2:{column}: "{word}" was taken as empty' for column in ("fqdn", "activated", "bandwidth_mbps")
    ]


def test_a_zone_whose_name_is_said_to_be_missing_still_needs_one(tmp_path: Path) -> None:
    assert any("needs a domain name" in line for line in lines_of(tmp_path, "name,kind,fqdn\nVùng,zone,chưa có\n"))


def test_the_end_of_a_line_in_a_cell_is_shown_as_the_key_that_makes_it(tmp_path: Path) -> None:
    (line,) = lines_of(tmp_path, 'name,kind,fqdn\nh,host,"a.vn\r\nb.vn"\n')
    assert line == '2:fqdn: "a.vn↵b.vn" holds several names; give each a row of its own'
