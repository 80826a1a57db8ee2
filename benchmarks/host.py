"""Compares one `auditor check` of a host with the commands an administrator would type: dig, curl, swaks, testssl.sh.

dig, curl and swaks run for each name, server and address; testssl.sh runs for each TLS endpoint.
testssl.sh takes about a minute for each endpoint: only --places of them are run, the others cost nothing in the sum,
which is therefore too small rather than too large. The goals: at most 5 seconds, and at most 0.3 of the sum.

    python -m benchmarks.host [--places 2] [--strict]
"""

import argparse
import shutil
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.processes import PROGRAM, measure, verdict
from containers.rehearsal import mail
from containers.rehearsal.addressing import RESOLVER, AddressPlan, lay_out
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from inventory.model import IPAddress

RATIO, LONGEST = 0.3, 5.0
LABEL, MAIL = "cong", "thudientu"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    wanted = ("dig", "curl", "swaks", *(["testssl"] if options.places else []))
    if missing := [program for program in wanted if shutil.which(program) is None]:
        raise SystemExit(f"not installed: {', '.join(missing)}; what is missing would cost nothing by hand")
    layout = lay_out(PROVINCE)
    name, domain = PROVINCE.fqdn(LABEL), PROVINCE.fqdn(MAIL)
    with Rehearsal.start() as lab:
        own = measure(lab.command([*PROGRAM, "--config", str(lab.dir / "auditor.toml"), "check", name, domain]))
        sums: dict[str, float] = {}
        for command in by_hand(layout, name, domain, options.places):
            began = time.perf_counter()
            lab.run(command, timeout=400)
            sums[command[0]] = sums.get(command[0], 0.0) + time.perf_counter() - began
    total = sum(sums.values())
    print(f"auditor check {name} {domain}: {own.wall:.1f} s, {own.cpu:.1f} s of CPU, peak {own.peak_mb:.0f} MB")
    print("by hand: " + ", ".join(f"{tool} {seconds:.1f} s" for tool, seconds in sums.items()) + f": {total:.1f} s")
    print(f"ratio {own.wall / total:.3f}")
    goals = {f"at most {RATIO} of the sum": own.wall <= RATIO * total, f"within {LONGEST:.0f} s": own.wall <= LONGEST}
    return verdict(goals, strict=options.strict)


def by_hand(layout: AddressPlan, name: str, domain: str, places: int) -> Iterator[list[str]]:
    """The commands, one after the other."""
    yield from _names(layout, name, domain)
    addresses = layout.portals[name].every()
    for address in addresses:
        there = f"[{address}]" if address.version == 6 else str(address)
        for scheme, port in (("http", 80), ("https", 443)):
            resolved = f"{name}:{port}:{there}"
            yield ["curl", "-ksS", "-m", "10", "-o", "/dev/null", "--resolve", resolved, f"{scheme}://{name}/"]
    shown = (mail_face for mail_face in mail.shown(PROVINCE, layout) if mail_face.name.partition(".")[2] == domain)
    of_mail = [(address, mail_face.name, 25) for mail_face in shown for address in mail_face.addresses]
    for address, _, _ in of_mail:
        talk = ["--server", str(address), "--tls", "--quit-after", "TLS", "--timeout", "5s"]
        yield ["swaks", f"-{address.version}", "--to", f"postmaster@{domain}", "--from", "a@example.vn", *talk]
    of_web = [(address, name, 443) for address in addresses]
    for address, host, port in _alternately(of_web, of_mail)[:places]:
        how = [*(["--starttls", "smtp"] if port == 25 else []), *(["-6"] if address.version == 6 else [])]
        yield ["testssl", "--warnings", "batch", "--nodns", "none", *how, f"--ip={address}", f"{host}:{port}"]


def _names(layout: AddressPlan, name: str, domain: str) -> Iterator[list[str]]:
    zone, short = PROVINCE.domain, ["+time=2", "+tries=1"]
    wanted = [(name, "A AAAA HTTPS CAA"), (zone, "NS SOA DNSKEY DS CAA"), (domain, "MX TXT")]
    wanted += [(f"{label}.{domain}", "TXT") for label in ("_dmarc", "_mta-sts", "_smtp._tls")]
    for owner, types in wanted:
        yield from (["dig", *short, f"@{RESOLVER.v4[0]}", owner, rtype] for rtype in types.split())
    servers = (place for server, place in layout.servers.items() if server.partition(".")[2] == zone)
    for address in (address for place in servers for address in place.seat.every()):
        yield from _server(address, zone, name)


def _server(address: IPAddress, zone: str, name: str) -> Iterator[list[str]]:
    for transport in ("+notcp", "+tcp"):
        for owner, rtype in ((zone, "SOA"), (name, "AAAA")):
            yield ["dig", "+norecurse", "+time=2", "+tries=1", transport, f"@{address}", owner, rtype]


Place = tuple[IPAddress, str, int]


def _alternately(some: Sequence[Place], others: Sequence[Place]) -> list[Place]:
    """Return the places of both in turns, the surplus of the longer one at the end."""
    longest = max(len(some), len(others))
    return [every[number] for number in range(longest) for every in (some, others) if number < len(every)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.host", description=__doc__)
    parser.add_argument("--places", type=int, default=2, help="places of TLS that testssl.sh looks at")
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
