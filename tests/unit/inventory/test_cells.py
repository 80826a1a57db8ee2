"""Cells one by one: text in, value and exact problems out."""

from datetime import date
from ipaddress import ip_address

import pytest

from inventory.cells.addresses import parse_addresses, parse_ipv4, parse_ipv6
from inventory.cells.dates import parse_date, parse_month
from inventory.cells.expectation import parse_expectation
from inventory.cells.names import parse_name
from inventory.cells.numbers import parse_asns, parse_bandwidth, parse_level, parse_ports, with_unit
from inventory.cells.services import parse_services, parse_tags
from inventory.cells.text import clean, parse_url, parse_word
from inventory.model import Expectation, ExpectedState, Kind
from inventory.rows.subject_row import parse_kind
from tests.unit.inventory.reading import read


def _range(text: str, count: int) -> str:
    return (
        f'the range "{text}" was understood as {count} addresses of one subject; if these are {count} devices, give'
        " each a row of its own"
    )


def _block(text: str, count: str) -> str:
    return (
        f'"{text}" is a block of {count} addresses, not the address of one host; write each address (a block that a'
        " connection point was given belongs among its tags: prefix=…)"
    )


@pytest.mark.parametrize(
    ("text", "addresses", "said"),
    [
        ("10.0.0.1", "10.0.0.1", []),
        (" 10.0.0.1 ;10.0.0.2,10.0.0.3\n10.0.0.1", "10.0.0.1 10.0.0.2 10.0.0.3", []),
        ("10.1.1.5-9", "10.1.1.5 10.1.1.6 10.1.1.7 10.1.1.8 10.1.1.9", [_range("10.1.1.5-9", 5)]),
        ("10.1.1.5 – 10.1.1.6", "10.1.1.5 10.1.1.6", [_range("10.1.1.5-10.1.1.6", 2)]),
        ("10.1.1.5 đến 10.1.1.6", "10.1.1.5 10.1.1.6", [_range("10.1.1.5-10.1.1.6", 2)]),
        ("10.1.1.5-5", "10.1.1.5", []),
        ("10.1.1.9-5", "", ['the range "10.1.1.9-5" runs backwards']),
        ("10.1.0.0-10.1.4.0", "", ['the range "10.1.0.0-10.1.4.0" has more than 256 addresses']),
        ("10.1.1.1-2001:db8::1", "", ['"10.1.1.1-2001:db8::1" is not an IP address']),
        ("10.20.300.4", "", ['"10.20.300.4" is not an IP address']),
        ("010.001.001.005", "", ['"010.001.001.005" is not an IP address (did you mean 10.1.1.5?)']),
        ("10.0.0.1/24", "10.0.0.1", ['"10.0.0.1/24" understood as the address 10.0.0.1, its prefix length dropped']),
        ("10.0.0.1/32", "10.0.0.1", []),
        ("10.0.0.1 /32; 10.0.0.2/ 32", "10.0.0.1 10.0.0.2", []),
        ("10.0.0.0/31", "10.0.0.0", ['"10.0.0.0/31" understood as the address 10.0.0.0, its prefix length dropped']),
        ("10.0.0.0/24", "", [_block("10.0.0.0/24", "256")]),
        ("10.0.0.1/33", "", ['"10.0.0.1/33" is not an IP address']),
        (
            "10.0.0.1:443",
            "",
            ['"10.0.0.1:443" carries a port; ports belong in the column services (did you mean 10.0.0.1?)'],
        ),
        ("2001:db8::1", "2001:db8::1", ['"2001:db8::1" is an IPv6 address and was understood as one']),
        ("::ffff:10.0.0.1", "10.0.0.1", ['"::ffff:10.0.0.1" understood as 10.0.0.1']),
        ("DHCP", "", ['"DHCP": an address that changes cannot be measured; write a fixed address or a domain name']),
        ("Không có", "", ['"Không có" is not an address; taken as empty']),
        ("-", "", []),
        ("224.0.0.1", "224.0.0.1", ['"224.0.0.1" is not an address that one machine can have']),
        ("127.0.0.1", "127.0.0.1", ['"127.0.0.1" is a local address; it is not audited unless scope.allow lists it']),
        ("www.example.vn", "", ['"www.example.vn" is a domain name, no address; write it in the column fqdn']),
        ("https://10.0.0.1:8443/a", "10.0.0.1", ['"https://10.0.0.1:8443/a" understood as 10.0.0.1']),
        (
            "https://www.example.vn/",
            "",
            ['"https://www.example.vn/" is a domain name, no address; write it in the column fqdn'],
        ),
        ("10,0,0,1", "", ['"10,0,0,1" is not an IP address (did you mean 10.0.0.1?)']),
        ("1-", "", ['"1-" is not an IP address']),
    ],
)
def test_ipv4_column(text: str, addresses: str, said: list[str]) -> None:
    assert read(parse_ipv4, text) == (tuple(map(ip_address, addresses.split())), said)


