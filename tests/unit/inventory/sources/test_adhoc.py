from ipaddress import ip_address
from pathlib import Path

import pytest

from inventory.model import Kind, RowOrigin
from inventory.problems.problem import InventoryError
from inventory.sources.adhoc import parse_target, parse_targets, read_targets

WEB = "http:80 https:443 http-alt:8080 https-alt:8443"


@pytest.mark.parametrize(
    ("text", "wanted", "kind", "host", "address", "services"),
    [
        ("www.example.vn", "www.example.vn", "portal", "www.example.vn", None, WEB),
        ("WWW.Example.VN.", "www.example.vn", "portal", "www.example.vn", None, WEB),
        ("cổng.vn", "xn--cng-qmz.vn", "portal", "xn--cng-qmz.vn", None, WEB),
        ("192.0.2.1", "192.0.2.1", "host", None, "192.0.2.1", ""),
        ("2001:DB8::1", "2001:db8::1", "host", None, "2001:db8::1", ""),
        ("[2001:db8::1]", "2001:db8::1", "host", None, "2001:db8::1", ""),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443", "host", None, "2001:db8::1", "https:8443"),
        ("192.0.2.1:9000", "192.0.2.1:9000", "host", None, "192.0.2.1", "tcp:9000"),
        ("www.example.vn:9000", "www.example.vn:9000", "portal", "www.example.vn", None, "https:9000"),
        ("www.example.vn:8443", "www.example.vn:8443", "portal", "www.example.vn", None, "https:8443"),
        ("www.example.vn:8080", "www.example.vn:8080", "portal", "www.example.vn", None, "http:8080"),
        ("https://www.example.vn/", "https://www.example.vn", "portal", "www.example.vn", None, "https:443"),
        ("HTTP://www.example.vn:8080", "http://www.example.vn:8080", "portal", "www.example.vn", None, "http:8080"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "portal", None, "2001:db8::1", "https:8443"),
        ("smtp://mx.example.vn", "smtp://mx.example.vn", "host", "mx.example.vn", None, "smtp:25"),
        ("snmp://192.0.2.1:1161", "snmp://192.0.2.1:1161", "router", None, "192.0.2.1", "snmp:1161"),
        ("ns://example.vn", "ns://example.vn", "zone", "example.vn", None, "dns:53"),
        ("ns://vn", "ns://vn", "zone", "vn", None, "dns:53"),
    ],
)
def test_adhoc_every_form_gives_its_subject(
    text: str, wanted: str, kind: str, host: str | None, address: str | None, services: str
) -> None:
    subject = parse_target(text)
    assert subject.id == subject.name == wanted
    assert subject.kind == kind
    site = text == "[2001:db8::1]:8443"
    assert subject.kinds == ({subject.kind, Kind.PORTAL} if site else {subject.kind})
    assert subject.host == host
    assert subject.addresses == (() if address is None else (ip_address(address),))
    assert " ".join(f"{service.name}:{service.port}" for service in subject.services) == services


def test_a_bare_name_is_a_candidate_for_everything_and_other_forms_are_not() -> None:
    assert parse_target("example.vn").candidates == {Kind.PORTAL, Kind.ZONE, Kind.MAIL}
    for text in ("example.vn:443", "https://example.vn", "ns://example.vn", "192.0.2.1"):
        assert parse_target(text).candidates == frozenset()


def test_the_path_of_a_url_is_the_page_to_test() -> None:
    assert parse_target("https://a.vn:8443/p?q=1#x").declared.test_url == "https://a.vn:8443/p?q=1"
    assert parse_target("https://a.vn/").declared.test_url == ""


@pytest.mark.parametrize(
    ("text", "kind", "services"),
    [
        ("example.vn", Kind.ZONE, ["dns"]),
        ("example.vn", Kind.MAIL, []),
        ("192.0.2.1", Kind.ROUTER, ["snmp", "ssh"]),
        ("https://example.vn", Kind.DVC, ["https"]),
        ("vn", Kind.ZONE, ["dns"]),
    ],
)
def test_a_given_kind_replaces_what_it_could_be(text: str, kind: Kind, services: list[str]) -> None:
    subject = parse_target(text, kind)
    assert (subject.kind, subject.kinds, subject.candidates) == (kind, frozenset({kind}), frozenset())
    assert [service.name for service in subject.services] == services


