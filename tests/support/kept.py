"""Adds inventories and waivers of both agencies to the store of ``judged``; one inventory has two versions."""

from dataclasses import replace
from datetime import date, timedelta

from auditor.framework.waivers import WaiverRow
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.waivers import WaiverStore
from inventory.loader import load_sent
from inventory.model import AgencyId, SubjectId
from tests.support import judged

INVENTORY = "Toàn tỉnh"
MORE = f"{judged.ROWS}{judged.OTHER},{judged.OTHER_NAME},,department,kin2.xaydung.example.vn,portal\n"


def keep(store: DatabaseStore, until: date = date(2999, 12, 31)) -> None:
    inventories = Inventories(store.database)
    for number, rows in enumerate((judged.ROWS, MORE)):
        read = load_sent([("kiểm kê.csv", rows.encode())]).inventory
        inventories.add(INVENTORY, pack(read), who="an", now=judged.NOW + timedelta(days=number), on=number)
    row = WaiverRow(check="ipv6.web", reason="chờ thay thiết bị", owner="bà Hoa", until=until)
    subjects = (replace(row, subject=SubjectId(text)) for text in (judged.OURS, judged.THEIRS))
    agencies = (replace(row, agency=AgencyId(text)) for text in (judged.AGENCY, judged.OTHER))
    for subject in (*subjects, *agencies):
        WaiverStore(store.database).add(subject, who="an", now=judged.NOW)
