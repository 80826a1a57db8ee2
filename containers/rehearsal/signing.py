"""Signs zones with one combined signing key each (ECDSA P-256 unless the zone's defect is its key) and NSEC3.

Sound zones publish CDS and CDNSKEY of that key. No opt-out: it would cost the AD flag on every "no such name" below it.
Keys come first and all at once: a parent needs only the child's key, not its signed zone, so every zone can be signed
at the same time as every other.
"""

import base64
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from containers.rehearsal.model import Signing
from containers.rehearsal.packages import find


def make_keys(zones: Mapping[str, Signing], directory: Path) -> dict[str, str]:
    """Return a new key for each zone (names without the final dot, "." for the root); gives each zone's DS data."""
    directory.mkdir()
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda zone: _key(zone, zones[zone], directory), zones)
        return dict(zip(zones, made, strict=True))


def sign(files: Mapping[str, Path], ways: Mapping[str, Signing], keys: Path) -> None:
    """Sign each zone file in place, in its own way."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda zone: _sign(zone, files[zone], ways.get(zone, Signing.GOOD), keys), files))


def published(zones: Mapping[str, Signing], ds: Mapping[str, str]) -> dict[str, str]:
    """Return the DS data that parents publish."""
    held = {zone: ds[zone] for zone, way in zones.items() if way is not Signing.NO_DS}
    return {zone: wrong(keys) if zones[zone] is Signing.WRONG_DS else keys for zone, keys in held.items()}


def wrong(ds: str) -> str:
    """Return the same DS with another digest, as after an unannounced key change."""
    head, digest = ds.rsplit(" ", 1)
    return f"{head} {digest[::-1]}"


def _key(zone: str, way: Signing, directory: Path) -> str:
    algorithm = ("NSEC3RSASHA1", "-b", "2048") if way is Signing.RSASHA1 else ("ECDSAP256SHA256",)
    asked = ("-P", "sync", "now") if way is Signing.GOOD and zone != "." else ()
    stem = _run("dnssec-keygen", "-q", "-K", str(directory), "-a", *algorithm, *asked, "-f", "KSK", zone).strip()
    lines = (directory / f"{stem}.key").read_text("ascii").splitlines()
    record = next(line for line in lines if " DNSKEY " in line)
    key = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, record.split(" DNSKEY ", 1)[1])
    return dns.dnssec.make_ds(dns.name.from_text(zone), key, "SHA256").to_text()


def _sign(zone: str, file: Path, way: Signing, keys: Path) -> None:
    if way is Signing.STRIPPED:
        return
    if way is Signing.LEFT_OVER:
        file.write_text(file.read_text("utf-8") + _of_a_gone_key(zone), "utf-8")
    signed = file.with_suffix(".signed")
    options = ["-q", "-z", "-S", "-3", "-", "-H", "50" if way is Signing.ITERATIONS else "0", "-N", "keep"]
    options += ["-K", str(keys), "-d", str(file.parent)]
    if way is Signing.EXPIRED:
        day = timedelta(days=1)
        options += ["-P", "-s", _moment(-30 * day), "-e", _moment(-3 * day)]
    _run("dnssec-signzone", *options, "-o", zone, "-f", str(signed), str(file))
    signed.replace(file)
    if way is Signing.CHANGED:
        text = file.read_text("ascii")
        file.write_text(text.replace(" hostmaster.", " root."), "ascii")


def _of_a_gone_key(zone: str) -> str:
    data = f"257 3 13 {base64.b64encode(bytes(range(64))).decode('ascii')}"
    key = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, data)
    ds = dns.dnssec.make_ds(dns.name.from_text(zone), key, "SHA256").to_text()
    return f"{zone}. CDS {ds}\n{zone}. CDNSKEY {data}\n"


def _moment(offset: timedelta) -> str:
    return f"{datetime.now(UTC) + offset:%Y%m%d%H%M%S}"


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run([find(program) or program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
