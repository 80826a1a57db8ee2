"""Tests inventories in the service: previewed, stored in versions, and an agency's viewer sees only its own rows."""

import re
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from aiohttp import FormData
from openpyxl import load_workbook

from auditor.framework import catalogue
from auditor.service.accounts.model import Role
from auditor.service.cli.commands.measuring.audit import named_inventory
from auditor.service.cli.commands.measuring.sample import must_be_usable, sampler
from auditor.service.config.model import Config
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.schedules import KeptSchedule, KeptSchedules
from auditor.service.store.records import StoreError
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from inventory.comparison import differences
from inventory.loader import load_sent
from inventory.model import AgencyId
from inventory.problems.problem import InventoryError
from tests.support import judged, kept
from tests.support.serving import Browser, Served
from tests.unit.inventory import awful_workbooks

pytest_plugins = ("tests.support.pages",)

NEW = "moi.yte.example.vn"
CHANGED = f"{judged.ROWS}{judged.AGENCY},Sở Y tế,,department,{NEW},portal\n"
PAGE = f"/inventories/{kept.INVENTORY}"


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    judged.fill(store)
    kept.keep(store)
    return store


async def send(browser: Browser, name: str, *files: tuple[str, bytes], csrf: str | None = None) -> tuple[int, str]:
    form = FormData(quote_fields=False)
    form.add_field("csrf", await browser.csrf() if csrf is None else csrf)
    form.add_field("name", name)
    for file, data in files:
        form.add_field("files", BytesIO(data), filename=file)
    async with browser.session.post(f"{browser.base}/inventories/preview", data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def confirm(browser: Browser, text: str) -> tuple[int, str]:
    status, said, _ = await browser.post("/inventories/confirm", await confirmation(browser, text))
    return status, said


async def confirmation(browser: Browser, text: str) -> dict[str, str]:
    draft = re.search(r'name="draft" value="([^"]+)"', text)
    assert draft is not None
    return {"csrf": await browser.csrf(), "draft": draft[1]}


def versions(served: Served, name: str = kept.INVENTORY) -> list[int]:
    return [version.number for version in served.app[SITE].stock.versions(name)]


async def test_files_with_errors_are_shown_before_those_with_warnings(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    good, bad = b"name,kind,fqdn\nh,host,https://h.vn/\n", b"name,kind,ipv4\nk,host,1.2.3\n"
    status, text = await send(operator, "mới", ("a.csv", good), ("b.csv", bad))
    assert status == 422
    assert [name for name in re.findall(r"<h3>([^<]+)</h3>", text) if name in ("a.csv", "b.csv")] == ["b.csv", "a.csv"]


async def test_what_is_sent_is_shown_before_it_is_kept(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text = await send(operator, kept.INVENTORY, ("C:\\a\\mới.csv", CHANGED.encode()))
    assert status == 200
    assert versions(served) == [2, 1]
    shown = re.sub(r"<[^>]+>", " ", text)
    assert re.search(rf"Mới:\s+{NEW}", shown)
    assert re.search(r"Bỏ đi:\s+kin2.xaydung.example.vn", shown)
    assert (await confirm(operator, text))[0] == 303
    assert versions(served) == [3, 2, 1]
    newest = served.app[SITE].stock.version(kept.INVENTORY)
    assert (newest.who, newest.files) == ("vận hành", ("mới.csv",))
    assert next(deed.what for deed in served.app[SITE].accounts.deeds()) == "inventory_imported"
    assert NEW in (await operator.get(PAGE))[1]
    assert NEW not in (await operator.get(f"{PAGE}/2"))[1]
    assert NEW in (await operator.get(f"{PAGE}/3/changes"))[1]
    assert (await operator.get(f"{PAGE}?q={NEW}"))[1].count('<tr><th scope="row">moi.') == 1


async def test_a_changed_id_is_told_before_it_is_kept_and_afterwards(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    head, row = "agency_code,name,kind,ipv6\n", "A,Bộ định tuyến,router,2001:db8::1\n"
    _, shown = await send(operator, "moi", ("a.csv", f"{head}{row}".encode()))
    assert (await confirm(operator, shown))[0] == 303
    namesakes = f"{head}{row.replace('A,', 'B,')}{row.replace('::1', '::2')}"
    _, shown = await send(operator, "moi", ("a.csv", namesakes.encode()))
    assert (await confirm(operator, shown))[0] == 303
    for page in (shown, (await operator.get("/inventories/moi/2/changes"))[1]):
        assert "trùng loại, tên máy và địa chỉ" in page
        assert "<del>Bộ định tuyến</del> → <ins>B/Bộ định tuyến</ins>" in page
    assert "trùng loại, tên máy và địa chỉ" not in (await operator.get("/inventories/moi/1/changes"))[1]


async def test_what_is_kept_is_audited_at_once_if_wanted(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    for number, where in ((3, "/audits/1"), (4, f"/audits?inventory={quote(kept.INVENTORY)}")):
        _, text = await send(operator, kept.INVENTORY, (f"{number}.csv", f"{CHANGED}\n".encode()))
        fields = {**await confirmation(operator, text), "then": "audit"}
        status, _, headers = await operator.post("/inventories/confirm", fields)
        assert (status, headers["Location"]) == (303, where), "the same audit does not wait twice"
    (job,) = served.app[SITE].jobs.latest()
    assert (job.wanted.inventory, job.wanted.profile, job.who) == (kept.INVENTORY, "quick", "vận hành")
    page = (await operator.get(where))[1]
    assert f'<option value="{kept.INVENTORY}" selected>' in page


async def test_an_agency_is_added_and_changed_in_the_pages(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    for number, (code, name) in enumerate((("xa-moi", "Xã Mới"), (judged.OTHER, "Sở Xây dựng & Giao thông")), 3):
        fields = {"cell-agency_code": code, "cell-agency_name": name, "cell-parent_code": judged.AGENCY}
        status, text, _ = await operator.post(f"{PAGE}/agencies", {"csrf": await operator.csrf(), **fields})
        assert (status, (await confirm(operator, text))[0]) == (200, 303)
        assert versions(served)[0] == number
        stock = served.app[SITE].stock
        unit = stock.read(stock.version(kept.INVENTORY)).organisation.unit(AgencyId(code))
        assert unit is not None
        assert (unit.name, unit.parent) == (name, judged.AGENCY)
    text = (await operator.get(f"{PAGE}/agencies?code={judged.OTHER}"))[1]
    assert "Sở Xây dựng &amp; Giao thông" in text
    assert 'value="xa-moi"' in text[text.index('name="cell-parent_code"') :]
    assert (await operator.get(f"{PAGE}/agencies?code=none"))[0] == 404
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert (await viewer.get(f"{PAGE}/agencies"))[0] == 403


async def test_a_bad_file_loses_nothing_and_says_where(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    bad = f"{judged.ROWS}{judged.AGENCY},Sở Y tế,,department,www.example.vn,portall\n"
    status, text = await send(operator, kept.INVENTORY, ("a<b>.csv", bad.encode()))
    table = text[text.index("<h3>a&lt;b&gt;.csv</h3>") :]
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", table)
    assert status == 422
    assert {"4", "Loại"} <= set(cells), text
    assert versions(served) == [2, 1]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("a.csv", (("a.csv", CHANGED.encode()),)),
        ("", (("a.csv", CHANGED.encode()),)),
        ("tỉnh", ()),
        ("tỉnh", tuple((f"{n}.csv", CHANGED.encode()) for n in range(21))),
        ("tỉnh", (("a.exe", b"MZ"),)),
        ("tỉnh", (("a.xlsx", b"PK\x03\x04"),)),
        ("tỉnh", (("a.yaml", b"a: &a [*a]"),)),
        ("tỉnh", (("a.csv", bytes(range(256)) * 9),)),
    ],
)
async def test_what_cannot_be_an_inventory_is_refused(
    served: Served, name: str, files: tuple[tuple[str, bytes], ...]
) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text = await send(operator, name, *files)
    assert (status, "Traceback" in text) == (422, False)
    assert [version.name for version in served.app[SITE].stock.latest()] == [kept.INVENTORY]


async def test_too_much_is_not_read(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, _ = await send(operator, "tỉnh", ("a.csv", b"x" * (13 << 20)))
    assert status == 413


async def test_who_is_slower_looks_again(served: Served) -> None:
    browser, other = await served.as_("một", Role.OPERATOR), await served.as_("hai", Role.OPERATOR)
    _, first = await send(browser, kept.INVENTORY, ("a.csv", CHANGED.encode()))
    _, second = await send(other, kept.INVENTORY, ("b.csv", judged.ROWS.encode()))
    assert (await confirm(browser, first))[0] == 303
    status, again = await confirm(other, second)
    assert (status, versions(served)) == (409, [3, 2, 1])
    assert NEW in again
    assert (await confirm(other, again))[0] == 303
    assert versions(served) == [4, 3, 2, 1]


async def test_nobody_keeps_what_somebody_else_was_shown(served: Served) -> None:
    browser, other = await served.as_("một", Role.OPERATOR), await served.as_("hai", Role.OPERATOR)
    _, text = await send(browser, kept.INVENTORY, ("a.csv", CHANGED.encode()))
    assert (await confirm(other, text))[0] == 410
    assert versions(served) == [2, 1]


async def test_an_agency_s_viewer_sees_its_own_rows(served: Served) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    for path in (PAGE, f"{PAGE}/1", f"{PAGE}/2", f"{PAGE}/1/changes", f"{PAGE}/2/changes", f"{PAGE}?q=xaydung"):
        status, text, _ = await viewer.get(path)
        assert status == 200
        for secret in (judged.THEIRS, judged.OTHER, judged.OTHER_NAME, "kin2", "kiểm kê.csv"):
            assert secret not in text, (path, secret)
    assert judged.OURS in (await viewer.get(PAGE))[1]
    status, _ = await send(viewer, kept.INVENTORY, ("a.csv", CHANGED.encode()))
    assert (status, versions(served)) == (403, [2, 1])


async def test_without_the_form_s_secret_nothing_is_read(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert (await send(operator, kept.INVENTORY, ("a.csv", CHANGED.encode()), csrf="x"))[0] == 400


@pytest.mark.parametrize("path", ["/inventories/none", f"{PAGE}/9", f"{PAGE}/0", f"{PAGE}/9/changes"])
async def test_what_is_not_there_is_said(served: Served, path: str) -> None:
    assert (await (await served.as_("vận hành", Role.OPERATOR)).get(path))[0] == 404


async def test_a_form_that_does_not_say_its_length_is_not_taken(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    async with operator.session.post(f"{operator.base}/inventories/confirm", data=endless()) as answer:
        assert answer.status == 411


def test_what_is_kept_is_audited_by_its_name_on_the_command_line(store: SqlStore, tmp_path: Path) -> None:
    config = Config(store=f"sqlite:///{tmp_path / 'a.db'}")
    assert named_inventory([kept.INVENTORY], config).inventory == store.inventory(kept.INVENTORY)
    with pytest.raises(StoreError, match="Toàn tỉn"):
        named_inventory(["Toàn tỉn"], config)


def test_a_service_samples_what_is_kept_as_soon_as_it_is_there_and_as_it_is_now(
    store: SqlStore, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    config, name = Config(), "Điểm kết nối"
    rounds, stock = sampler([name], config, store, catalogue.load()), Inventories(store.database)
    must_be_usable([name], config, store)
    assert f"'{name}'" in capsys.readouterr().err
    with pytest.raises(StoreError) as missing:
        rounds.plan()
    assert rounds.failed is not None
    rounds.failed(missing.value)
    assert name in caplog.text
    assert "Traceback" not in caplog.text
    for number, rows in enumerate(("a.vn,portal\n", "a.vn,portal\nb.vn,portal\n")):
        sent = load_sent([("a.csv", f"name,kind\n{rows}".encode())]).inventory
        stock.add(name, pack(sent), who="an", now=judged.NOW, on=number)
        assert len({subject.id for subject in rounds.plan()[0].subjects} & {"a.vn", "b.vn"}) == number + 1
    must_be_usable([name], config, store)
    assert capsys.readouterr().err == ""


def test_a_service_refuses_files_that_cannot_be_used_before_it_starts(store: SqlStore, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("name,kind\nb.vn,không-có-loại-này\n", "utf-8")
    for one in (path, tmp_path / "none.csv"):
        with pytest.raises(InventoryError):
            must_be_usable([str(one)], Config(), store)
    must_be_usable([], Config(), store)


async def test_a_large_form_that_is_no_upload_is_refused_before_it_is_read(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    fields = {"csrf": await browser.csrf(), "name": "a" * 70_000}
    assert (await browser.post("/inventories/preview", fields))[0] == 413


async def test_errors_and_warnings_are_counted_apart(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    rows = "name,kind,ipv4\na.example,portall,\nb.example,portal,10.0.0.1/24\nc.example,portal,DHCP\n"
    status, text = await send(operator, "tỉnh", ("a.csv", rows.encode()))
    assert status == 422
    assert "Có 1 lỗi và 2 cảnh báo" in text


async def test_the_preview_and_the_page_of_an_inventory_show_domain_names(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    rows = "name,kind,fqdn\nCổng Sở Y tế,portal,soyte.sonlam.example\n"
    _, text = await send(operator, "tỉnh", ("a.csv", rows.encode()))
    assert 'class="addr">soyte.sonlam.example</td>' in text
    await confirm(operator, text)
    assert 'class="addr">soyte.sonlam.example</td>' in (await operator.get("/inventories/tỉnh"))[1]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_an_exported_version_reads_back_as_the_same_inventory(served: Served, kind: str) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    async with operator.session.get(f"{operator.base}{PAGE}/2/export?format={kind}") as answer:
        assert answer.status == 200
        data, name = await answer.read(), unquote(answer.headers["Content-Disposition"].partition("''")[2])
    files = [(name, data)]
    if name.endswith(".zip"):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = [(each, archive.read(each)) for each in archive.namelist()]
    stock = served.app[SITE].stock
    assert differences(stock.read(stock.version(kept.INVENTORY, 2)), load_sent(files).inventory).none


async def test_an_export_of_nothing_and_for_a_part_is_refused(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    assert (await operator.get(f"{PAGE}/9/export"))[0] == 404
    assert (await operator.get(f"{PAGE}/2/export?format=exe"))[0] == 404
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    assert (await viewer.get(f"{PAGE}/2/export"))[0] == 403


async def test_a_template_is_sent_and_its_columns_are_listed(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    async with operator.session.get(f"{operator.base}/inventory/template") as answer:
        assert answer.status == 200
        sheets = load_workbook(BytesIO(await answer.read())).sheetnames
    assert sheets == ["Hệ thống, thiết bị", "Cơ quan, đơn vị", "Hướng dẫn", "Danh sách chọn"]
    page = (await operator.get("/inventories"))[1]
    assert '<th scope="row">Tên miền</th>' in page
    assert "/inventory/template" in page


async def test_an_audit_is_started_from_the_page_of_the_latest_version(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    page = (await operator.get(PAGE))[1]
    form = page[page.index('action="/audits"') :]
    hidden = dict(re.findall(r'name="(inventory|clearance)" value="([^"]+)"', form))
    assert hidden["inventory"] == kept.INVENTORY
    fields = {**hidden, "csrf": await operator.csrf(), "profile": "quick", "name": ""}
    status, _, _ = await operator.post("/audits", fields)
    assert status == 303
    assert served.app[SITE].jobs.latest(1)[0].wanted.inventory == kept.INVENTORY
    assert 'action="/audits"' not in (await operator.get(f"{PAGE}/1"))[1]


def form_of(text: str) -> dict[str, str]:
    """Return the fields of the form about columns, as a browser submits them unchanged."""
    form = text[text.index('<form class="mapping"') :].partition("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def column_of(text: str, title: str) -> str:
    """Return the name of the form field that assigns a meaning to the column with this title."""
    field = re.search(rf'<select name="(column-[\d-]+)" aria-label="[^"]*: {title}"', text)
    assert field is not None
    return field[1]


async def test_columns_are_shown_and_read_again_as_chosen(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    rows = "Tên,Loại,Chỗ truy nhập\nCổng,portal,soyte.sonlam.example\n"
    status, text = await send(operator, "tỉnh", ("a.csv", rows.encode()))
    assert status == 200
    assert form_of(text)[column_of(text, "Chỗ truy nhập")] == ""
    assert "<details><summary>a.csv" in text, "closed: what was read is looked at first"
    assert "Mới:" not in text, "of a first version everything is new, and stands in the table of what was read"
    fields = {**form_of(text), column_of(text, "Chỗ truy nhập"): "fqdn"}
    status, text, _ = await operator.post("/inventories/reread", fields)
    assert (status, versions(served, "tỉnh")) == (200, [])
    assert 'class="addr">soyte.sonlam.example</td>' in text
    assert form_of(text)[column_of(text, "Chỗ truy nhập")] == "fqdn"
    assert (await confirm(operator, text))[0] == 303
    assert versions(served, "tỉnh") == [1]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("Cổng,portal,soyte.sonlam.example", True),
        ("Cổng,portal,soyte.sonlam.example\nThư,mail,sonlam.example", False),
        ("Bộ định tuyến,router,rt.sonlam.example", False),
    ],
)
async def test_preview_tells_that_mail_would_not_be_checked(served: Served, rows: str, told: bool) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text = await send(operator, "tỉnh", ("a.csv", f"Tên,Loại,Tên miền\n{rows}\n".encode()))
    assert (status, "thư điện tử (MX, SPF, DKIM, DMARC) sẽ không được kiểm tra" in text) == (200, told)


async def test_rows_are_shown_by_name_and_their_made_id_below(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    rows = "Tên đơn vị,Tên,Loại,IPv4\nSở A,Máy chủ web,host,10.0.0.1\nSở B,Máy chủ web,host,10.0.0.2\n"
    status, text = await send(operator, "tỉnh", ("a.csv", rows.encode()))
    assert (status, text.count('<th scope="row">Máy chủ web<br><span class="note">so-')) == (200, 2)


async def test_a_kind_for_all_rows_mends_a_list_without_kinds(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    status, text = await send(operator, "tỉnh", ("a.xlsx", awful_workbooks.portals_without_a_kind()))
    assert status == 422
    status, text, _ = await operator.post("/inventories/reread", {**form_of(text), "kind-0": "portal"})
    assert status == 200
    assert "congthuong.sonlam.example" in text


async def test_good_rows_are_taken_and_the_others_keep_what_was_kept(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    _, text = await send(operator, "tỉnh", ("a.csv", "Tên,Loại\na.example,portal\nb.example,portal\n".encode()))
    await confirm(operator, text)
    bad = "Tên,Loại\na.example,portall\nc.example,portal\nb.example,portal\n".encode()
    status, text = await send(operator, "tỉnh", ("a.csv", bad))
    assert status == 422
    status, text, _ = await operator.post("/inventories/reread", {**form_of(text), "good_rows": "on"})
    assert status == 200
    assert "1 dòng có lỗi, chờ sửa" in text
    assert (await confirm(operator, text))[0] == 303
    stock = served.app[SITE].stock
    assert [each.id for each in stock.read(stock.version("tỉnh")).subjects] == ["c.example", "b.example", "a.example"]


async def test_a_coloured_copy_is_for_who_sent_the_file(served: Served) -> None:
    operator, other = await served.as_("một", Role.OPERATOR), await served.as_("hai", Role.OPERATOR)
    _, text = await send(operator, "tỉnh", ("trùng.xlsx", awful_workbooks.duplicates_and_typos()))
    path = re.search(r'href="(/inventory/drafts/[^"]+/0)"', text)
    assert path is not None
    async with operator.session.get(f"{operator.base}{path[1]}") as answer:
        assert answer.status == 200
        sheet = load_workbook(BytesIO(await answer.read())).worksheets[0]
    assert sheet["B3"].value == "Sở Y tế"
    assert "bộ định tuyến" in sheet["D5"].comment.text
    assert (await other.get(path[1]))[0] == 404
    assert (await operator.get(f"{path[1][:-1]}1"))[0] == 404
    assert (await operator.get("/inventory/drafts/none/0"))[0] == 404


@pytest.mark.parametrize("change", [{"column-0-1": "nonsense"}, {"column-0-x": "name"}, {"kind-0": "modem"}])
async def test_choices_that_no_form_offers_are_refused(served: Served, change: dict[str, str]) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    _, text = await send(operator, "tỉnh", ("a.csv", CHANGED.encode()))
    assert (await operator.post("/inventories/reread", {**form_of(text), **change}))[0] == 400


async def test_an_upload_with_errors_cannot_be_kept(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    _, text = await send(operator, "tỉnh", ("a.csv", b"name,kind\na.example,portall\n"))
    assert (await confirm(operator, text))[0] == 410
    assert versions(served, "tỉnh") == []


async def test_a_row_is_edited_and_another_retired_after_a_preview(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    rows = "Tên,Loại,Tên miền\nCổng,portal,a.example\nCổng cũ,portal,b.example\n"
    await confirm(operator, (await send(operator, "tỉnh", ("a.csv", rows.encode())))[1])
    page = (await operator.get("/inventories/tỉnh"))[1]
    assert page.count("/row?id=") == 2
    form = (await operator.get("/inventories/tỉnh/row?id=Cổng"))[1]
    assert 'name="cell-fqdn" value="a.example"' in form
    fields = {"csrf": await operator.csrf(), "id": "Cổng", "cell-name": "Cổng", "cell-kind": "router"}
    fields["cell-note"] = "một\r\nhai"
    status, text, _ = await operator.post("/inventories/tỉnh/row", {**fields, "cell-fqdn": "c.example"})
    assert (status, versions(served, "tỉnh")) == (200, [1])
    assert "c.example" in text
    assert (await confirm(operator, text))[0] == 303
    assert ">một\nhai</textarea>" in (await operator.get("/inventories/tỉnh/row?id=Cổng"))[1]
    status, text, _ = await operator.post("/inventories/tỉnh/row", {**fields, "id": "Cổng cũ", "retire": "on"})
    assert status == 200
    await confirm(operator, text)
    stock = served.app[SITE].stock
    assert [(each.id, each.host) for each in stock.read(stock.version("tỉnh")).subjects] == [("Cổng", "c.example")]
    assert versions(served, "tỉnh") == [3, 2, 1]


async def test_a_row_is_added_after_a_preview_with_the_checks_of_an_import(served: Served) -> None:
    operator = await served.as_("vận hành", Role.OPERATOR)
    await confirm(
        operator, (await send(operator, "tỉnh", ("a.csv", "Tên,Loại,Tên miền\nCổng,portal,a.vn\n".encode())))[1]
    )
    assert '/inventories/t%E1%BB%89nh/row/new"' in (await operator.get("/inventories/tỉnh"))[1]
    assert 'name="cell-fqdn" value=""' in (await operator.get("/inventories/tỉnh/row/new"))[1]
    fields = {
        "csrf": await operator.csrf(),
        "cell-name": "Biên",
        "cell-kind": "bộ định tuyến",
        "cell-ipv4": "10.0.0.300",
    }
    status, text, _ = await operator.post("/inventories/tỉnh/row/new", fields)
    assert (status, versions(served, "tỉnh")) == (422, [1])
    assert "10.0.0.300" in text
    status, text, _ = await operator.post("/inventories/tỉnh/row/new", {**fields, "cell-ipv4": "10.0.0.3"})
    assert (status, versions(served, "tỉnh")) == (200, [1])
    assert (await confirm(operator, text))[0] == 303
    stock = served.app[SITE].stock
    assert [each.id for each in stock.read(stock.version("tỉnh")).subjects] == ["Cổng", "Biên"]
    assert versions(served, "tỉnh") == [2, 1]


@pytest.mark.parametrize("path", ["/inventories/none/row?id=a", f"{PAGE}/row?id=none", f"{PAGE}/row"])
async def test_a_row_that_is_not_there_cannot_be_edited(served: Served, path: str) -> None:
    assert (await (await served.as_("vận hành", Role.OPERATOR)).get(path))[0] == 404


async def test_inventory_is_retired_with_its_schedules_and_taken_up_again(served: Served, store: SqlStore) -> None:
    site, browser = served.app[SITE], await served.as_("lan", Role.OPERATOR)
    row = KeptSchedule(
        name="ngày", cron="0 1 * * *", inventory=kept.INVENTORY, profile="quick", who="lan", made=judged.NOW
    )
    KeptSchedules(store.database).keep(row)
    page = (await browser.get(PAGE))[1]
    assert f'action="/inventories/{quote(kept.INVENTORY)}/retire"' in page
    assert "<li>ngày (0 1 * * *)</li>" in page
    assert (await browser.post(f"{PAGE}/retire", {"csrf": await browser.csrf()}))[0] == 303
    assert site.jobs.standings()["ngày"].paused_by == "lan"
    assert kept.INVENTORY not in (await browser.get("/audits"))[1]
    listed = (await browser.get("/inventories"))[1]
    assert listed.index("Danh mục đã ngừng dùng") < listed.index(kept.INVENTORY)
    page = (await browser.get(PAGE))[1]
    assert "/reinstate" in page
    assert "/row/new" not in page
    resumed = await browser.post("/schedules/ng%C3%A0y/pause", {"csrf": await browser.csrf(), "paused": "0"})
    assert resumed[0] == 422
    assert (await browser.post(f"{PAGE}/reinstate", {"csrf": await browser.csrf()}))[0] == 303
    assert kept.INVENTORY in (await browser.get("/audits"))[1]
    deeds = [deed.what for deed in site.accounts.deeds()]
    assert (deeds.count("inventory_retired"), deeds.count("inventory_reinstated")) == (1, 1)


async def test_retired_inventory_takes_no_version_and_shows_its_runs_still(served: Served) -> None:
    browser = await served.as_("lan", Role.OPERATOR)
    _, preview = await send(browser, kept.INVENTORY, ("a.csv", CHANGED.encode()))
    served.app[SITE].stock.retire(kept.INVENTORY, who="lan", now=judged.NOW)
    status, text = await confirm(browser, preview)
    assert (status, "đã ngừng dùng" in text) == (409, True)
    assert (await browser.get(f"/runs/{judged.RUN}"))[0] == 200
    assert (await browser.get(f"{PAGE}/1"))[0] == 200


async def test_viewer_retires_nothing(served: Served) -> None:
    browser = await served.as_("xem", Role.VIEWER)
    assert "/retire" not in (await browser.get(PAGE))[1]
    assert (await browser.post(f"{PAGE}/retire", {"csrf": await browser.csrf()}))[0] == 403
