"""Whole files load as real tables are written, and report all of their errors at once."""

import errno
from datetime import date
from ipaddress import ip_address
from pathlib import Path

import pytest

from inventory.loader import load, load_with_warnings
from inventory.model import Clearance, Coordinates, ExpectedState, Kind, Network, RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import InventoryError, ProblemSeverity
from tests.unit.inventory.reading import lines_of, load_text, subject_of, warnings_of

FORM = """\
UỶ BAN NHÂN DÂN TỈNH;;;;;;;;;
DANH SÁCH THIẾT BỊ, HỆ THỐNG THÔNG TIN;;;;;;;;;
;;;;;;;;;
STT;Tên hệ thống;Loại;Địa chỉ IP;Địa chỉ IPv6;Đơn vị;Mã đơn vị;Mã đơn vị cấp trên;Băng thông (Mbps);Ghi chú
(1);(2);(3);(4);(5);(6);(7);(8);(9);(10)
1;www.tinh.gov.vn;Cổng TTĐT;192.0.2.1;2001:db8::1;UBND tỉnh;H15;;;"Cổng chính
hai dòng"
2;tinh.gov.vn;Tên miền;;;UBND tỉnh;H15;;;
3;RT-TT-01;Bộ định tuyến;10.20.1.5-7;2001:DB8::2/64;Trung tâm CNTT;TTCNTT;H15;1.000;
4;Xã Ea Kar;Điểm kết nối;10.64.3.1;DHCP;Xã Ea Kar;X24448;H15;2,5;
"""

TWICE = "; delete one of the rows, or give each a name of its own"