@pytest.mark.parametrize(
    ("text", "addresses", "said"),
    [
        (
            "2001:DB8::1/64",
            "2001:db8::1",
            ['"2001:DB8::1/64" understood as the address 2001:db8::1, its prefix length dropped'],
        ),
        ("2001:db8::/64", "", [_block("2001:db8::/64", "2^64")]),
        (
            "2001:db8::/127",
            "2001:db8::",
            ['"2001:db8::/127" understood as the address 2001:db8::, its prefix length dropped'],
        ),
        ("2001:db8::5-2001:db8::6", "2001:db8::5 2001:db8::6", [_range("2001:db8::5-2001:db8::6", 2)]),
        (
            "[2001:db8::1]:443",
            "",
            ['"[2001:db8::1]:443" carries a port; ports belong in the column services (did you mean 2001:db8::1?)'],
        ),
        (
            "fe80::1%eth0",
            "",
            [
                '"fe80::1%eth0" carries an interface (%), which means something on one machine only '
                "(did you mean fe80::1?)"
            ],
        ),
        (
            "fe80::1%e/64",
            "",
            [
                '"fe80::1%e/64" carries an interface (%), which means something on one machine only '
                "(did you mean fe80::1?)"
            ],
        ),
        ("fe80::1%a-fe80::2%a", "", ['"fe80::1%a-fe80::2%a" is not an IP address']),
        ("::", "::", ['"::" is not an address that one machine can have']),
        ("10.0.0.1", "10.0.0.1", ['"10.0.0.1" is an IPv4 address and was understood as one']),
    ],
)
def test_ipv6_column(text: str, addresses: str, said: list[str]) -> None:
    assert read(parse_ipv6, text) == (tuple(map(ip_address, addresses.split())), said)


def test_addresses_without_a_family_take_both() -> None:
    assert read(parse_addresses, "10.0.0.1 2001:db8::1") == ((ip_address("10.0.0.1"), ip_address("2001:db8::1")), [])


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("WWW.Example.VN.", "www.example.vn", []),
        ("cổng.vn", "xn--cng-qmz.vn", []),
        ("xn--cng-qmz.vn", "xn--cng-qmz.vn", []),
        (
            "https://www.example.vn/trang-chu",
            "www.example.vn",
            ['"https://www.example.vn/trang-chu" understood as the name www.example.vn'],
        ),
        ("a_b.example.vn", "a_b.example.vn", ['"a_b.example.vn" has an underscore, which host names may not have']),
        ("example", None, ['"example" is not a domain name: one part only, the full name is needed']),
        ("a..vn", None, ['"a..vn" is not a domain name: an empty part between two dots']),
        ("-a.vn", None, ['"-a.vn" is not a domain name: a character or hyphen out of place']),
        ("10.0.0.1", None, ['"10.0.0.1" is not a domain name: its last part is a number']),
        (
            "*.example.vn",
            None,
            ['"*.example.vn" is not a domain name: a character or hyphen out of place (did you mean example.vn?)'],
        ),
        (
            "vanthu@example.vn",
            None,
            ['"vanthu@example.vn" is not a domain name: a character or hyphen out of place (did you mean example.vn?)'],
        ),
        ("a.vn, b.vn", None, ['"a.vn, b.vn" holds several names; give each a row of its own']),
        ("xn--zzzz.vn", None, ['"xn--zzzz.vn" is not a domain name: letters that names may not have']),
        ("cổng☃.vn", None, ['"cổng☃.vn" is not a domain name: letters that names may not have']),
        ("https:///x", None, ['"https:///x" is not a domain name: a URL without a valid name']),
        ("http://[x/", None, ['"http://[x/" is not a domain name: a URL without a valid name']),
    ],
)
def test_fqdn_column(text: str, name: str | None, said: list[str]) -> None:
    assert read(parse_name, text) == (name, said)


