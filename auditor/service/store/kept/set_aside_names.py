"""Keeps decisions about names that no row of an inventory has: set aside, or proposed again, with a reason."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select

from auditor.service.store.database.account_schema import set_aside_name
from auditor.service.store.sql.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDecision:
    """Records one decision about a name; ``aside`` False proposes it again."""

    name: str
    kind: str
    aside: bool
    reason: str
    made: datetime
    who: str


class SetAsideNames:
    """Keeps decisions about the names of inventories in a database; nothing is changed or deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def decide(self, inventory: str, decision: NameDecision) -> None:
        """Add a decision, which holds from now on."""
        with self._database.writing() as connection:
            connection.execute(insert(set_aside_name), [{"inventory": inventory, **asdict(decision)}])

    def history(self, inventory: str) -> Mapping[tuple[str, str], tuple[NameDecision, ...]]:
        """Return the decisions by name and kind, the oldest first."""
        table = set_aside_name.c
        made: dict[tuple[str, str], tuple[NameDecision, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(
                select(set_aside_name).where(table.inventory == inventory).order_by(table.key)
            ):
                decision = NameDecision(
                    name=row.name, kind=row.kind, aside=row.aside, reason=row.reason, made=row.made, who=row.who
                )
                made[row.name, row.kind] = (*made.get((row.name, row.kind), ()), decision)
        return made
