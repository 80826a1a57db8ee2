"""Tests that decisions about names keep their order, separately for each inventory."""

from datetime import UTC, datetime
from pathlib import Path

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.set_aside_names import NameDecision, SetAsideNames

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def decision(*, aside: bool, name: str = "mx.a.vn") -> NameDecision:
    return NameDecision(name=name, kind="host", aside=aside, reason="cũ", made=NOW, who="an")


def test_history_is_of_one_inventory_with_the_last_decision_at_the_end(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "a.db") as store:
        names = SetAsideNames(store.database)
        names.decide("Tỉnh A", decision(aside=True))
        names.decide("Tỉnh A", decision(aside=False))
        names.decide("Tỉnh B", decision(aside=True, name="b.vn"))
        assert names.history("Tỉnh A") == {("mx.a.vn", "host"): (decision(aside=True), decision(aside=False))}
        assert names.history("Tỉnh C") == {}
