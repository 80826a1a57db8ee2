"""Tests the reading of the fill level of the packet filter's table of connections."""

from pathlib import Path

import pytest

from probes.net.core.tracked_connections import TrackedConnections, tracked_connections


def _settings(folder: Path, room: str, count: str) -> Path:
    (folder / "nf_conntrack_max").write_text(room)
    (folder / "nf_conntrack_count").write_text(count)
    return folder


@pytest.mark.parametrize(
    ("count", "is_full"), [("0", False), ("260000", True), ("259000", False), ("262144", True), ("300000", True)]
)
def test_a_table_is_full_where_next_to_no_room_is_left(tmp_path: Path, count: str, is_full: bool) -> None:
    tracked = tracked_connections(_settings(tmp_path, "262144\n", f"{count}\n"))
    assert tracked == TrackedConnections(room=262_144, count=int(count))
    assert tracked.is_full is is_full


def test_without_a_limit_none_is_met() -> None:
    assert not TrackedConnections(room=0, count=5).is_full


def test_nothing_is_known_where_nothing_is_tracked(tmp_path: Path) -> None:
    assert tracked_connections(tmp_path) is None
    assert tracked_connections(_settings(tmp_path, "many\n", "5\n")) is None
