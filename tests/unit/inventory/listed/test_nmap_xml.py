"""Machines that were up are proposed; entities are never expanded."""

import pytest

from inventory.listed.model import NotSuchAListError
from inventory.listed.nmap_xml import read_nmap

_HOST = (
    '<host><status state="{state}"/><address addr="{four}" addrtype="ipv4"/>'
    '<address addr="00:11:22:33:44:55" addrtype="mac"/><hostnames>{names}</hostnames></host>'
)


def test_read_nmap_proposes_machines_that_were_up() -> None:
    hosts = (
        _HOST.format(state="up", four="192.0.2.1", names='<hostname name="a.example"/>')
        + _HOST.format(state="up", four="192.0.2.2", names="")
        + _HOST.format(state="down", four="192.0.2.3", names="")
        + _HOST.format(state="up", four="x", names="")
    )
    document = f'<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun>{hosts}</nmaprun>'.encode()
    assert [(each.name, [str(address) for address in each.addresses]) for each in read_nmap(document).all()] == [
        ("a.example", ["192.0.2.1"]),
        ("192.0.2.2", ["192.0.2.2"]),
    ]


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun>&a;</nmaprun>',
        b'<!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/passwd">]><nmaprun>&a;</nmaprun>',
        b"<other/>",
        b"<nmaprun>",
        b"",
    ],
)
def test_read_nmap_refuses_entities_and_other_documents(document: bytes) -> None:
    with pytest.raises(NotSuchAListError):
        read_nmap(document)