@pytest.mark.parametrize(
    "text",
    [
        "http://a.vn/trang-chu\nhttps://b.vn",
        "https://a.vn https://b.vn",
        "https://a.vn,https://b.vn",
        "https://a.vn/; www.b.vn",
        "https://a.vn b.vn/x",
        "a.vn/,b.vn",
        "https://a.vn và b.vn",
    ],
)
def test_name_behind_a_url_is_not_lost(text: str) -> None:
    shown = text.replace("\n", "↵")
    assert read(parse_name, text) == (None, [f'"{shown}" holds several names; give each a row of its own'])


@pytest.mark.parametrize(
    "text",
    [
        "https://a.vn/x,y;z",
        "https://a.vn/?u=https://b.vn",
        "http://a.vn https://a.vn/",
        "https://a.vn/tin,bai.aspx",
        "https://a.vn/ v.v.",
        "a.vn/x,y",
    ],
)
def test_url_with_separators_holds_one_name(text: str) -> None:
    assert read(parse_name, text) == ("a.vn", [f'"{text}" understood as the name a.vn'])


@pytest.mark.parametrize("text", [f"{'a' * 64}.vn", f"{'a.' * 130}vn", "a" * 2000])
def test_fqdn_too_long_is_refused(text: str) -> None:
    assert read(parse_name, text)[0] is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-31", date(2026, 12, 31)),
        ("31/12/2026", date(2026, 12, 31)),
        ("1-2-2026", date(2026, 2, 1)),
        ("01.02.2026", date(2026, 2, 1)),
        ("2026-12-31 00:00:00", date(2026, 12, 31)),
        ("2026-12-31T17:45:30.250", date(2026, 12, 31)),
        ("31/12/2026 7:08", date(2026, 12, 31)),
        ("2026-12-31 sáng", None),
        ("31/06/2026", None),
        ("12/31/2026", None),
        ("31/12/26", None),
        ("٣١/١٢/٢٠٢٦", None),
        ("0000-01-01", None),
        ("hôm nay", None),
    ],
)
def test_parse_date_reads_both_forms_or_says_why_not(text: str, day: date | None) -> None:
    said = [] if day else [f'"{text}" is not a date like 2026-12-31 or 31/12/2026']
    assert read(parse_date, text) == (day, said)


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("2027-06", date(2027, 6, 1), []),
        ("06/2027", date(2027, 6, 1), []),
        ("2027-13", None, ['"2027-13" is not a month like 2027-06 or 06/2027']),
        ("2027-06-15", None, ['"2027-06-15" is not a month like 2027-06 or 06/2027 (did you mean 2027-06?)']),
        ("", None, ['"" is not a month like 2027-06 or 06/2027']),
    ],
)
def test_parse_month_reads_both_forms_or_says_why_not(text: str, day: date | None, said: list[str]) -> None:
    assert read(parse_month, text) == (day, said)