def test_a_form_as_offices_fill_it_in(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, FORM)
    portal, zone, router, point = loaded.inventory.subjects
    assert (portal.id, portal.kind, portal.host) == ("www.tinh.gov.vn", Kind.PORTAL, "www.tinh.gov.vn")
    assert portal.declared.note == "Cổng chính\nhai dòng"
    assert portal.origin == RowOrigin(source=f"{tmp_path}/inventory.csv", row=6)
    assert (zone.kind, zone.host, zone.agency) == (Kind.ZONE, "tinh.gov.vn", "H15")
    assert router.addresses == tuple(map(ip_address, ("10.20.1.5", "10.20.1.6", "10.20.1.7", "2001:db8::2")))
    assert (router.agency, router.declared.bandwidth_mbps) == ("TTCNTT", 1000.0)
    assert (point.name, point.addresses, point.declared.bandwidth_mbps) == (
        "Xã Ea Kar",
        (ip_address("10.64.3.1"),),
        2.5,
    )
    assert [unit.code for unit in loaded.inventory.organisation.walk()] == ["H15", "TTCNTT", "X24448"]
    assert [warning.line().removeprefix(f"{tmp_path}/inventory.csv:") for warning in loaded.warnings] == [
        "4: the header is row 4; rows above it left out: 2",
        '8:ipv4: the range "10.20.1.5-7" was understood as 3 addresses of one subject; if these are 3 devices, give'
        " each a row of its own",
        '8:ipv6: "2001:DB8::2/64" understood as the address 2001:db8::2, its prefix length dropped',
        '9:ipv6: "DHCP": an address that changes cannot be measured; write a fixed address or a domain name',
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    text = "Tên,Loại,Địa chỉ IP\nMáy Đ,router,10.0.0.1\n".replace(",", separator).replace("\n", "\r\n")
    path.write_bytes(text.encode(encoding))
    loaded = load_with_warnings([path])
    assert [(each.name, each.kind) for each in loaded.inventory.subjects] == [("Máy Đ", Kind.ROUTER)]
    assert loaded.warnings == ()


def test_windows_1258_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,kind,ipv4\nMáy đo,router,10.0.0.1\n".encode("windows-1258"))
    loaded = load_with_warnings([path])
    assert loaded.inventory.subjects[0].name == "Máy đo"
    assert [warning.line("en").partition(": ")[2] for warning in loaded.warnings] == [
        "not UTF-8, read as Windows-1258; look over the accented letters"
    ]


def test_a_sep_line_is_obeyed_and_counted(tmp_path: Path) -> None:
    assert load_text(tmp_path, "sep=|\nname|kind|ipv4\nR|router|10.0.0.1\n").inventory.subjects[0].origin == RowOrigin(
        source=f"{tmp_path}/inventory.csv", row=3
    )


def test_every_column_reaches_its_field(tmp_path: Path) -> None:
    subject = subject_of(
        tmp_path,
        "id;agency_code;site;name;kind;ipv4;fqdn;services;network;expected_ipv6;snmp_profile;clearance;authorisation;"
        "contact;valid_from;valid_to;bandwidth_mbps;provider;channel;device;activated;expected_asn;allowed_ports;"
        "security_level;test_url;tags;note;coordinates",
        "S-1;H15;Tầng 2;Cổng;portal;192.0.2.1;www.a.vn;https:443;TSLCD;planned:2027-06;core;intrusive;CV 12/2026;"
        "A <a@a.vn>;01/02/2026;31/12/2026;100 Mbps;VNPT;MPLS;R1;2026-01-05;AS7552;80 443;Cấp độ 3;https://www.a.vn/x;"
        "dkim=s1 answers-vary;ghi chú;12.68, 108.04",
    )
    assert (subject.id, subject.name, subject.host, subject.agency) == ("S-1", "Cổng", "www.a.vn", "H15")
    assert [(service.name, service.port) for service in subject.services] == [("https", 443)]
    assert (subject.network, subject.clearance) == (Network.TSLCD, Clearance.INTRUSIVE)
    assert (subject.expected.state, subject.expected.due) == (ExpectedState.PLANNED, date(2027, 6, 1))
    assert (subject.snmp_profile, subject.authorisation) == ("core", "CV 12/2026")
    assert (subject.valid_from, subject.valid_to) == (date(2026, 2, 1), date(2026, 12, 31))
    assert (subject.tag_values("dkim"), subject.has_tag("answers-vary")) == (("s1",), True)
    declared = subject.declared
    assert (declared.site, declared.contact, declared.note) == ("Tầng 2", "A <a@a.vn>", "ghi chú")
    assert (declared.bandwidth_mbps, declared.provider, declared.channel) == (100.0, "VNPT", "MPLS")
    assert (declared.device, declared.activated) == ("R1", date(2026, 1, 5))
    assert (declared.expected_asn, declared.allowed_ports, declared.security_level) == ((7552,), (80, 443), 3)
    assert declared.test_url == "https://www.a.vn/x"
    assert declared.coordinates == Coordinates(latitude=12.68, longitude=108.04)


def test_load_coordinates_in_two_columns_are_read_together(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, "Tên,Loại,IPv4,Vĩ độ,Kinh độ", 'R,router,10.0.0.1,"12,68","108,04"')
    assert subject.declared.coordinates == Coordinates(latitude=12.68, longitude=108.04)


def test_load_half_of_coordinates_is_an_error_of_the_other_column(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load_text(tmp_path, "name,kind,ipv4,latitude,longitude\nR,router,10.0.0.1,12.68,\n")
    assert caught.value.lines("vi") == (f'{tmp_path}/inventory.csv:2:Kinh độ: có "12.68" mà thiếu Kinh độ',)


@pytest.mark.parametrize(
    ("kind", "services"),
    [
        ("portal", "http:80 https:443 http-alt:8080 https-alt:8443"),
        ("dvc", "http:80 https:443 http-alt:8080 https-alt:8443"),
        ("commune-site", "http:80 https:443 http-alt:8080 https-alt:8443"),
        ("api", "http:80 https:443 http-alt:8080 https-alt:8443"),
        ("zone", "dns:53"),
        ("resolver", "dns:53"),
        ("mail", ""),
        ("host", ""),
        ("datacentre", ""),
        ("connection-point", ""),
        ("router", "snmp:161 ssh:22"),
        ("switch", "snmp:161 ssh:22"),
        ("access-switch", "snmp:161 ssh:22"),
        ("firewall", "snmp:161 ssh:22"),
    ],
)
def test_services_by_kind(tmp_path: Path, kind: str, services: str) -> None:
    subject = subject_of(tmp_path, "name,kind,ipv4", f"a.vn,{kind},192.0.2.1")
    assert " ".join(f"{each.name}:{each.port}" for each in subject.services) == services


@pytest.mark.parametrize(
    ("header", "row", "wanted", "host"),
    [
        ("name,kind", "a.vn,portal", "a.vn", "a.vn"),
        ("name,kind,fqdn", "Cổng,portal,A.vn", "Cổng", "a.vn"),
        ("id,name,kind,fqdn", "X,Cổng,portal,a.vn", "X", "a.vn"),
        ("kind,ipv6", "host,2001:DB8::1", "2001:db8::1", None),
        ("kind,fqdn", "portal,a.vn", "a.vn", "a.vn"),
        ("name,kind,ipv4", "Máy chủ v2.0,host,10.0.0.1", "Máy chủ v2.0", None),
        ("name,kind,ipv4", "  R  1 ,host,10.0.0.1", "R 1", None),
        ("name,kind", "vn,zone", "vn", None),
    ],
)
def test_identity_and_host(tmp_path: Path, header: str, row: str, wanted: str, host: str | None) -> None:
    if row == "vn,zone":
        header, row, host = "name,kind,fqdn", "vn,zone,vn", "vn"
    subject = subject_of(tmp_path, header, row)
    assert (subject.id, subject.host) == (wanted, host)


def test_a_url_in_the_place_of_a_name(tmp_path: Path) -> None:
    subject = subject_of(tmp_path, "name,kind,fqdn", "Cổng,portal,https://a.vn/trang")
    assert (subject.host, subject.declared.test_url) == ("a.vn", "https://a.vn/trang")
    subject = subject_of(tmp_path, "name,kind", "https://a.vn/,portal")
    assert (subject.id, subject.host, subject.declared.test_url) == ("https://a.vn/", "a.vn", "")


def test_all_problems_of_all_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,kind,ipv4\nR1,roter,10.0.0.300\n,router,\nr2,router,10.0.0.2\n", "utf-8")
    (tmp_path / "b.yaml").write_text("targets:\n- {name: R2, kind: router, ipv4: 10.0.0.3, colour: red}\n", "utf-8")
    (tmp_path / "c.csv").write_bytes(b"")
    (tmp_path / "d").mkdir()
    names = ["a.csv", "b.yaml", "c.csv", "none.csv", "e.docx", "d"]
    with pytest.raises(InventoryError) as caught:
        load([tmp_path / name for name in names])
    kinds = ", ".join(kind for kind in Kind if kind is not Kind.UNIT)
    known = ".csv .tsv .txt .xlsx .xlsm .xls .ods .yaml .yml"
    assert [line.replace(f"{tmp_path}/", "") for line in caught.value.lines()] == [
        f'a.csv:2:kind: the kind "roter" is not supported; choose one of: {kinds} (did you mean router?)',
        'a.csv:2:ipv4: "10.0.0.300" is not an IP address',
        "a.csv:3:name: a name (or one address) is missing",
        "a.csv:3: no address and no domain name: nothing can be measured",
        'b.yaml:2: unknown column "colour"',
        'b.yaml:2:name: the same as a.csv:4: "R2"; delete one of the rows, or give each a name of its own',
        "c.csv: the file is empty",
        "none.csv: there is no such file",
        f'e.docx: unknown type of file ".docx"; what can be read: {known}',
        "d: cannot be read: it is a folder; name a file in it",
    ]
    assert all(
        "đ" in text or "không" in text or "trùng" in text or "thiếu" in text or "cột" in text or "tệp" in text
        for text in caught.value.lines("vi")
    )


def test_a_folder_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(InventoryError) as caught:
        load([tmp_path / "a.csv"])
    assert caught.value.lines() == (f"{tmp_path}/a.csv: cannot be read: it is a folder; name a file in it",)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("inventory.safe_open.os.open", refuse)
    (tmp_path / "a.csv").write_text("name")
    with pytest.raises(InventoryError) as caught:
        load([tmp_path / "a.csv"])
    assert caught.value.lines() == (f"{tmp_path}/a.csv: cannot be read: no permission",)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "name,knd\nR,router\n",
            [
                "1: the column kind is missing; add it, with the kind of each row, such as portal, mail or router",
                '1: the column "knd" is not known; its cells are kept as notes (did you mean kind?)',
                "2: no address and no domain name: nothing can be measured",
            ],
        ),
        ("name,Tên,kind\na.vn,b,portal\n", ['1: two columns are name: name and "Tên"']),
        (
            "kind,note\nportal,x\n",
            [
                "1: the column id / name / ipv4 / ipv6 / fqdn is missing",
                "2: no address and no domain name: nothing can be measured",
            ],
        ),
        ("a,b\n1,2\n", [" no header row with the columns name and kind; add one, such as: name, kind, fqdn, ipv6"]),
        ("name,kind\na.vn,portal,x,y\n", ['2: the cell "x" in column 3 has no header']),
        ("name,kind\na.vn,portal\nA.VN,zone\n", [f'3:name: the same as {{}}:2: "A.VN"{TWICE}']),
        ("id,name,kind\n1,a.vn,portal\n1,b.vn,portal\n", [f'3:id: the same as {{}}:2: "1"{TWICE}']),
        (
            "name,kind\nzone:a.vn,host\n",
            [
                '2:name: "zone:a.vn": ids beginning with zone: are reserved',
                "2: no address and no domain name: nothing can be measured",
            ],
        ),
        ("name,kind\nKhu A,zone\n", ["2:fqdn: the kind zone needs a domain name, in fqdn or as its name"]),
        ("name,kind,ipv4\nThư,mail,192.0.2.1\n", ["2:fqdn: the kind mail needs a domain name, in fqdn or as its name"]),
        (
            "name,kind,network\na.vn,portal,tslc\n",
            ['2:network: the network "tslc" is not supported; choose one of: internet, tslcd (did you mean tslcd?)'],
        ),
        (
            "name,kind,clearance\na.vn,portal,full\n",
            ['2:clearance: the clearance "full" is not supported; choose one of: passive, normal, intrusive'],
        ),
        (
            "name,kind,valid_from,valid_to\na.vn,portal,2026-02-01,2026-01-01\n",
            ['2:valid_to: ends on "2026-01-01", before it begins on 2026-02-01'],
        ),
        ("name,kind\na.vn,\n", ["2:kind: the kind is missing"]),
        (
            "name,kind\na\x07.vn,portal\n",
            [
                '2:name: the cell has the control character \\x07: "a\\x07.vn"',
                "2:name: a name (or one address) is missing",
                "2: no address and no domain name: nothing can be measured",
            ],
        ),
        ('name,kind\n"a.vn,portal\n', ["2: broken CSV: unexpected end of data"]),
        ("name,kind\n", [" there is nothing to audit in it"]),
        ("\n \n", [" the file is empty"]),
    ],
)
def test_problems_of_csv(tmp_path: Path, text: str, lines: list[str]) -> None:
    assert lines_of(tmp_path, text) == [line.replace("{}", f"{tmp_path}/inventory.csv") for line in lines]


