"""Limits are raised, never lowered; where nobody may or there are none, nothing happens."""

from pathlib import Path

from tests.support.neighbour_tables import NEIGHBOURS, give_room


def _limits(settings: Path, family: str) -> list[int]:
    folder = settings / family / "neigh/default"
    return [int((folder / f"gc_thresh{number}").read_text()) for number in (1, 2, 3)]


def test_low_limits_are_raised_and_high_ones_stay(tmp_path: Path) -> None:
    for family, limits in (("ipv4", (128, 512, 1_024)), ("ipv6", (128, 65_536, 100_000))):
        folder = tmp_path / family / "neigh/default"
        folder.mkdir(parents=True)
        for number, limit in enumerate(limits, 1):
            (folder / f"gc_thresh{number}").write_text(f"{limit}\n")
    give_room(tmp_path)
    assert _limits(tmp_path, "ipv4") == [NEIGHBOURS] * 3
    assert _limits(tmp_path, "ipv6") == [NEIGHBOURS, 65_536, 100_000]


def test_without_limits_nothing_is_made(tmp_path: Path) -> None:
    give_room(tmp_path)
    assert list(tmp_path.iterdir()) == []