_REQUIRED = ExpectedState.REQUIRED
_EXEMPT = ExpectedState.EXEMPT


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("required", Expectation(), []),
        ("Bắt buộc", Expectation(), []),
        ("planned:2027-06", Expectation(state=ExpectedState.PLANNED, due=date(2027, 6, 1)), []),
        ("kế hoạch: 06/2027", Expectation(state=ExpectedState.PLANNED, due=date(2027, 6, 1)), []),
        ("planned", None, ['"" is not a month like 2027-06 or 06/2027']),
        (
            "exempt:chỉ nội bộ;by=GĐ Sở;until=31/12/2026",
            Expectation(state=_EXEMPT, reason="chỉ nội bộ", signatory="GĐ Sở", until=date(2026, 12, 31)),
            [],
        ),
        ("exempt:cũ", Expectation(state=_EXEMPT, reason="cũ"), ['the exemption "exempt:cũ" lacks by, until']),
        ("exempt", None, ['the exemption "exempt" gives no reason']),
        ("exempt:;by=x", None, ['the exemption "exempt:;by=x" gives no reason']),
        ("exempt:x;bye=y", None, ['"bye=y" is not required, planned:2027-06 or exempt:REASON;by=WHO;until=DATE']),
        (
            "exempt:x;by=y;until=mai",
            Expectation(state=_EXEMPT, reason="x", signatory="y"),
            ['"mai" is not a date like 2026-12-31 or 31/12/2026'],
        ),
        (
            "requird",
            None,
            ['"requird" is not required, planned:2027-06 or exempt:REASON;by=WHO;until=DATE (did you mean required?)'],
        ),
    ],
)
def test_expected_ipv6(text: str, expected: Expectation | None, said: list[str]) -> None:
    assert read(parse_expectation, text) == (expected, said)


NO_BANDWIDTH = " is not a bandwidth: write a number above 0 and at most 1000000 (Mbps), or one with a unit, as 1 Gbps"


@pytest.mark.parametrize(
    ("text", "megabits", "said"),
    [
        ("100", 100.0, []),
        ("1.000", 1000.0, []),
        ("1 000", 1000.0, []),
        ("2,5", 2.5, []),
        ("1.5", 1.5, []),
        ("1.000,5", 1000.5, []),
        ("1,000.5", 1000.5, []),
        ("1.000.000", 1_000_000.0, []),
        ("1,000", 1000.0, ['"1,000" understood as 1000']),
        ("100 Mbps", 100.0, []),
        ("1G", 1000.0, []),
        ("10 Gb/s", 10000.0, []),
        ("512 kbit/s", 0.512, []),
        ("2.048 Mbps", 2.048, ['"2.048 Mbps" understood as 2.048']),
        ("2,048", 2.048, ['"2,048" understood as 2.048']),
        ("2.048 kbps", 2.048, []),
        ("1.125 0", 1.125, []),
        ("0", None, ['"0"' + NO_BANDWIDTH]),
        ("-5", None, ['"-5"' + NO_BANDWIDTH]),
        ("1,2,3", None, ['"1,2,3"' + NO_BANDWIDTH]),
        ("1.00,5.1", None, ['"1.00,5.1"' + NO_BANDWIDTH]),
        ("100 lít", None, ['"100 lít"' + NO_BANDWIDTH]),
        ("9" * 400, None, [f'"{"9" * 79}…"' + NO_BANDWIDTH]),
        ("nan", None, ['"nan"' + NO_BANDWIDTH]),
    ],
)
def test_bandwidth(text: str, megabits: float | None, said: list[str]) -> None:
    assert read(parse_bandwidth, text) == (megabits, said)


@pytest.mark.parametrize(
    ("title", "text", "read_as"),
    [
        ("Băng thông (Kbps)", "2048", "2048 Kbps"),
        ("Tốc độ [Gb/s]", " 1 ", "1 Gb/s"),
        ("Băng thông (đơn vị: kbit/s)", "512", "512 kbit/s"),
        ("Băng thông (Kbps)", "10 Mbps", "10 Mbps"),
        ("Băng thông (Mbps)", "10", "10"),
        ("Băng thông (Mbps/Gbps)", "10", "10"),
        ("Băng thông", "10", "10"),
    ],
)
def test_bandwidth_has_the_unit_of_its_title(title: str, text: str, read_as: str) -> None:
    assert with_unit(title, text) == read_as


@pytest.mark.parametrize(
    ("text", "numbers", "said"),
    [
        ("AS131429", (131429,), []),
        ("131429", (131429,), []),
        ("AS 7552", (7552,), []),
        ("AS7552, as 13335;19551", (7552, 13335, 19551), []),
        ("AS7552 AS13335\n7552", (7552, 13335), []),
        ("AS1,, AS2;", (1, 2), []),
        ("45 899", (), ['"45 899" is not a number']),
        ("0", (), ['"0" is not from 1 to 4294967295']),
        ("AS7552, 4294967296", (7552,), ['"4294967296" is not from 1 to 4294967295']),
        ("VNPT", (), ['"VNPT" is not a number']),
    ],
)
def test_parse_asns_reads_numbers_or_says_why_not(text: str, numbers: tuple[int, ...], said: list[str]) -> None:
    assert read(parse_asns, text) == (numbers, said)