def test_addresses_of_two_machines_are_a_warning_and_shared_hosting_is_not(tmp_path: Path) -> None:
    text = "name,kind,ipv4\nR1,router,10.0.0.1\nR2,host,10.0.0.1\na.vn,portal,10.0.0.1\nb.vn,portal,10.0.0.1\n"
    assert warnings_of(tmp_path, text) == [f'3:ipv4: the address "10.0.0.1" also stands in {tmp_path}/inventory.csv:2']


def test_rows_of_one_agency_that_spell_one_name_in_two_ways_are_a_warning(tmp_path: Path) -> None:
    head = "name,kind,agency_name,test_url\nwww.a.vn,portal,Sở A,\n"
    told = f'the same agency, kind and domain name "www.a.vn" as {tmp_path}/inventory.csv:2: counts twice;'
    for spelling in ("WWW.a.vn.", "ｗｗｗ．a.vn", "https://www.a.vn"):
        [warning] = [line for line in warnings_of(tmp_path, f"{head}{spelling},portal,Sở A,\n") if "twice" in line]
        assert warning.startswith(f"3:name: {told}")


@pytest.mark.parametrize(
    "row", ["WWW.a.vn.,portal,Sở B,", "WWW.a.vn.,zone,Sở A,", "trang tin,portal,Sở A,https://www.a.vn/t"]
)
def test_one_name_of_two_agencies_kinds_or_pages_is_no_warning(tmp_path: Path, row: str) -> None:
    text = f"name,kind,agency_name,test_url,fqdn\nwww.a.vn,portal,Sở A,,\n{row},www.a.vn\n"
    assert warnings_of(tmp_path, text) == []


