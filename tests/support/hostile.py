"""Runs the hostile peers in one namespace of the rehearsal, and counts the bytes that each of them sent."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address

from containers.rehearsal.addressing import UPPER_SERVERS
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.peers import hostile
from inventory.model import IPAddress
from tests.support.audits import ENVIRONMENT, PROGRAM

_TABLE = "hostile"
_HONEST = {"gov.vn": {name: list(map(str, UPPER_SERVERS[name].every())) for name in ("a.dns.gov.vn", "b.dns.gov.vn")}}


@contextmanager
def listening(lab: Rehearsal) -> Iterator[None]:
    """Run all hostile peers for a while; their root server refers to the province's servers for all other names."""
    _addresses(lab, "add", " nodad")
    try:
        with ExitStack() as running:
            for group in hostile.GROUPS:
                running.enter_context(_program(lab, group, json.dumps(_HONEST)))
            yield
    finally:
        _addresses(lab, "del", "")


@contextmanager
def _program(lab: Rehearsal, *words: str) -> Iterator[None]:
    module = ["-m", "containers.rehearsal.peers.hostile", *words]
    process = lab.popen([PROGRAM[0], *module], hostile.SITE, env=ENVIRONMENT, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield
    finally:
        process.kill()
        process.communicate()


def _addresses(lab: Rehearsal, verb: str, flags: str) -> None:
    batch = "".join(f"addr {verb} {address}/128 dev lo{flags}\n" for address in hostile.addresses())
    done = lab.run(["ip", "-batch", "-"], hostile.SITE, input=batch)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Sent:
    """Counts the traffic of one address: bytes sent with all headers, and connections opened to it."""

    octets: int
    connections: int


@contextmanager
def counted(lab: Rehearsal) -> Iterator[None]:
    """Count in the kernel the bytes that every peer sends and the connections that it accepts."""
    rules = [f"add table inet {_TABLE}"]
    for chain, hook in (("out", "output"), ("in", "input")):
        rules.append(f"add chain inet {_TABLE} {chain} {{ type filter hook {hook} priority 0; }}")
    for address in hostile.PEERS.values():
        rules.append(f"add rule inet {_TABLE} out ip6 saddr {address} counter")
        rules.append(f"add rule inet {_TABLE} in ip6 daddr {address} tcp flags & (syn|ack) == syn counter")
    done = lab.run(["nft", "-f", "-"], hostile.SITE, input="\n".join(rules))
    assert done.returncode == 0, done.stderr
    try:
        yield
    finally:
        lab.run(["nft", "delete", "table", "inet", _TABLE], hostile.SITE)


def sent(lab: Rehearsal) -> dict[IPAddress, Sent]:
    """Return the counts so far."""
    done = lab.run(["nft", "-j", "list", "table", "inet", _TABLE], hostile.SITE)
    octets, connections = dict[IPAddress, int](), dict[IPAddress, int]()
    for rule in (load["rule"] for load in json.loads(done.stdout)["nftables"] if "rule" in load):
        address = ip_address(rule["expr"][0]["match"]["right"])
        (count,) = (part["counter"] for part in rule["expr"] if "counter" in part)
        if rule["chain"] == "out":
            octets[address] = count["bytes"]
        else:
            connections[address] = count["packets"]
    return {address: Sent(size, connections[address]) for address, size in octets.items()}