@pytest.mark.parametrize(("text", "level"), [("3", 3), ("Cấp độ 3", 3), ("cấp 1", 1), ("6", None), ("ba", None)])
def test_security_level(text: str, level: int | None) -> None:
    assert read(parse_level, text)[0] == level


@pytest.mark.parametrize(
    ("text", "ports", "said"),
    [
        ("443, 80;22 80", (22, 80, 443), []),
        ("8000-8003 tcp/25", (25, 8000, 8001, 8002, 8003), []),
        ("443/tcp", (443,), []),
        (
            "0 65536 99999",
            (),
            [
                '"0" is not a port from 1 to 65535',
                '"65536" is not a port from 1 to 65535',
                '"99999" is not a port from 1 to 65535',
            ],
        ),
        ("90-80", (), ['the range "90-80" runs backwards']),
        ("ssh", (), ['"ssh" is not a port from 1 to 65535']),
    ],
)
def test_allowed_ports(text: str, ports: tuple[int, ...], said: list[str]) -> None:
    assert read(parse_ports, text) == (ports, said)


@pytest.mark.parametrize(
    ("text", "services", "said"),
    [
        ("https:443 smtp:25", ["https:443", "smtp:25"], []),
        ("HTTPS, smtp;https:443", ["https:443", "smtp:25"], []),
        ("443 161", ["https:443", "snmp:161"], []),
        ("ssh:2222", ["ssh:2222"], []),
        ("none", [], []),
        ("lgsp:9443", ["lgsp:9443"], []),
        ("htps:443", ["htps:443"], ['the service "htps:443" is taken as it stands (did you mean https?)']),
        ("htps", None, ['unknown service "htps"; write its port too: name:port (did you mean https?)']),
        ("https:0", None, ['"0" is not a port from 1 to 65535']),
        ("9443", None, ['"9443" is not a service like https:443']),
        ("https=443", None, ['"https=443" is not a service like https:443']),
    ],
)
def test_parse_services_reads_names_and_ports_or_says_why_not(
    text: str, services: list[str] | None, said: list[str]
) -> None:
    found, lines = read(parse_services, text)
    shown = None if found is None else [f"{service.name}:{service.port}" for service in found]
    assert (shown, lines) == (services, said)


