"""Tests that tables of routing are read prefix by prefix, and that a bad row is named."""

import json
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.wire.routing import roas, routes
from probes.wire.routing.faults import TableError, TableFault
from probes.wire.routing.prefixes import Prefixes, parse

CSV = "ASN,IP Prefix,Max Length,Trust Anchor\nAS64500,2001:db8::/32,48,apnic\nAS64501,192.0.2.0/24,24,apnic\n"
AS_ROUTINATOR = """{
  "metadata": {
    "generated": 1795500000,
    "generatedTime": "2026-11-24T06:00:00Z"
  },
  "roas": [
    { "asn": "AS64500", "prefix": "2001:db8::/32", "maxLength": 48, "ta": "apnic" },
    { "asn": "AS64501", "prefix": "192.0.2.0/24", "maxLength": 24, "ta": "apnic" }
  ]
}
"""
OTHERWISE = {
    "roas": [
        {"prefix": "2001:db8::/32", "asn": 64500, "maxLength": 48, "source": [{"type": "roa", "uri": "rsync://a/{b}"}]},
        {"prefix": "192.0.2.0/24", "asn": "AS64501", "maxLength": 24, "source": []},
    ],
    "metadata": {"generatedTime": "2026-11-24T06:00:00Z"},
}


@pytest.mark.parametrize(
    "text",
    [
        CSV,
        CSV.replace("\n", "\r\n"),
        '"ASN","IP Prefix","Max Length"\n"64500","2001:db8::/32","48"\n"64501","192.0.2.0/24","24"',
        "URI,ASN,IP Prefix,Max Length,Not Before\nu,AS64500,2001:db8::/32,48,\nu,AS64501,192.0.2.0/24,24,\n",
        AS_ROUTINATOR,
        json.dumps(json.loads(AS_ROUTINATOR)),
        json.dumps(OTHERWISE, indent=2),
    ],
    ids=["csv", "crlf", "csvcompat", "csvext", "json", "one-line", "jsonext"],
)
def test_every_form_of_routinators_exports_says_the_same(text: str) -> None:
    read = roas.read(text.encode())
    assert [(str(vrp.prefix), vrp.max_length, vrp.asn) for vrp in read.covering(ip_address("2001:db8:a::1"))] == [
        ("2001:db8::/32", 48, 64500)
    ]
    assert [vrp.asn for vrp in read.covering(ip_address("192.0.2.200"))] == [64501]
    assert list(read.covering(ip_address("198.51.100.1"))) == []
    assert (read.rows(4), read.rows(6)) == (1, 1)


def test_the_export_says_when_it_was_made() -> None:
    assert roas.read(AS_ROUTINATOR.encode()).generated == "2026-11-24T06:00:00Z"
    assert roas.read(json.dumps(OTHERWISE).encode()).generated == "2026-11-24T06:00:00Z"
    assert roas.read(CSV.encode()).generated == ""


@pytest.mark.parametrize(
    ("text", "fault", "row", "field"),
    [
        (CSV.replace("AS64501", "AS-1"), TableFault.ASN, 3, "ASN"),
        (CSV.replace("AS64501", "AS4294967296"), TableFault.ASN, 3, "ASN"),
        (CSV.replace("192.0.2.0/24", "192.0.2.1/24"), TableFault.PREFIX, 3, "IP Prefix"),
        (CSV.replace("2001:db8::/32", "2001:db8::/129"), TableFault.PREFIX, 2, "IP Prefix"),
        (CSV.replace(",48,", ",31,"), TableFault.LENGTH, 2, "Max Length"),
        (CSV.replace(",24,apnic", ",33,apnic"), TableFault.LENGTH, 3, "Max Length"),
        (CSV + "AS1,2001:db8::/32\n", TableFault.FIELDS, 4, ""),
        ("a,b,c\n1,2,3\n", TableFault.FORM, 1, ""),
        ("ASN,IP Prefix,Max Length\n", TableFault.EMPTY, 0, ""),
        ("", TableFault.FORM, 1, ""),
        (AS_ROUTINATOR.replace("AS64501", "AS64501x"), TableFault.ASN, 2, "asn"),
        (AS_ROUTINATOR.replace("192.0.2.0/24", "192.0.2.0/33"), TableFault.PREFIX, 2, "prefix"),
        (AS_ROUTINATOR.replace('"maxLength": 24', '"maxLength": 23'), TableFault.LENGTH, 2, "maxLength"),
        (AS_ROUTINATOR.replace('"maxLength": 24, ', ""), TableFault.FIELDS, 2, "maxLength"),
        (AS_ROUTINATOR[:250], TableFault.JSON, 0, ""),
        ('{"roas": 1}', TableFault.FORM, 0, "roas"),
        ('{"roas": [7]}', TableFault.FIELDS, 1, "roas"),
        ('{"roas": []}', TableFault.EMPTY, 0, ""),
    ],
)
def test_a_bad_row_of_an_export_is_named(text: str, fault: TableFault, row: int, field: str) -> None:
    with pytest.raises(TableError) as caught:
        roas.read(text.encode())
    assert (caught.value.fault, caught.value.row, caught.value.field) == (fault, row, field)