_NOT = "is not a target: a domain name, an IP address or a URL"
_PORT = "a port from 1 to 65535 belongs after the colon"
_BRACKETS = "brackets belong around an IPv6 address: [2001:db8::1]"
_ZONE = "an address with a %zone cannot be audited"
_KNOWN = "known are: http:// https:// smtp:// snmp:// ns://"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("example", f'"example" {_NOT} (one part only, the full name is needed)'),
        ("", f'"" {_NOT} (too short or too long)'),
        ("a b.vn", f'"a b.vn" {_NOT} (a character or hyphen out of place)'),
        ("a.vn\x1b[2J", f'"a.vn\\x1b[2J" {_NOT} (a character or hyphen out of place)'),
        ("a.vn\udcff", f'"a.vn\\udcff" {_NOT} (a character or hyphen out of place)'),
        ("x" * 3000, f'"{"x" * 79}…" {_NOT} (too short or too long)'),
        ("192.0.2.300", f'"192.0.2.300" {_NOT} (its last part is a number)'),
        ("2001:db8::1::2", f'"2001:db8::1::2" {_NOT} (a character or hyphen out of place)'),
        ("fe80::1%eth0", f'"fe80::1%eth0" {_NOT} ({_ZONE})'),
        ("[fe80::1%eth0]", f'"[fe80::1%eth0]" {_NOT} ({_ZONE})'),
        ("[2001:db8::1", f'"[2001:db8::1" {_NOT} ({_BRACKETS})'),
        ("[2001:db8::1]x", f'"[2001:db8::1]x" {_NOT} ({_BRACKETS})'),
        ("[2001:db8::1]:x", f'"[2001:db8::1]:x" {_NOT} ({_PORT})'),
        ("a.vn:0", f'"a.vn:0" {_NOT} ({_PORT})'),
        ("a.vn:99999", f'"a.vn:99999" {_NOT} ({_PORT})'),
        ("a.vn:", f'"a.vn:" {_NOT} ({_PORT})'),
        ("a.vn:443/x", f'"a.vn:443/x" {_NOT} (this form has no path)'),
        ("snmp://a.vn/x", f'"snmp://a.vn/x" {_NOT} (this form has no path)'),
        ("https://", f'"https://" {_NOT} (too short or too long)'),
        ("htps://a.vn", f'"htps://a.vn": unknown htps://; {_KNOWN} (did you mean https://a.vn?)'),
        ("gopher://a.vn", f'"gopher://a.vn": unknown gopher://; {_KNOWN}'),
        ("https://user:secret@a.vn/", '"https://…@a.vn/" carries credentials; none belong here'),
        ("user:secret@a.vn", '"…@a.vn" carries credentials; none belong here'),
        ("https://user:secret@[", f'"https://…@[" {_NOT} ({_BRACKETS})'),
        ("ns://192.0.2.1", '"ns://192.0.2.1" is an address; the kind zone needs a name'),
    ],
)
def test_adhoc_invalid_target_is_refused(text: str, line: str) -> None:
    with pytest.raises(InventoryError) as caught:
        parse_target(text)
    assert caught.value.lines() == (f"target: {line}",)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value)


def test_a_unit_is_no_target() -> None:
    with pytest.raises(InventoryError):
        parse_target("example.vn", Kind.UNIT)


def test_several_targets_report_all_problems_and_drop_repetitions() -> None:
    assert [each.id for each in parse_targets([("a.vn", None), ("A.VN", None), ("b.vn", None)])] == ["a.vn", "b.vn"]
    with pytest.raises(InventoryError) as caught:
        parse_targets([("a", None), ("b.vn", None), ("c", None)])
    assert [problem.value for problem in caught.value.problems] == ["a", "c"]


def test_a_list_has_comments_and_numbered_errors(tmp_path: Path) -> None:
    path = tmp_path / "hosts.txt"
    path.write_text("\ufeff# cổng\r\nwww.example.vn   # the portal\r\n\r\nhttps://a.vn/#top\r\n", "utf-8")
    subjects = read_targets(path)
    assert [(each.id, each.origin) for each in subjects] == [
        ("www.example.vn", RowOrigin(source=str(path), row=2)),
        ("https://a.vn", RowOrigin(source=str(path), row=4)),
    ]
    with pytest.raises(InventoryError) as caught:
        read_targets("ok.vn\nbad\n\nworse\n")
    assert [line.partition(": ")[0] for line in caught.value.lines()] == ["-:2:target", "-:4:target"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_an_empty_list_is_an_error(text: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read_targets(text)
    assert caught.value.lines() == ("-: there is nothing to audit in it",)


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        read_targets(tmp_path / "none")
    assert caught.value.lines() == (f"{tmp_path}/none: there is no such file",)
