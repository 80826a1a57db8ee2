"""Holds the reasons for problems and the expected values, in Vietnamese and English, for the texts of problems."""

from collections.abc import Mapping

from inventory.problems.texts import Text

REASONS: Mapping[str, Text] = {
    "content-text": Text("văn bản thuần", "plain text"),
    "content-html": Text("trang HTML hoặc XML", "a page in HTML or XML"),
    "content-xlsx": Text("bảng tính XLSX", "an XLSX workbook"),
    "content-xlsb": Text("bảng tính nhị phân XLSB", "a binary XLSB workbook"),
    "content-ods": Text("bảng tính ODS", "an ODS workbook"),
    "content-xls": Text("bảng tính XLS", "an XLS workbook"),
    "content-pdf": Text("tài liệu PDF", "a PDF document"),
    "content-archive": Text("tệp nén", "an archive"),
    "length": Text("quá ngắn hoặc quá dài", "too short or too long"),
    "empty-label": Text("có phần trống giữa hai dấu chấm", "an empty part between two dots"),
    "long-label": Text("có phần dài quá 63 ký tự", "a part of more than 63 characters"),
    "one-label": Text("chỉ có một phần, cần tên đầy đủ", "one part only, the full name is needed"),
    "numeric": Text("phần cuối chỉ có chữ số", "its last part is a number"),
    "letters": Text("có ký tự hoặc gạch nối sai chỗ", "a character or hyphen out of place"),
    "idna": Text("có chữ mà tên miền không được có", "letters that names may not have"),
    "url": Text("URL không có tên miền hợp lệ", "a URL without a valid name"),
    "port": Text("cổng sai, hoặc thiếu cổng", "a port from 1 to 65535 belongs after the colon"),
    "brackets": Text("sai dấu ngoặc vuông: [2001:db8::1]", "brackets belong around an IPv6 address: [2001:db8::1]"),
    "zone": Text("không dùng được địa chỉ có %giao-diện", "an address with a %zone cannot be audited"),
    "empty": Text("trống", "empty"),
    "path": Text("loại này không có đường dẫn", "this form has no path"),
    "kind": Text("không phải loại của một đối tượng", "no kind that a target can have"),
    "mapping": Text("một ánh xạ (khóa: giá trị)", "a mapping (key: value)"),
    "list": Text("một danh sách ánh xạ", "a list of mappings"),
    "text": Text("một giá trị", "one value"),
    "address": Text("một địa chỉ IP", "an IP address"),
    "prefix": Text("một tiền tố địa chỉ", "a prefix of addresses"),
    "device-class": Text("1, 2, l2 hoặc l3", "1, 2, l2 or l3"),
    "selector": Text("một bộ chọn DKIM", "a DKIM selector"),
    "by": Text("người ký", "by"),
    "until": Text("đến ngày", "until"),
    "by, until": Text("người ký, đến ngày", "by, until"),
    "day": Text("một ngày dạng 2027-06-30", "a day like 2027-06-30"),
    "cut-off": Text("tệp bị cắt ngắn hoặc bị hỏng", "the file is cut off or damaged"),
    "no-workbook": Text("nội dung không phải bảng tính", "its content is no workbook"),
    "folder": Text("đây là thư mục; hãy ghi tên tệp bên trong", "it is a folder; name a file in it"),
    "permission": Text("không có quyền đọc", "no permission"),
    "not-a-file": Text(
        "đây là pipe, thiết bị hoặc socket, không phải tệp", "it is a pipe, a device or a socket, not a file"
    ),
}