def test_exemptions_beside_the_targets(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,kind,agency_code,agency_name\na.vn,portal,H15,UBND tỉnh\n", "utf-8")
    (tmp_path / "e.csv").write_text(
        "Đối tượng;Đơn vị;Phép thử;Lý do;Người ký;Từ ngày;Đến ngày\n"
        "A.vn;;ipv6.web;cũ;GĐ;01/01/2026;31/12/2026\n;ubnd tỉnh;security.*;mới;GĐ;;\n",
        "utf-8",
    )
    inventory = load([tmp_path / "e.csv", tmp_path / "t.csv"])
    exemption, two = inventory.exemptions
    assert (exemption.subject, exemption.agency, exemption.check_prefix, exemption.reason, exemption.signatory) == (
        "a.vn",
        None,
        "ipv6.web",
        "cũ",
        "GĐ",
    )
    assert (exemption.valid_from, exemption.until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (two.subject, two.agency, two.check_prefix) == (None, "H15", "security")
    assert [source.name for source in inventory.sources] == [str(tmp_path / "e.csv"), str(tmp_path / "t.csv")]


def test_problems_of_exemptions(tmp_path: Path) -> None:
    text = """
targets:
- {name: a.vn, kind: portal, agency_code: H15}
exemptions:
- {check_prefix: ipv6, reason: x, signatory: y}
- {subject: a.vn, agency: H15, check_prefix: ipv6, reason: x, signatory: y}
- {subject: b.vn, check_prefix: ipv6, reason: x, signatory: y}
- {agency: H16, check_prefix: Ipv6, reason: x, signatory: y}
- {agency: H15, check_prefix: ipv6, from: 2026-02-01, until: 2026-01-01}
"""
    assert lines_of(tmp_path, text, "a.yaml") == [
        "5:subject: an exemption names one subject or one agency, not both",
        "6:subject: an exemption names one subject or one agency, not both",
        '7:subject: there is no "b.vn" in the inventory',
        '8:agency: there is no "H16" in the inventory',
        '8:check_prefix: "Ipv6" is not a check or prefix like ipv6.web or security.tls.versions',
        '9:until: ends on "2026-01-01", before it begins on 2026-02-01',
        "9:reason: the exemption lacks reason",
        '9:signatory: the exemption "H15" lacks signatory',
    ]


def test_warnings_do_not_stop_and_are_no_errors(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, "name,kind\nR1,router\n")
    assert [(warning.code, warning.severity) for warning in loaded.warnings] == [
        (Code.NOTHING_TO_REACH, ProblemSeverity.WARNING)
    ]


_TARGETS = "name,agency,kind,ipv4,Ghi chú,Điện thoại\nR1,SYT,router,10.0.0.1,Mới thay,0262\n"


def _warnings(folder: Path, name: str, text: str) -> list[str]:
    """Return the warnings of a table that is loaded beside a table of targets with notes."""
    (folder / "t.csv").write_text(_TARGETS, "utf-8")
    (folder / name).write_text(text, "utf-8")
    warnings = load_with_warnings([folder / "t.csv", folder / name]).warnings
    return [
        warning.line().removeprefix(f"{folder}/{name}:") for warning in warnings if not warning.source.endswith("t.csv")
    ]


@pytest.mark.parametrize(
    ("name", "text", "warning"),
    [
        (
            "u.csv",
            "Mã đơn vị,Tên đơn vị,Ghi chú\nSXD,Sở Xây dựng,\nSYT,Sở Y tế,Đã sáp nhập\nSTC,Sở Tài chính,Mới\n",
            '3:note: units and exemptions keep no notes, "Đã sáp nhập" was left out; rows with notes left out: 2',
        ),
        (
            "e.csv",
            "Đối tượng,Mã kiểm tra,Lý do,Người ký,Ghi chú\nR1,ipv6,Cũ,Lê An,Theo CV 15\n",
            '2:note: units and exemptions keep no notes, "Theo CV 15" was left out; rows with notes left out: 1',
        ),
        (
            "u.yaml",
            "units:\n- agency_code: SYT\n- agency_code: SXD\n  ghi chú: Mới\n",
            '3:note: units and exemptions keep no notes, "Mới" was left out; rows with notes left out: 1',
        ),
    ],
)
def test_notes_of_units_and_exemptions_are_told_to_be_left_out(
    tmp_path: Path, name: str, text: str, warning: str
) -> None:
    assert _warnings(tmp_path, name, text) == [warning]


def test_columns_of_notes_without_a_word_are_not_worth_a_warning(tmp_path: Path) -> None:
    assert _warnings(tmp_path, "u.csv", "Mã đơn vị,Tên đơn vị,Ghi chú\nSYT,Sở Y tế,-\nSXD,Sở Xây dựng,\n") == []


def test_cells_without_a_title_are_told_to_be_left_out_of_units(tmp_path: Path) -> None:
    assert _warnings(tmp_path, "u.csv", "Mã đơn vị,Tên đơn vị,\nSYT,Sở Y tế,0262\n") == [
        '2: the cell "0262" in column C has no header and was left out'
    ]


@pytest.mark.parametrize(("end", "is_told"), [("", True), ("2025-07-01", True), ("2025-06-30", False)])
def test_subjects_that_outlive_their_unit_are_told(tmp_path: Path, end: str, is_told: bool) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "units:\n"
        "- {agency_code: XC, agency_name: Xã Cũ, valid_to: 2025-06-30}\n"
        "- {agency_code: XM, agency_name: Xã Mới, valid_from: 2025-07-01}\n"
        "targets:\n"
        f"- {{agency_code: XC, name: cu.example.vn, kind: commune-site, valid_to: '{end}'}}\n"
        "- {agency_code: XM, name: moi.example.vn, kind: commune-site}\n",
        "utf-8",
    )
    told = [warning for warning in load_with_warnings([path]).warnings if warning.code is Code.UNIT_ENDED]
    assert [(warning.value, dict(warning.args)["end"]) for warning in told] == [("Xã Cũ", "2025-06-30")] * is_told


def test_bandwidths_are_in_the_unit_of_their_column(tmp_path: Path) -> None:
    form = FORM.replace("Băng thông (Mbps)", "Băng thông (Kbps)")
    subjects = load_text(tmp_path, form).inventory.subjects
    assert [subject.declared.bandwidth_mbps for subject in subjects[2:]] == [1.0, 0.0025]
