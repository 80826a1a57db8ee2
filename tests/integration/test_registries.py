"""Tests that our numbers of IANA's registries agree with those of named packages of a known version."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.device.vendors import MAKERS
from probes.wire.dns import messages as dns
from probes.wire.tls import groups, numbers, registered_suites, signatures, suites
from tests.architecture.tree import ROOT
from tests.support.fetching import skip_unless_fetched

UV = ROOT / ".venv" / "bin" / "uv"
PACKAGE = registered_suites.SOURCE.replace(" ", "==")
TABLES = """
import json
from cryptodatahub.dnsrec.algorithm import DnsRrType
from cryptodatahub.tls.algorithm import TlsExtensionType, TlsNamedCurve, TlsSignatureAndHashAlgorithm
tables = (DnsRrType, TlsExtensionType, TlsNamedCurve, TlsSignatureAndHashAlgorithm)
print(json.dumps({table.__name__: {row.value.code: row.name for row in table} for table in tables}))
"""
SCSVS = {0x00FF, 0x5600}
"""Registered as suites, but signals of a client."""
USERS = {
    11: "HP",
    789: "NetApp",
    868: "Transition Networks",
    2272: "Nortel",
    3320: "BDCOM",
    3807: "FiberHome",
    6141: "Ciena",
    10002: "Ubiquiti",
    12325: "FreeBSD",
    17409: "C-Data",
    47196: "Aruba",
    50536: "TrueNAS",
}
"""Makers with devices that have the number of an organisation with another name.

The number is a longer or older one of their own, one of an organisation that they bought, or one of an organisation
from which they took software or a MIB.
"""


def _uv(*words: str | Path, cwd: Path) -> str:
    command = [UV, "run", "--no-config", "--no-project", "--quiet", *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)
    skip_unless_fetched(done)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _debian(package: str, folder: Path) -> Path:
    """Unpack a package of Debian into a folder, and return it."""
    if shutil.which("apt-get") is None:
        pytest.skip("NOT RUN: packages of Debian cannot be fetched here: there is no apt-get")
    words = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    skip_unless_fetched(done)
    if done.returncode:
        pytest.skip(f"NOT RUN: {package} of Debian cannot be fetched here: {done.stderr.strip()[-200:]}")
    [archive] = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", archive, folder / "root"], check=True, timeout=300)
    return folder / "root"


def _same(name: str) -> str:
    """Return a name as the package writes it, without separators, which it puts in other places."""
    return re.sub(r"[^A-Z0-9]", "", name.upper())


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, str]]:
    folder = tmp_path_factory.mktemp("packaged")
    tables: dict[str, dict[str, Any]] = json.loads(_uv("--with", PACKAGE, "python", "-c", TABLES, cwd=folder))
    return {table: {int(code): _same(name) for code, name in rows.items()} for table, rows in tables.items()}


def test_registered_suites_are_what_the_script_prints() -> None:
    written = ROOT / "probes" / "wire" / "tls" / "registered_suites.py"
    printed = _uv(ROOT / "scripts" / "cipher_suites.py", cwd=ROOT)
    assert written.read_text("utf-8") == printed, "see scripts/cipher_suites.py"


def test_registered_suites_are_those_of_the_registry_in_debian(tmp_path: Path) -> None:
    """A package of Debian has the registry's own file; later registrations are allowed."""
    root = _debian("librust-tls-parser-dev", tmp_path)
    [path] = root.glob("usr/share/cargo/registry/tls-parser-*/scripts/tls-ciphersuites.txt")
    rows = [line.split(":")[:2] for line in path.read_text("utf-8").splitlines() if line]
    theirs = {int(code, 16): name for code, name in rows}
    assert len(theirs) > 340
    ours = registered_suites.NAMES
    expired = {code for code, name in theirs.items() if "EXPORT1024" in name or code == 0x66}
    assert {code: name for code, name in theirs.items() if code not in expired | SCSVS} == {
        code: ours.get(code) for code in theirs if code not in expired | SCSVS
    }
    assert all(suites.name_of(code) in (theirs[code], f"0x{code:04X}") for code in expired)


def test_groups_and_signature_schemes_of_tls_are_registered(packaged: dict[str, dict[int, str]]) -> None:
    curves = packaged["TlsNamedCurve"] | {25497: _same("X25519Kyber768Draft00")}  # an expired draft, under another name
    named = {code: _same(groups.name_of(code)) for code in (*groups.for_tls12(), *groups.for_tls13())}
    with_tls13 = {31, 32, 33}  # RFC 8734: the package has the curves by their older codes
    assert {code: name for code, name in named.items() if code not in with_tls13} == {
        code: curves.get(code) for code in named if code not in with_tls13
    }
    assert {code: f"BRAINPOOLP{bits}R1TLS13" for code, bits in zip((31, 32, 33), (256, 384, 512), strict=True)} == {
        code: named[code] for code in sorted(with_tls13)
    }
    schemes = packaged["TlsSignatureAndHashAlgorithm"]
    known = {code: signatures.name_of(code) for code in schemes if not signatures.name_of(code).startswith("0x")}
    assert known.keys() > set(signatures.EVERY)
    assert {code: _same(name) for code, name in known.items()} == {code: schemes[code] for code in known}


def test_extensions_of_tls_are_registered(packaged: dict[str, dict[int, str]]) -> None:
    names = {
        "SIGNED_TIMESTAMPS": "SIGNED_CERTIFICATE_TIMESTAMP",
        "HEARTBEAT_EXTENSION": "HEARTBEAT",
        "ALPN": "APPLICATION_LAYER_PROTOCOL_NEGOTIATION",
    }
    own = (
        *("SERVER_NAME", "STATUS_REQUEST", "SUPPORTED_GROUPS", "EC_POINT_FORMATS", "SIGNATURE_ALGORITHMS"),
        *("HEARTBEAT_EXTENSION", "ALPN", "EXTENDED_MASTER_SECRET", "SIGNED_TIMESTAMPS", "PADDING", "SESSION_TICKET"),
        *("EARLY_DATA", "SUPPORTED_VERSIONS", "PSK_KEY_EXCHANGE_MODES", "KEY_SHARE", "RENEGOTIATION_INFO"),
    )
    theirs = packaged["ExtensionType"]
    assert {name: theirs[getattr(numbers, name)] for name in own} == {
        name: _same(names.get(name, name)) for name in own
    }


def test_record_types_of_dns_are_registered(packaged: dict[str, dict[int, str]]) -> None:
    types = packaged["DnsRrType"]
    own = {number: name for name, number in dns.TYPES.items() if name not in ("AXFR", "ANY")}  # only for questions
    assert {number: _same(name) for number, name in own.items()} == {number: types.get(number) for number in own}


def test_makers_have_the_enterprise_numbers_of_the_registry(tmp_path: Path) -> None:
    """A package of Debian has the registry's own file."""
    path = _debian("ipmitool", tmp_path) / "usr/share/misc/enterprise-numbers.txt"
    lines = path.read_text("utf-8", errors="replace").splitlines()
    holders = {int(line): lines[at + 1] for at, line in enumerate(lines[:-1]) if line.isascii() and line.isdigit()}
    assert len(holders) > 60_000
    strangers = {
        number: holders.get(number)
        for number, maker in MAKERS.items()
        if _same(maker.split()[0]) not in _same(holders.get(number, "")) and number not in USERS
    }
    assert strangers == {}