def test_caidas_form() -> None:
    read = routes.read(b"2001:db8::\t32\t64500_64501\n2001:db8:a::\t48\t64502\n192.0.2.0\t24\t1,2\n0.0.0.0\t0\t9\n")
    triples = [
        (str(announcement.prefix), announcement.origin, announcement.seen)
        for announcement in read.covering(ip_address("2001:db8:a::1"))
    ]
    assert triples == [("2001:db8:a::/48", 64502, None), ("2001:db8::/32", 64500, None), ("2001:db8::/32", 64501, None)]
    assert [announcement.origin for announcement in read.covering(ip_address("192.0.2.1"))] == [None]


def test_pyasns_form_with_its_date() -> None:
    head = b"; IP-ASN32-DAT file\n; Original file : rib.20261124.0600.bz2\n"
    text = head + b"2001:db8::/32\t64500\n192.0.2.0/24\t4294967295\n"
    read = routes.read(text)
    assert [announcement.origin for announcement in read.covering(ip_address("192.0.2.1"))] == [4294967295]
    assert read.dated == "2026-11-24T06:00+00:00"


def test_riswhois_form_counts_peers() -> None:
    read = routes.read(b"% a comment\n64500\t2001:db8::/32\t300\n{1,2}\t2001:db8:a::/48\t3\n64501\t192.0.2.0/24\t10\n")
    assert [
        (announcement.origin, announcement.seen) for announcement in read.covering(ip_address("2001:db8:a::1"))
    ] == [(None, 1), (64500, 100)]
    assert [announcement.seen for announcement in read.covering(ip_address("192.0.2.1"))] == [100]


@pytest.mark.parametrize(
    ("text", "fault", "row"),
    [
        ("2001:db8::\t32\t64500\n2001:db8::/32\t64500\n", TableFault.FIELDS, 2),
        ("2001:db8::\t32\t64500\n2001:db8::1\t32\t64500\n", TableFault.PREFIX, 2),
        ("2001:db8::\t32\tAS64500\n", TableFault.ASN, 1),
        ("64500\t2001:db8::/32\tmany\n", TableFault.NUMBER, 1),
        ("\n# nothing\n", TableFault.EMPTY, 0),
        ("one two three four\n", TableFault.FORM, 1),
        ("one two\n", TableFault.FORM, 1),
        ("2001:db8::\t32\t64500\n2001:db8:1::\t4", TableFault.FIELDS, 2),
    ],
)
def test_a_bad_row_of_a_table_is_named(text: str, fault: TableFault, row: int) -> None:
    with pytest.raises(TableError) as caught:
        routes.read(text.encode())
    assert (caught.value.fault, caught.value.row) == (fault, row)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("routeviews-rv6-20261124-1200.pfx2as.gz", "2026-11-24T12:00+00:00"),
        ("riswhoisdump.IPv6", ""),
        ("% generated at 2026-11-24 08:00:00", "2026-11-24T08:00+00:00"),
        ("dump-20261124.txt", "2026-11-24T00:00+00:00"),
    ],
)
def test_date_of_a_table_is_read_from_its_name(text: str, when: str) -> None:
    assert routes.dated(text) == when


V6_NETWORKS = st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)).map(
    lambda pair: IPv6Network(pair, strict=False)
)
V4_NETWORKS = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(lambda pair: IPv4Network(pair, strict=False))
NETWORKS = st.lists(V6_NETWORKS | V4_NETWORKS | st.sampled_from(list(map(ip_network, ("::/0", "2001:db8::/64")))))


@given(networks=NETWORKS, choice=st.data())
def test_covering_is_what_a_search_of_everything_finds(
    networks: list[IPv4Network | IPv6Network], choice: st.DataObject
) -> None:
    table = Prefixes()
    for value, network in enumerate(networks):
        assert parse(str(network)) == (network.version, int(network.network_address), network.prefixlen)
        table.add(network.version, int(network.network_address), network.prefixlen, value)
    table.close()
    near = [each_network.network_address for each_network in networks] + [
        each_network.broadcast_address for each_network in networks
    ]
    address = choice.draw(st.sampled_from(near) if near else st.just(ip_address("192.0.2.1")))
    every = [
        (each_network, value)
        for value, each_network in enumerate(networks)
        if each_network.version == address.version and address in each_network
    ]
    assert list(table.covering(address)) == sorted(every, key=lambda pair: (-pair[0].prefixlen, pair[1]))
