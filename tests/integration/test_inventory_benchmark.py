"""Tests that the benchmark of reading inventories runs, and that both sides read its files completely."""

import pytest

from benchmarks import inventory


def test_benchmark_of_a_small_inventory_reads_it_whole(capfd: pytest.CaptureFixture[str]) -> None:
    inventory.main(["--rows", "30"])
    out = capfd.readouterr().out
    assert out.count("30 rows") == 4
    assert "read whole" not in out, "named only where it was missed"
