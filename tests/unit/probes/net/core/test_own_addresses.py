from ipaddress import ip_address
from pathlib import Path

from probes.net.core.own_addresses import own_addresses

IF_INET6 = """\
20010db8000a00000000000000000010 02 40 00 80       d0
20010db8000a00005c1a7ffe001b0085 02 40 00 01       d0
fe800000000000003c591afffe3db085 02 40 20 80       d0
00000000000000000000000000000001 01 80 10 80       lo
"""
FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 198.51.100.0
        /24 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     |-- 172.17.0.1
        /32 host LOCAL
     |-- 198.51.100.10
        /32 host LOCAL
     |-- 198.51.100.255
        /32 link BROADCAST
"""


def test_own_addresses_of_every_interface_and_both_families_are_found(tmp_path: Path) -> None:
    (tmp_path / "if_inet6").write_text(IF_INET6)
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    assert own_addresses(tmp_path) == set(
        map(
            ip_address,
            (
                "2001:db8:a::10",
                "2001:db8:a:0:5c1a:7ffe:1b:85",
                "fe80::3c59:1aff:fe3d:b085",
                "::1",
                "127.0.0.1",
                "172.17.0.1",
                "198.51.100.10",
            ),
        )
    )


def test_own_addresses_are_none_where_the_system_does_not_say(tmp_path: Path) -> None:
    assert own_addresses(tmp_path / "nothing") == frozenset()


def test_own_addresses_of_this_machine_are_read() -> None:
    assert ip_address("127.0.0.1") in own_addresses()
