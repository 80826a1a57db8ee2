"""DNSSEC: one combined signing key (ECDSA P-256) for each signed zone, signed with NSEC3 and no opt-out.

Opt-out would cost the AD flag on every "no such name" below it. Keys come first and all at once, because a parent
needs only the child's key, not its signed zone: so every zone can be signed at the same time as every other.
"""

import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from containers.rehearsal.packages import find


def make_keys(zones: Iterable[str], directory: Path) -> dict[str, str]:
    """A new key for each zone (names without the final dot, "." for the root); gives each zone's DS data."""
    directory.mkdir()
    names = tuple(zones)
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(names, pool.map(lambda zone: _key(zone, directory), names), strict=True))


def sign(files: Mapping[str, Path], keys: Path) -> None:
    """Sign each zone file in place."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda zone: _sign(zone, files[zone], keys), files))


def wrong(ds: str) -> str:
    """The same DS with another digest: what a parent holds after a key change that nobody announced."""
    head, digest = ds.rsplit(" ", 1)
    return f"{head} {digest[::-1]}"


def _key(zone: str, directory: Path) -> str:
    stem = _run("dnssec-keygen", "-q", "-K", str(directory), "-a", "ECDSAP256SHA256", "-f", "KSK", zone).strip()
    lines = (directory / f"{stem}.key").read_text("ascii").splitlines()
    record = next(line for line in lines if " DNSKEY " in line)
    key = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, record.split(" DNSKEY ", 1)[1])
    return dns.dnssec.make_ds(dns.name.from_text(zone), key, "SHA256").to_text()


def _sign(zone: str, file: Path, keys: Path) -> None:
    signed = file.with_suffix(".signed")
    options = ("-q", "-z", "-S", "-3", "-", "-H", "0", "-N", "keep", "-K", str(keys), "-d", str(file.parent))
    _run("dnssec-signzone", *options, "-o", zone, "-f", str(signed), str(file))
    signed.replace(file)


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run([find(program) or program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
