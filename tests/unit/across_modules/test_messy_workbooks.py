"""Workbooks as offices keep them: every entry is read, and everything that is no entry is told."""

import pytest

from inventory.loader import load_sent
from inventory.model import Network
from inventory.problems.problem import InventoryError
from tests.unit.inventory import messy_workbooks


def _errors(data: bytes) -> list[str]:
    with pytest.raises(InventoryError) as caught:
        load_sent([("a.xlsx", data)])
    return [line.removeprefix("a.xlsx") for line in caught.value.lines("vi")]


def _without(data: bytes, text: str, instead: str) -> bytes:
    """Return the workbook with one text in place of another."""
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == text:
                    cell.value = instead
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_department_list_reports_every_row_that_is_no_entry_in_vietnamese() -> None:
    kinds = (
        "cổng thông tin điện tử, dịch vụ công trực tuyến, trang thông tin điện tử cấp xã, giao diện lập trình (API),"
        " tên miền, tên miền thư điện tử, bộ định tuyến, bộ chuyển mạch, bộ chuyển mạch truy nhập, tường lửa,"
        " điểm kết nối TSLCD, trung tâm dữ liệu, máy chủ phân giải tên miền, máy chủ"
    )
    assert _errors(messy_workbooks.departments()) == [
        ":5: tiêu đề ở dòng 5; đã bỏ qua 3 dòng bên trên",
        ':5: không nhận ra cột "Điện thoại"; nội dung của cột được giữ trong ghi chú',
        ':8:Tên: tên "Máy chủ web" có ở nhiều đơn vị; mã của đối tượng này là so-y-te/Máy chủ web',
        ':9:Địa chỉ IPv6: "không có" không phải địa chỉ, đã coi là trống',
        ':9:Tên: tên "Switch tầng 1" có ở nhiều đơn vị; mã của đối tượng này là so-y-te/Switch tầng 1',
        f':10:Loại: Loại "modem" chưa được hỗ trợ. Chọn một trong: {kinds}',
        ':11:Địa chỉ IPv6: "2001:DB8:30::5/64" đã hiểu là địa chỉ 2001:db8:30::5, bỏ độ dài tiền tố',
        ':13: dòng tổng cộng "Tổng cộng: 5 thiết bị", đã bỏ qua',
        ':15: phần ký tên bắt đầu từ "Sơn Lâm, ngày 12 tháng 3 năm 2026"; số dòng đã bỏ qua: 4',
    ]


def test_department_list_fills_merged_agencies_down_and_keeps_telephones_as_notes() -> None:
    data = _without(messy_workbooks.departments(), "modem", "bộ định tuyến")
    inventory = load_sent([("a.xlsx", data)]).inventory
    assert [(each.id, each.agency, [str(address) for address in each.addresses]) for each in inventory.subjects] == [
        ("so-y-te/Máy chủ web", "so-y-te", ["10.20.1.5", "2001:db8:20::5"]),
        ("so-y-te/Switch tầng 1", "so-y-te", ["10.20.1.2"]),
        ("Modem", "so-y-te", ["10.20.1.3"]),
        ("so-xay-dung/Máy chủ web", "so-xay-dung", ["10.30.1.5", "2001:db8:30::5"]),
        ("so-xay-dung/Switch tầng 1", "so-xay-dung", ["10.30.1.2"]),
    ]
    assert [each.declared.note for each in inventory.subjects] == [
        "Phòng máy\nĐiện thoại: 0262 111",
        "Điện thoại: 0262 112",
        "",
        "Điện thoại: 0262 211",
        "Cũ",
    ]


def test_commune_list_takes_headings_as_agencies_and_leaves_totals_out() -> None:
    assert _errors(messy_workbooks.communes())[2:] == [
        ':4: "UBND xã Ea Kar" được hiểu là đơn vị của các dòng bên dưới',
        ':5:Tên: tên "Trụ sở UBND" có ở nhiều đơn vị; mã của đối tượng này là ubnd-xa-ea-kar/Trụ sở UBND',
        ':7: dòng tổng cộng "Cộng: 2", đã bỏ qua',
        ':8: "UBND phường Tân Lập" được hiểu là đơn vị của các dòng bên dưới',
        ':9:Địa chỉ IPv4: "10.64.2.0/29" là một khối 8 địa chỉ, không phải địa chỉ của một máy; hãy ghi từng địa chỉ'
        " (khối được cấp cho điểm kết nối thì ghi ở cột nhãn: prefix=…)",
        ':11: dòng tổng cộng "TỔNG CỘNG", đã bỏ qua',
        ':12: dòng tổng cộng "Danh sách này có 4 điểm kết nối./.", đã bỏ qua',
        ':13: phần ký tên bắt đầu từ "KT. GIÁM ĐỐC"; số dòng đã bỏ qua: 3',
    ]
    inventory = load_sent([("a.xlsx", _without(messy_workbooks.communes(), "10.64.2.0/29", "10.64.2.1"))]).inventory
    assert [(each.id, each.declared.bandwidth_mbps) for each in inventory.subjects] == [
        ("ubnd-xa-ea-kar/Trụ sở UBND", 100.0),
        ("Trạm y tế", 50.0),
        ("ubnd-phuong-tan-lap/Trụ sở UBND", 100.0),
        ("Công an phường", 100.0),
    ]
    assert {each.network for each in inventory.subjects} == {Network.TSLCD}
    assert [unit.name for unit in inventory.organisation.walk()] == ["UBND xã Ea Kar", "UBND phường Tân Lập"]


def test_two_sheets_report_dhcp_ranges_and_cells_without_a_title() -> None:
    lines = _errors(messy_workbooks.two_sheets())
    assert [line for line in lines if "chưa được hỗ trợ" not in line] == [
        "[Hướng dẫn]: trang tính không có dòng tiêu đề nhận ra được, đã bỏ qua 1 dòng",
        '[Thiết bị mạng]:2: ô "mới thay" ở cột F không có tiêu đề; nội dung được giữ trong ghi chú',
        '[Thiết bị mạng]:2:Địa chỉ IPv4: dải "10.20.1.5-9" được hiểu là 5 địa chỉ của một đối tượng; nếu là 5 thiết bị'
        " thì ghi mỗi thiết bị một dòng",
        '[Thiết bị mạng]:3:Địa chỉ IPv4: "DHCP": địa chỉ được cấp động nên không đo được; hãy ghi địa chỉ cố định hoặc'
        " tên miền",
        "[Thiết bị mạng]:3: không có địa chỉ và không có tên miền: sẽ không đo được gì",
        '[Thiết bị mạng]:5:Địa chỉ IPv4: "10.30.1.300" không phải địa chỉ IP hợp lệ',
        '[Trang TTĐT]:2:Tên miền: "https://soyte.sonlam.example/" đã hiểu là tên miền soyte.sonlam.example',
        '[Trang TTĐT]:4:Tên miền: "motcua sonlam.example" có nhiều tên miền; mỗi tên một dòng',
    ]
