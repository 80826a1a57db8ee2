"""Writes the problems of an inventory in Vietnamese and English.

``{value}`` is the quoted text of the cell and is filled in for every code; the other fields come with the problem.
``why`` and ``wanted`` may be keys of ``problem_reasons.REASONS`` and are then shown in the reader's language; so are
the names of columns and the words of closed lists.
"""

from collections.abc import Mapping
from typing import NamedTuple

from inventory.problems.codes import Code


class Text(NamedTuple):
    vi: str
    en: str


TEXTS: Mapping[Code, Text] = {
    Code.MISSING_FILE: Text("không có tệp này", "there is no such file"),
    Code.UNREADABLE_FILE: Text("không đọc được: {why}", "cannot be read: {why}"),
    Code.EMPTY_FILE: Text("tệp trống", "the file is empty"),
    Code.FILE_TOO_LARGE: Text("tệp lớn hơn {limit} MB", "the file is larger than {limit} MB"),
    Code.UNKNOWN_SUFFIX: Text(
        "không biết loại tệp {value}; đọc được: {known}", "unknown type of file {value}; what can be read: {known}"
    ),
    Code.UNDECODABLE: Text(
        "không phải văn bản UTF-8, UTF-16 hay Windows-1258; hãy lưu lại dạng CSV UTF-8",
        "not text in UTF-8, UTF-16 or Windows-1258; save it again as CSV UTF-8",
    ),
    Code.GUESSED_ENCODING: Text(
        "không phải UTF-8, đã đọc theo {encoding}; hãy xem lại các chữ có dấu",
        "not UTF-8, read as {encoding}; look over the accented letters",
    ),
    Code.READ_AS: Text(
        "nội dung là {why}, khác với đuôi tệp {value}; đã đọc theo nội dung",
        "the content is {why}, unlike what {value} says; it was read as what it is",
    ),
    Code.WRONG_CONTENT: Text(
        "nội dung là {why}, khác với đuôi tệp {value}, nên không đọc được; hãy lưu lại dạng XLSX, ODS hoặc CSV UTF-8",
        "the content is {why}, unlike what {value} says, and is not read; save it as XLSX, ODS or CSV UTF-8",
    ),
    Code.TOO_MANY_CELLS: Text(
        "một trang tính trải rộng hơn {limit} ô; hãy xóa các ô nằm xa bảng",
        "a sheet spreads over more than {limit} cells; delete what stands far outside of the table",
    ),
    Code.NEEDS_MEMORY: Text(
        "đọc tệp này cần hơn {limit} MB bộ nhớ; hãy xóa các ô nằm xa bảng, hoặc lưu lại dạng CSV UTF-8",
        "reading the file takes more than {limit} MB of memory; delete what stands far outside of the table, or save it"
        " as CSV UTF-8",
    ),
    Code.NEEDS_TIME: Text(
        "đọc tệp này mất hơn {limit} giây; hãy xóa các ô và dòng thừa, hoặc chia thành nhiều tệp",
        "reading the file takes longer than {limit} s; delete what does not belong to the table, or split it into"
        " several files",
    ),
    Code.READER_ENDED: Text(
        "trình đọc tệp đã dừng giữa chừng ({why}); hãy lưu lại tệp dạng CSV UTF-8 rồi thử lại",
        "the reader of the file broke off ({why}); save the file as CSV UTF-8 and try again",
    ),
    Code.BROKEN_CSV: Text("CSV hỏng: {why}", "broken CSV: {why}"),
    Code.BROKEN_WORKBOOK: Text(
        "bảng tính hỏng hoặc không đúng loại: {why}; hãy mở bằng Excel hoặc LibreOffice, lưu lại rồi gửi lại",
        "broken or foreign workbook: {why}; open it in Excel or LibreOffice, save it and send it again",
    ),
    Code.LOCKED_WORKBOOK: Text(
        "bảng tính có mật khẩu nên không đọc được; hãy bỏ mật khẩu, lưu lại rồi gửi lại",
        "the workbook is protected by a password and cannot be read; remove it, save the file and send it again",
    ),
    Code.BROKEN_YAML: Text("YAML hỏng: {why}", "broken YAML: {why}"),
    Code.YAML_SHAPE: Text("ở đây cần {wanted}", "expected {wanted} here"),
    Code.YAML_ALIAS: Text("không dùng được bí danh (*) của YAML", "YAML aliases (*) are not accepted"),
    Code.YAML_DEPTH: Text("lồng nhau quá sâu", "nested too deeply"),
    Code.YAML_KEY_TWICE: Text("khóa {value} có hai lần", "the key {value} stands here twice"),
    Code.YAML_UNKNOWN_KEY: Text("khóa lạ {value}; dùng được: {known}", "unknown key {value}; known are: {known}"),
    Code.NO_HEADER: Text(
        "không thấy dòng tiêu đề có cột tên và cột loại; hãy thêm dòng này, ví dụ: Tên, Loại, Tên miền, Địa chỉ IPv6",
        "no header row with the columns name and kind; add one, such as: name, kind, fqdn, ipv6",
    ),
    Code.OLD_FONT: Text(
        "chữ viết bằng phông cũ (TCVN3 như .VnTime, hoặc VNI) nên không nhận ra dòng tiêu đề; hãy chuyển mã sang"
        " Unicode, ví dụ bằng công cụ chuyển mã của UniKey, rồi gửi lại",
        "written for a font older than Unicode (TCVN3 such as .VnTime, or VNI), so that no header row is found; convert"
        " it to Unicode, for example with UniKey, and send it again",
    ),
    Code.OLD_FONT_TEXT: Text(
        "nhiều ô viết bằng phông cũ (TCVN3 như .VnTime, hoặc VNI) nên tên sẽ hiện sai; hãy chuyển mã sang Unicode, ví"
        " dụ bằng công cụ chuyển mã của UniKey, rồi gửi lại",
        "several cells are written for a font older than Unicode (TCVN3 such as .VnTime, or VNI), so that names show"
        " wrongly; convert them to Unicode, for example with UniKey, and send it again",
    ),
    Code.SHEET_WITHOUT_HEADER: Text(
        "trang tính không có dòng tiêu đề nhận ra được, đã bỏ qua {count} dòng",
        "sheet without a header row that is known; rows left out: {count}",
    ),
    Code.TABLE_LEFT_OUT: Text(
        "bảng này được chọn bỏ qua; số dòng không đọc: {count}", "this table was chosen to be left out; rows: {count}"
    ),
    Code.HIDDEN_SHEET: Text(
        "trang tính {value} đang bị ẩn nhưng vẫn được đọc; hãy bỏ chọn nếu không dùng",
        "the sheet {value} is hidden but was read; leave it out if it is not in use",
    ),
    Code.HIDDEN_ROWS: Text(
        "từ dòng này có {count} dòng đang bị ẩn (lọc) nhưng vẫn được đọc; hãy xóa nếu không dùng",
        "hidden or filtered rows from here on that were read all the same: {count}; delete them if they are not in use",
    ),
    Code.HIDDEN_COLUMNS: Text(
        "cột đang bị ẩn nhưng vẫn được đọc: {letters}", "hidden columns that were read all the same: {letters}"
    ),
    Code.ROWS_ABOVE_HEADER: Text(
        "tiêu đề ở dòng {header}; đã bỏ qua {count} dòng bên trên",
        "the header is row {header}; rows above it left out: {count}",
    ),
    Code.UNKNOWN_COLUMN: Text("cột lạ {value}", "unknown column {value}"),
    Code.COLUMN_AS_NOTE: Text(
        "không nhận ra cột {value}; nội dung của cột được giữ trong ghi chú",
        "the column {value} is not known; its cells are kept as notes",
    ),
    Code.COLUMN_LEFT_OUT: Text(
        "không nhận ra cột {value}; nội dung của cột bị bỏ qua", "the column {value} is not known and was left out"
    ),
    Code.COLUMN_TWICE: Text(
        "hai cột cùng là {column}: {first} và {value}", "two columns are {column}: {first} and {value}"
    ),
    Code.MISSING_COLUMN: Text("thiếu cột {columns}", "the column {columns} is missing"),
    Code.MISSING_KINDS: Text(
        "thiếu cột {columns}; hãy thêm cột này và ghi loại của mỗi dòng, ví dụ: cổng thông tin điện tử, thư điện tử,"
        " bộ định tuyến",
        "the column {columns} is missing; add it, with the kind of each row, such as portal, mail or router",
    ),
    Code.CELL_OUTSIDE: Text(
        "ô {value} ở cột thứ {position} không có tiêu đề", "the cell {value} in column {position} has no header"
    ),
    Code.CELL_UNTITLED: Text(
        "ô {value} ở cột {letter} không có tiêu đề; nội dung được giữ trong ghi chú",
        "the cell {value} in column {letter} has no header; it is kept as a note",
    ),
    Code.CELL_LEFT_OUT: Text(
        "ô {value} ở cột {letter} không có tiêu đề; nội dung bị bỏ qua",
        "the cell {value} in column {letter} has no header and was left out",
    ),
    Code.NOTES_LEFT_OUT: Text(
        "bảng đơn vị và bảng miễn trừ không lưu ghi chú, đã bỏ qua {value}; số dòng có ghi chú bị bỏ qua: {count}",
        "units and exemptions keep no notes, {value} was left out; rows with notes left out: {count}",
    ),
    Code.TOTAL_ROW: Text("dòng tổng cộng {value}, đã bỏ qua", "the row of totals {value} was left out"),
    Code.EXAMPLE_ROW: Text("dòng ví dụ {value}, đã bỏ qua", "the example {value} was left out"),
    Code.REMARK_ROW: Text("dòng ghi chú {value}, đã bỏ qua", "the remark {value} was left out"),
    Code.COPIED_ROW: Text(
        "giống hệt dòng {first}, đã bỏ qua; nếu là hai thiết bị thì đặt tên khác nhau",
        "equal to row {first} and left out; give two devices different names",
    ),
    Code.SIGNATURE_ROWS: Text(
        "phần ký tên bắt đầu từ {value}; số dòng đã bỏ qua: {count}",
        "the signatures begin with {value}; rows left out: {count}",
    ),
    Code.AGENCY_HEADING: Text(
        "{value} được hiểu là đơn vị của các dòng bên dưới", "{value} understood as the agency of the rows below it"
    ),
    Code.GROUP_HEADING: Text("dòng tiêu đề nhóm {value}, đã bỏ qua", "the group heading {value} was left out"),
    Code.TOO_MANY_ROWS: Text("quá {limit} dòng", "more than {limit} rows"),
    Code.TOO_MANY_PROBLEMS: Text("còn {count} lỗi nữa không liệt kê", "further problems, not listed: {count}"),
    Code.NO_TARGETS: Text("không có đối tượng nào", "there is nothing to audit in it"),
    Code.CELL_TOO_LONG: Text("ô dài quá {limit} ký tự: {value}", "the cell has more than {limit} characters: {value}"),
    Code.CONTROL_CHARACTER: Text(
        "ô có ký tự điều khiển {character}: {value}", "the cell has the control character {character}: {value}"
    ),
    Code.MISSING_NAME: Text("thiếu tên (hoặc một địa chỉ)", "a name (or one address) is missing"),
    Code.MISSING_KIND: Text("thiếu loại", "the kind is missing"),
    Code.UNKNOWN_WORD: Text(
        "{what} {value} chưa được hỗ trợ. Chọn một trong: {known}",
        "the {what} {value} is not supported; choose one of: {known}",
    ),
    Code.NOT_AN_ADDRESS: Text("{value} không phải địa chỉ IP hợp lệ", "{value} is not an IP address"),
    Code.ADDRESS_WITH_LENGTH: Text(
        "{value} đã hiểu là địa chỉ {address}, bỏ độ dài tiền tố",
        "{value} understood as the address {address}, its prefix length dropped",
    ),
    Code.ADDRESS_IS_NETWORK: Text(
        "{value} là một khối {count} địa chỉ, không phải địa chỉ của một máy; hãy ghi từng địa chỉ"
        " (khối được cấp cho điểm kết nối thì ghi ở cột nhãn: prefix=…)",
        "{value} is a block of {count} addresses, not the address of one host; write each address (a block"
        " that a connection point was given belongs among its tags: prefix=…)",
    ),
    Code.ADDRESS_WITH_PORT: Text(
        "{value} có kèm cổng; cổng ghi ở cột dịch vụ", "{value} carries a port; ports belong in the column services"
    ),
    Code.ADDRESS_IS_NAME: Text(
        "{value} là tên miền, không phải địa chỉ; hãy ghi ở cột tên miền",
        "{value} is a domain name, no address; write it in the column fqdn",
    ),
    Code.ADDRESS_WITH_ZONE: Text(
        "{value} có kèm tên giao diện (%), chỉ có nghĩa trên một máy",
        "{value} carries an interface (%), which means something on one machine only",
    ),
    Code.ADDRESS_MAPPED: Text("{value} đã hiểu là {address}", "{value} understood as {address}"),
    Code.ADDRESS_OTHER_FAMILY: Text(
        "{value} là địa chỉ IPv{family}, đã hiểu như vậy", "{value} is an IPv{family} address and was understood as one"
    ),
    Code.ADDRESS_UNUSABLE: Text(
        "{value} không phải địa chỉ của một máy", "{value} is not an address that one machine can have"
    ),
    Code.ADDRESS_SPECIAL: Text(
        "{value} là địa chỉ cục bộ; chỉ được kiểm tra khi cấu hình của hệ thống nêu rõ (scope.allow)",
        "{value} is a local address; it is not audited unless scope.allow lists it",
    ),
    Code.RANGE_BACKWARDS: Text("dải {value} đi ngược", "the range {value} runs backwards"),
    Code.RANGE_TOO_LONG: Text(
        "dải {value} có hơn {limit} địa chỉ", "the range {value} has more than {limit} addresses"
    ),
    Code.RANGE_OF_ONE: Text(
        "dải {value} được hiểu là {count} địa chỉ của một đối tượng; nếu là {count} thiết bị thì ghi mỗi thiết bị một"
        " dòng",
        "the range {value} was understood as {count} addresses of one subject; if these are {count} devices, give each"
        " a row of its own",
    ),
    Code.NO_ADDRESS_WORD: Text(
        "{value} không phải địa chỉ, đã coi là trống", "{value} is not an address; taken as empty"
    ),
    Code.ADDRESS_DYNAMIC: Text(
        "{value}: địa chỉ được cấp động nên không đo được; hãy ghi địa chỉ cố định hoặc tên miền",
        "{value}: an address that changes cannot be measured; write a fixed address or a domain name",
    ),
    Code.SAYS_NOTHING: Text("{value} đã coi là trống", "{value} was taken as empty"),
    Code.CELL_REMARK: Text(
        "{value}: phần trong ngoặc đã coi là ghi chú", "{value}: what stands in brackets was taken as a remark"
    ),
    Code.NOT_A_NAME: Text("{value} không phải tên miền: {why}", "{value} is not a domain name: {why}"),
    Code.NAME_FROM_URL: Text("{value} đã hiểu là tên miền {name}", "{value} understood as the name {name}"),
    Code.NAME_UNDERSCORE: Text(
        "{value} có dấu gạch dưới, tên máy không được có", "{value} has an underscore, which host names may not have"
    ),
    Code.SEVERAL_NAMES: Text(
        "{value} có nhiều tên miền; mỗi tên một dòng", "{value} holds several names; give each a row of its own"
    ),
    Code.NEEDS_DOMAIN_NAME: Text(
        "loại {kind} cần có tên miền, ghi ở cột tên miền hoặc cột tên",
        "the kind {kind} needs a domain name, in fqdn or as its name",
    ),
    Code.NOTHING_TO_REACH: Text(
        "không có địa chỉ và không có tên miền: sẽ không đo được gì",
        "no address and no domain name: nothing can be measured",
    ),
    Code.NOT_A_SERVICE: Text(
        "{value} không phải dịch vụ dạng tên:cổng, ví dụ https:443", "{value} is not a service like https:443"
    ),
    Code.UNKNOWN_SERVICE: Text(
        "dịch vụ {value} chưa biết, hãy ghi cả cổng: tên:cổng", "unknown service {value}; write its port too: name:port"
    ),
    Code.SERVICE_LIKE_KNOWN: Text("dịch vụ {value} được giữ nguyên", "the service {value} is taken as it stands"),
    Code.NOT_A_PORT: Text("{value} không phải số cổng từ 1 đến 65535", "{value} is not a port from 1 to 65535"),
    Code.NOT_A_DATE: Text(
        "{value} không phải ngày dạng 31/12/2026 hoặc 2026-12-31", "{value} is not a date like 2026-12-31 or 31/12/2026"
    ),
    Code.NOT_A_MONTH: Text(
        "{value} không phải tháng dạng 06/2027 hoặc 2027-06", "{value} is not a month like 2027-06 or 06/2027"
    ),
    Code.DATES_BACKWARDS: Text(
        "kết thúc {value} trước khi bắt đầu {start}", "ends on {value}, before it begins on {start}"
    ),
    Code.NOT_COORDINATES: Text(
        "{value} không phải tọa độ; ghi vĩ độ rồi kinh độ, ví dụ 12.68, 108.04",
        "{value} does not give coordinates: write latitude, then longitude, as 12.68, 108.04",
    ),
    Code.HALF_COORDINATES: Text("có {value} mà thiếu {column}", "{value} needs {column} beside it"),
    Code.NOT_A_NUMBER: Text("{value} không phải số", "{value} is not a number"),
    Code.NUMBER_AMBIGUOUS: Text("{value} đã hiểu là {number}", "{value} understood as {number}"),
    Code.NUMBER_OUTSIDE: Text("{value} không nằm trong khoảng {low} đến {high}", "{value} is not from {low} to {high}"),
    Code.NOT_A_BANDWIDTH: Text(
        "{value} không phải băng thông; ghi một số lớn hơn 0 và không quá {high} (Mbps), hoặc kèm đơn vị, ví dụ 1 Gbps",
        "{value} is not a bandwidth: write a number above 0 and at most {high} (Mbps), or one with a unit, as 1 Gbps",
    ),
    Code.NOT_AN_EXPECTATION: Text(
        "{value} không phải một trong: bắt buộc; kế hoạch:06/2027; miễn trừ:LÝ DO;người ký=HỌ TÊN;đến ngày=NGÀY",
        "{value} is not required, planned:2027-06 or exempt:REASON;by=WHO;until=DATE",
    ),
    Code.EXEMPTION_WITHOUT_REASON: Text("miễn trừ {value} không nêu lý do", "the exemption {value} gives no reason"),
    Code.EXEMPTION_UNSIGNED: Text("miễn trừ {value} thiếu {missing}", "the exemption {value} lacks {missing}"),
    Code.NOT_A_TAG: Text(
        "{value} không phải nhãn dạng từ hoặc khóa=giá trị", "{value} is not a tag: a word or key=value"
    ),
    Code.TAG_LIKE_KNOWN: Text("nhãn {value} được giữ nguyên", "the tag {value} is taken as it stands"),
    Code.TAG_VALUE: Text("nhãn {value} cần {wanted}", "the tag {value} needs {wanted}"),
    Code.NOT_A_URL: Text("{value} không phải URL http hoặc https", "{value} is not an http or https URL"),
    Code.NOT_A_WORD: Text(
        "{value} phải là một từ gồm chữ, số, chấm, gạch", "{value} must be one word of letters, digits, dots, dashes"
    ),
    Code.ID_TWICE: Text(
        "trùng với {other}: {value}; nếu là một đối tượng thì xóa một dòng, nếu không thì đặt tên khác",
        "the same as {other}: {value}; delete one of the rows, or give each a name of its own",
    ),
    Code.NAME_OF_SEVERAL: Text(
        "tên {value} có ở nhiều đơn vị; mã của đối tượng này là {id}",
        "several agencies have a subject named {value}; the id of this one is {id}",
    ),
    Code.RESERVED_ID: Text(
        "{value}: tên bắt đầu bằng {prefix} dành cho chương trình", "{value}: ids beginning with {prefix} are reserved"
    ),
    Code.TARGET_TWICE: Text(
        "trùng đơn vị, loại và tên miền {value} với {other}: được tính hai lần; nếu là một hệ thống thì xóa một dòng",
        "the same agency, kind and domain name {value} as {other}: counts twice; delete a row if they are one system",
    ),
    Code.ADDRESS_TWICE: Text("địa chỉ {value} cũng có ở {other}", "the address {value} also stands in {other}"),
    Code.MISSING_AGENCY: Text(
        "để trống đơn vị trong khi dòng khác có; nếu cùng đơn vị với dòng trên thì ghi lại hoặc gộp ô",
        "no agency, though other rows have one; if it is that of the row above, write it again or merge the cells",
    ),
    Code.UNIT_CONTRADICTION: Text(
        "đơn vị {unit} có {what} là {value}, nhưng ở {other} là {before}",
        "the {what} of unit {unit} is {value} here but {before} in {other}",
    ),
    Code.UNIT_LIKE_ANOTHER: Text(
        "đơn vị {value} có thể là {before} ở {other}; nếu là một thì ghi cùng một tên hoặc cùng một mã",
        "the unit {value} may be {before} of {other}; if they are one, write the same name or the same code",
    ),
    Code.UNIT_UNNAMED: Text("đơn vị không có mã và không có tên", "a unit with neither code nor name"),
    Code.UNIT_ENDED: Text(
        "đơn vị {value} hết hiệu lực ngày {end}, đối tượng thì không; sau ngày đó phải ghi đơn vị tiếp nhận, nếu không"
        " đối tượng không được tính cho đơn vị nào đang hoạt động",
        "the unit {value} ends on {end}, and this subject does not; from then on name the unit that takes it over, or"
        " it counts for none that is in force",
    ),
    Code.UNKNOWN_PARENT: Text("không có đơn vị cấp trên {value}", "there is no parent unit {value}"),
    Code.PARENT_WITHOUT_ROW: Text(
        "đơn vị cấp trên {value} không có dòng nào, đã coi là đơn vị cao nhất",
        "the parent unit {value} has no row of its own, taken as the top of the tree",
    ),
    Code.UNIT_CYCLE: Text("các đơn vị là cấp trên của nhau: {value}", "units that are each other's parents: {value}"),
    Code.EXEMPTION_OF_NOTHING: Text(
        "miễn trừ phải nêu một đối tượng hoặc một đơn vị, không phải cả hai",
        "an exemption names one subject or one agency, not both",
    ),
    Code.EXEMPTION_INCOMPLETE: Text("miễn trừ thiếu {column}", "the exemption lacks {column}"),
    Code.EXEMPTION_UNKNOWN: Text("không có {value} trong danh mục", "there is no {value} in the inventory"),
    Code.EXEMPTION_AMBIGUOUS: Text(
        "{value} có ở nhiều đơn vị; hãy ghi mã của đối tượng: {known}",
        "several agencies have {value}; write the id of the subject: {known}",
    ),
    Code.NOT_A_CHECK: Text(
        "{value} không phải mã kiểm tra, ví dụ ipv6.web hoặc security.tls.versions",
        "{value} is not a check or prefix like ipv6.web or security.tls.versions",
    ),
    Code.NOT_A_TARGET: Text(
        "{value} không phải đối tượng kiểm tra: cần tên miền, địa chỉ IP hoặc URL ({why})",
        "{value} is not a target: a domain name, an IP address or a URL ({why})",
    ),
    Code.TARGET_HOST_BITS: Text(
        "{value} không rõ là một địa chỉ hay cả mạng: hãy ghi {address} hoặc {network}",
        "{value} may mean one address or its network: write {address} or {network}",
    ),
    Code.TARGET_RANGE_TOO_LARGE: Text(
        "{value} có {count} địa chỉ; mỗi lệnh nhận tối đa {limit}: hãy ghi từng máy, hoặc dùng auditor audit"
        " với một danh mục",
        "{value} has {count} addresses; check takes at most {limit} of a network: name its hosts, or audit"
        " an inventory",
    ),
    Code.UNKNOWN_SCHEME: Text(
        "{value}: không biết {scheme}; dùng được: {known}", "{value}: unknown {scheme}; known are: {known}"
    ),
    Code.TARGET_WITH_CREDENTIALS: Text(
        "{value} có kèm tên đăng nhập; không được ghi mật khẩu ở đây", "{value} carries credentials; none belong here"
    ),
    Code.KIND_NEEDS_NAME: Text(
        "{value} là địa chỉ; loại {kind} cần tên miền", "{value} is an address; the kind {kind} needs a name"
    ),
}

ALSO_THERE = Text(
    "; tương tự ở {also_count} dòng nữa: {also_rows}", "; likewise in further rows ({also_count}): {also_rows}"
)
DID_YOU_MEAN = Text(" (ý bạn là {suggestion}?)", " (did you mean {suggestion}?)")