@pytest.mark.parametrize(
    ("text", "tags", "said"),
    [
        ("jump-host dkim=s1 dkim=s2", ("jump-host", "dkim=s1", "dkim=s2"), []),
        ("No-Echo; DKIM=s1", ("no-echo", "dkim=s1"), []),
        ("sender=192.0.2.25, sender=2001:db8::25", ("sender=192.0.2.25", "sender=2001:db8::25"), []),
        ("lõi=có", ("lõi=có",), []),
        ("sender=mx", ("sender=mx",), ['the tag "sender=mx" needs an IP address']),
        ("prefix=10.1.0.0/16", ("prefix=10.1.0.0/16",), []),
        (
            "prefix=10.1.2.3/16",
            ("prefix=10.1.2.3/16",),
            ['the tag "prefix=10.1.2.3/16" needs a prefix of addresses (did you mean prefix=10.1.0.0/16?)'],
        ),
        (
            "ra-prefix=2001:db8::1/64",
            ("ra-prefix=2001:db8::1/64",),
            ['the tag "ra-prefix=2001:db8::1/64" needs a prefix of addresses (did you mean ra-prefix=2001:db8::/64?)'],
        ),
        ("transparent VRRP-backup anycast", ("transparent", "vrrp-backup", "anycast"), []),
        (
            "aggregate=2000::/3 bought=2013-09-01 parent=rt-ttdl device-class=L3 device-class=2",
            ("aggregate=2000::/3", "bought=2013-09-01", "parent=rt-ttdl", "device-class=L3", "device-class=2"),
            [],
        ),
        (
            "aggregate=10.0.0.0/8",
            ("aggregate=10.0.0.0/8",),
            ['the tag "aggregate=10.0.0.0/8" needs a prefix of addresses'],
        ),
        ("bought=2013", ("bought=2013",), ['the tag "bought=2013" needs a day like 2027-06-30']),
        ("device-class=3", ("device-class=3",), ['the tag "device-class=3" needs 1, 2, l2 or l3']),
        ("prefix=ten", ("prefix=ten",), ['the tag "prefix=ten" needs a prefix of addresses']),
        ("dkim=", (), ['"dkim=" is not a tag: a word or key=value']),
        ("dkim=a..b", ("dkim=a..b",), ['the tag "dkim=a..b" needs a DKIM selector']),
        ("jumphost", ("jumphost",), ['the tag "jumphost" is taken as it stands (did you mean jump-host?)']),
        ("=x", (), ['"=x" is not a tag: a word or key=value']),
    ],
)
def test_parse_tags_reads_tags_or_says_why_not(text: str, tags: tuple[str, ...], said: list[str]) -> None:
    assert read(parse_tags, text) == (tags, said)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("portal", "portal"),
        ("Cổng thông tin", "portal"),
        ("cổng TTĐT", "portal"),
        ("CONG TTDT", "portal"),
        ("dịch vụ công", "dvc"),
        ("Trang xã", "commune-site"),
        ("tên miền", "zone"),
        ("Thư điện tử", "mail"),
        ("bộ định tuyến", "router"),
        ("chuyển mạch", "switch"),
        ("chuyển mạch truy cập", "access-switch"),
        ("tường lửa", "firewall"),
        ("điểm kết nối TSLCD", "connection-point"),
        ("Trung tâm dữ liệu", "datacentre"),
        ("máy chủ", "host"),
    ],
)
def test_kind_column_accepts_its_words(text: str, kind: str) -> None:
    assert read(parse_kind, text) == (kind, [])


_KINDS = ", ".join(kind for kind in Kind if kind is not Kind.UNIT)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("roter", " (did you mean router?)"), ("bộ định tuyên s", " (did you mean router?)"), ("unit", ""), ("quạt", "")],
)
def test_unknown_kinds(text: str, suggestion: str) -> None:
    line = f'kind: the kind "{text}" is not supported; choose one of: {_KINDS}{suggestion}'
    assert read(parse_kind, text, "kind") == (None, [line])


@pytest.mark.parametrize(
    ("text", "cleaned", "said"),
    [
        ("  a\u00a0b\u200b ", "a b", []),
        ("Te\u0302n", "Tên", []),
        ("hai\ndòng", "hai\ndòng", []),
        ("a\x1bb", "", ['the cell has the control character \\x1b: "a\\x1bb"']),
        ("a\u202eb", "", ['the cell has the control character \\u202e: "a\\u202eb"']),
        ("x" * 10_001, "", [f'the cell has more than 10000 characters: "{"x" * 79}…"']),
    ],
)
def test_cells_are_cleaned(text: str, cleaned: str, said: list[str]) -> None:
    assert read(clean, text) == (cleaned, said)


@pytest.mark.parametrize(
    ("text", "url", "said"),
    [
        ("https://a.vn/x?y=1", "https://a.vn/x?y=1", []),
        ("a.vn/x", None, ['"a.vn/x" is not an http or https URL (did you mean https://a.vn/x?)']),
        ("ftp://a.vn", None, ['"ftp://a.vn" is not an http or https URL']),
        ("https://u:p@a.vn", None, ['"https://…@a.vn" carries credentials; none belong here']),
        ("https://a.vn:x", None, ['"https://a.vn:x" is not an http or https URL']),
    ],
)
def test_parse_url_reads_an_address_or_says_why_not(text: str, url: str | None, said: list[str]) -> None:
    assert read(parse_url, text) == (url, said)


def test_parse_word_accepts_one_word() -> None:
    assert read(parse_word, "core-v3") == ("core-v3", [])
    assert read(parse_word, "a b") == (None, ['"a b" must be one word of letters, digits, dots, dashes'])
