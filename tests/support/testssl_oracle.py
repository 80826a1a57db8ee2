"""Runs inside a rehearsal: compares our records of TLS servers with testssl.sh's: versions, suites, handshakes.

One place of each host, over IPv6 where there is one. Without labels one host for each kind of server software and for
each planted defect of TLS, because testssl.sh takes up to a minute for each place. Also compares whether it finds
exactly the planted flaws.

    apt-get install testssl.sh
    python -m containers.rehearsal run -- .venv/bin/python -m tests.support.testssl_oracle [LABEL… | --evidence DIR]
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from containers.rehearsal.library_flaws import LibraryFlaw
from containers.rehearsal.packages import SEARCH_PATH
from containers.rehearsal.province import PROVINCE
from probes.observations.tls import TlsSupport
from tests.support.tls_comparison import Place, accepted, compare, of_facts, of_suites, of_versions

VERSIONS = {
    "SSLv2": "SSLv2",
    "SSLv3": "SSLv3",
    "TLS1": "TLSv1.0",
    "TLS1_1": "TLSv1.1",
    "TLS1_2": "TLSv1.2",
    "TLS1_3": "TLSv1.3",
}
_TESTS = ("-p", "-E", "-S", "-C", "-R", "-H", "-I")
"""Protocols, suites by protocol, the server's own defaults, CRIME, renegotiation, Heartbleed, early CCS."""
_PLANTED = {PROVINCE.fqdn(portal.label): portal.flaw for portal in PROVINCE.portals}
_FLAWS = {"heartbleed": LibraryFlaw.HEARTBLEED, "CCS": LibraryFlaw.EARLY_CCS}
_SUITES = {f"cipher-{name.lower()}_": version for name, version in VERSIONS.items()}
_WHO = "testssl.sh"


@dataclass(slots=True)
class TestsslReport:
    """Holds testssl.sh's report of a place; a version or fact that it does not report is missing."""

    versions: dict[str, bool] = field(default_factory=dict)
    suites: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    facts: dict[str, bool] = field(default_factory=dict)


def told(support: TlsSupport) -> TestsslReport | None:
    """Return testssl.sh's report of one place; None if it did not finish."""
    program = shutil.which("testssl", path=SEARCH_PATH) or "testssl"
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/result.json"
        family = ["-6"] if support.address.version == 6 else []
        begins = ["--starttls", support.protocol] if support.protocol in ("smtp", "imap", "pop3") else []
        where = [f"--ip={support.address}", f"{support.server_name}:{support.port}"]
        words = ["--warnings", "batch", "--color", "0", "--nodns", "none", "--openssl", "/usr/bin/openssl"]
        command = [program, *words, "--jsonfile", out, *family, *begins, *_TESTS, *where]
        subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=400)
        try:
            return read(json.loads(Path(out).read_text("utf-8", "replace")))
        except (OSError, ValueError):
            return None


def read(entries: Iterable[Mapping[str, str]]) -> TestsslReport:
    """Read the facts from the lines of its JSON."""
    testssl_report = TestsslReport()
    for entry in entries:
        name, says = entry["id"], entry["finding"]
        if name in VERSIONS:
            testssl_report.versions[VERSIONS[name]] = not says.startswith("not ")
        for prefix, version in _SUITES.items():
            if name.startswith(f"{prefix}x"):
                testssl_report.suites[version].add(says.split()[-1])
        match name:
            case "CRIME_TLS":
                testssl_report.facts["compression"] = not says.startswith("not ")
            case "secure_renego":
                testssl_report.facts["secure renegotiation"] = says.startswith("supported")
            case "heartbleed" | "CCS":
                testssl_report.facts[name] = says.startswith(("VULNERABLE", "likely VULNERABLE"))
            case "TLS_extensions":
                testssl_report.facts["EMS"] = "extended master secret/#23" in says
            case _:
                pass
    return testssl_report


def differs(place: Place, testssl_report: TestsslReport | None) -> str:
    """Return the differences between our record and testssl.sh's; empty if there are none."""
    if testssl_report is None:
        return "testssl.sh came to no end"
    support = place.support
    facts = {
        "compression": support.compression,
        "EMS": None if "TLSv1.3" in accepted(support) else support.extended_master_secret,
        "secure renegotiation": support.secure_renegotiation,
    }
    facts |= {name: _PLANTED.get(str(support.server_name)) is flaw for name, flaw in _FLAWS.items()}
    wrong = (*of_versions(support, _WHO, testssl_report.versions), *of_suites(support, _WHO, testssl_report.suites))
    return ", ".join((*wrong, *of_facts(facts, _WHO, testssl_report.facts)))


if __name__ == "__main__":
    sys.exit(compare(sys.argv[1:], told, differs, at_once=2))
