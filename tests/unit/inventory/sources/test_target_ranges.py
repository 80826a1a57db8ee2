"""Networks and ranges on the command line become hosts, up to a bound; ambiguous ones are reported."""

import pytest

from inventory.problems.problem import InventoryError
from inventory.sources.adhoc import parse_targets


def _ids(*texts: str) -> list[str]:
    return [str(subject.id) for subject in parse_targets([(text, None) for text in texts])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.0/30", ["192.0.2.1", "192.0.2.2"]),
        ("192.0.2.4/31", ["192.0.2.4", "192.0.2.5"]),
        ("192.0.2.7/32", ["192.0.2.7"]),
        ("2001:db8::/126", ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        ("192.0.2.1-3", ["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
        ("192.0.2.254-192.0.3.0", ["192.0.2.254", "192.0.2.255", "192.0.3.0"]),
        ("2001:db8::a-2001:db8::b", ["2001:db8::a", "2001:db8::b"]),
    ],
)
def test_network_or_range_becomes_its_hosts(text: str, expected: list[str]) -> None:
    assert _ids(text) == expected


def test_largest_network_that_is_taken_is_a_class_of_256() -> None:
    assert len(_ids("192.0.2.0/24")) == 254
    assert len(_ids("2001:db8::/120")) == 255
    assert len(_ids("192.0.2.0-192.0.2.255")) == 256


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.0/8", "2^24 addresses"),
        ("192.0.2.0/23", "512 addresses"),
        ("2001:db8::/32", "2^96 addresses"),
        ("192.0.2.0-192.0.3.0", "257 addresses"),
        ("192.0.2.5/24", "write 192.0.2.5 or 192.0.2.0/24"),
        ("192.0.2.9-5", "backwards"),
        ("192.0.2.1-2001:db8::1", "not an IP address"),
        ("192.0.2.0/33", "not an IP address"),
    ],
)
def test_network_that_cannot_be_checked_is_one_clear_error(text: str, said: str) -> None:
    with pytest.raises(InventoryError) as refused:
        _ids(text)
    (line,) = refused.value.lines("en")
    assert said in line


def test_name_with_a_hyphen_stays_a_name() -> None:
    assert _ids("a-b.example.vn", "1-2.example.vn", "dead-beef.vn") == [
        "a-b.example.vn",
        "1-2.example.vn",
        "dead-beef.vn",
    ]
