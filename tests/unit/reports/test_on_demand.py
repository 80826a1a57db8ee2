"""Tests that only the requested data is read."""

import pytest

from reports.on_demand import CombinedMapping, ReadOnDemand


def test_read_on_demand_reads_once_on_the_first_access() -> None:
    reads: list[int] = []

    def read() -> dict[str, int]:
        reads.append(1)
        return {"a": 1}

    mapping = ReadOnDemand(read)
    assert not reads
    assert "a" in mapping
    assert "b" not in mapping
    assert dict(mapping) == {"a": 1}
    assert len(reads) == 1


def test_together_looks_up_in_each_mapping() -> None:
    mapping = CombinedMapping({"a": 1, "b": 2}, {"c": 3})
    assert list(mapping.items()) == [("a", 1), ("b", 2), ("c", 3)]
    assert len(mapping) == 3
    assert "c" in mapping
    assert "d" not in mapping
    with pytest.raises(KeyError):
        mapping["d"]


def test_together_reads_no_other_mapping_than_the_one_with_the_key() -> None:
    def unread() -> dict[str, int]:
        raise AssertionError("read")

    assert CombinedMapping({"a": 1}, ReadOnDemand(unread))["a"] == 1
