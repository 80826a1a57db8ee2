"""What people keep in the store of ``judged``: an inventory in two versions, of both agencies."""

from datetime import timedelta

from auditor.store.kept import Inventories
from auditor.store.sql.store import SqlStore
from inventory.loader import load_sent
from tests.support import judged

INVENTORY = "Toàn tỉnh"
MORE = f"{judged.ROWS}{judged.OTHER},{judged.OTHER_NAME},,department,kin2.xaydung.example.vn,portal\n"


def keep(store: SqlStore) -> None:
    inventories = Inventories(store.database)
    for number, rows in enumerate((judged.ROWS, MORE)):
        read = load_sent([("kiểm kê.csv", rows.encode())]).inventory
        inventories.add(INVENTORY, read, who="an", now=judged.NOW + timedelta(days=number), on=number)
