"""Tests that a hello fills a packet of exactly the wanted size."""

import pytest

from probes.net.tls.segments import hello


@pytest.mark.parametrize("length", [800 - 72, 1280 - 72, 1280 - 60, 1500 - 72, 1500 - 60])
@pytest.mark.parametrize("name", [None, "www.example.vn", ".".join(["a" * 60] * 4) + ".vn"])
def test_a_hello_fills_it(length: int, name: str | None) -> None:
    data = hello(length, name)
    assert len(data) == length
    assert data[:2] == b"\x16\x03"
    assert int.from_bytes(data[3:5]) == length - 5
    assert int.from_bytes(data[6:9]) == length - 9
    assert (name or "").encode() in data


def test_where_it_has_no_room_it_is_as_short_as_it_can_be() -> None:
    assert len(hello(10, None)) == len(hello(0, None)) < 800 - 72
