"""Runs inside a rehearsal: compares our records of TLS servers with sslscan's: versions, suites, groups, compression.

One place of each host, over IPv6 where there is one.

    apt-get install sslscan
    python -m containers.rehearsal run -- .venv/bin/python -m tests.support.sslscan_oracle [LABEL… | --evidence DIR]
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from xml.etree import ElementTree

from containers.rehearsal.packages import SEARCH_PATH
from containers.rehearsal.province import PROVINCE
from probes.observations.tls import TlsSupport
from probes.wire.tls import groups, suites
from tests.support.tls_comparison import Place, accepted, compare, of_facts, of_groups, of_suites, of_versions

_DEAF = {PROVINCE.fqdn(portal.label) for portal in PROVINCE.portals if portal.second_lost}
"""Hosts that hellos of more than one segment do not reach over IPv6; those of sslscan about TLS 1.3 are as large."""
_VERSIONS = {"2": "SSLv2", "3": "SSLv3", "1.0": "TLSv1.0", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3"}
_WHO = "sslscan"
_SECONDS = 200


@dataclass(slots=True)
class SslscanReport:
    """Holds sslscan's report of a place. ``versions``: True if enabled, for each version that it looked at."""

    versions: dict[str, bool] = field(default_factory=dict)
    suites: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    facts: dict[str, bool] = field(default_factory=dict)


def told(support: TlsSupport) -> SslscanReport | None:
    """Return sslscan's report of one place; None if it did not finish."""
    program = shutil.which("sslscan", path=SEARCH_PATH) or "sslscan"
    begins = [f"--starttls-{support.protocol}"] if support.protocol in ("smtp", "imap", "pop3", "ldap") else []
    host = f"[{support.address}]" if support.address.version == 6 else str(support.address)
    words = [
        "--xml=-",
        "--no-check-certificate",
        f"--sni-name={support.server_name}",
        *begins,
        f"{host}:{support.port}",
    ]
    try:
        done = subprocess.run(
            [program, *words], check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS
        )
        return read(done.stdout)
    except (subprocess.TimeoutExpired, ElementTree.ParseError):
        return None


def read(xml: bytes) -> SslscanReport | None:
    """Read the facts of its document."""
    test = ElementTree.fromstring(xml).find("ssltest")
    if test is None:
        return None
    sslscan_report = SslscanReport()
    for protocol in test.iter("protocol"):
        sslscan_report.versions[_VERSIONS[protocol.get("version", "")]] = protocol.get("enabled") == "1"
    for cipher in test.iter("cipher"):
        name = suites.name_of(int(cipher.get("id", "0"), 16))
        sslscan_report.suites.setdefault(_name(cipher.get("sslversion", "")), set()).add(name)
    for group in test.iter("group"):
        if group.get("sslversion") == "TLSv1.3":
            sslscan_report.groups.add(groups.name_of(int(group.get("id", "0"), 16)))
    compression, fallback = test.find("compression"), test.find("fallback")
    if compression is not None:
        sslscan_report.facts["compression"] = compression.get("supported") == "1"
    if fallback is not None:
        sslscan_report.facts["fallback"] = fallback.get("supported") == "1"
    return sslscan_report


def _name(version: str) -> str:
    return {"TLSv1": "TLSv1.0"}.get(version, version)


def differs(place: Place, sslscan_report: SslscanReport | None) -> str:
    """Return the differences between our record and sslscan's; empty if there are none."""
    if sslscan_report is None:
        return "sslscan came to no end"
    support = place.support
    listed = {version: sslscan_report.suites.get(version, set()) for version in accepted(support)}
    if support.server_name in _DEAF and support.address.version == 6:
        del listed["TLSv1.3"]
    wrong = [*of_versions(support, _WHO, sslscan_report.versions), *of_suites(support, _WHO, listed)]
    classical = [group for group in support.groups if "MLKEM" not in group]  # sslscan does not know ML-KEM
    wrong += [*of_groups(classical, _WHO, sslscan_report.groups)] if sslscan_report.groups else []
    facts = {"compression": support.compression, "fallback": support.fallback_scsv}
    return ", ".join((*wrong, *of_facts(facts, _WHO, sslscan_report.facts)))


if __name__ == "__main__":
    sys.exit(compare(sys.argv[1:], told, differs))
