"""Runs inside a rehearsal: compares our records of TLS servers with sslyze's; portals, and mail hosts with STARTTLS.

sslyze stays outside (its licence, and it cannot share our environment): name the Python of an environment that has it.

    python -m venv DIR && DIR/bin/pip install sslyze
    python -m containers.rehearsal run -- .venv/bin/python -m tests.support.tls_oracles DIR/bin/python
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from auditor.service.store.evidence.evidence_files import read
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.sonlam.encryption import LIBRARY_FLAWS, TLS_DEFECTS
from probes.framework.evidence import Observation
from probes.observations.tls import Answer, TlsSupport

VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
PORTALS = ("cong", "dichvucong", "dauphieu", "hai", *(portal.label for portal in (*TLS_DEFECTS, *LIBRARY_FLAWS)))
MAILS = ("thudientu", "nhanthu-khoahoc", "nhanthu-benngoc", "nhanthu-hanggio")
STARTTLS = {"smtp": "SMTP", "imap": "IMAP", "pop3": "POP3"}
_SSLYZE = """
import json, sys
from sslyze import (ProtocolWithOpportunisticTlsEnum, ScanCommand, Scanner, ServerNetworkConfiguration,
                    ServerNetworkLocation, ServerScanRequest)
versions = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2", "tls_1_3")
more = ("tls_compression", "tls_extended_master_secret", "tls_1_3_early_data", "session_renegotiation")
scanner = Scanner(per_server_concurrent_connections_limit=5)
requests = []
for key, address, port, name, starttls in json.load(sys.stdin):
    requests.append(ServerScanRequest(
        uuid=__import__("uuid").uuid5(__import__("uuid").NAMESPACE_URL, key),
        server_location=ServerNetworkLocation(hostname=name, port=port, ip_address=address),
        network_configuration=ServerNetworkConfiguration(
            tls_server_name_indication=name, network_timeout=10,
            tls_opportunistic_encryption=ProtocolWithOpportunisticTlsEnum[starttls] if starttls else None),
        scan_commands={ScanCommand(v + "_cipher_suites") for v in versions} | {ScanCommand(m) for m in more}))
scanner.queue_scans(requests)
found = {}
for done in scanner.get_results():
    place = f"{done.server_location.ip_address} {done.server_location.port}"
    if done.scan_result is None:
        found[place] = None
        continue
    of = lambda name: getattr(done.scan_result, name).result
    suites = {v: sorted(one.cipher_suite.name for one in of(v + "_cipher_suites").accepted_cipher_suites)
              if of(v + "_cipher_suites") else None for v in versions}
    facts = {"compression": of("tls_compression") and of("tls_compression").supports_compression,
             "early data": of("tls_1_3_early_data") and of("tls_1_3_early_data").supports_early_data,
             "EMS": of("tls_extended_master_secret") and of("tls_extended_master_secret").supports_ems_extension,
             "secure renegotiation": of("session_renegotiation") and
                                     of("session_renegotiation").supports_secure_renegotiation}
    found[place] = {"suites": [suites[v] for v in versions], "facts": facts}
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Holds one place; ``differs`` lists the differences, empty if there are none."""

    name: str
    place: str
    accepted: str
    differs: str


def rows(lab: Path, python: str) -> list[Row]:
    """Return one row for each address and port of the chosen hosts."""
    seen = {f"{our.address} {our.port}": our for our in ours(lab)}
    told = sslyze(python, seen)
    return [
        Row(str(support.server_name), place, _accepted(support), _differs(support, told.get(place)))
        for place, support in seen.items()
    ]


def ours(lab: Path) -> Iterator[TlsSupport]:
    """Return the TLS support that our probes recorded for each place of the chosen hosts."""
    yield from (step for step in steps(lab, (*PORTALS, *MAILS)) if isinstance(step, TlsSupport))


def steps(lab: Path, labels: Iterable[str]) -> Iterator[Observation]:
    """Yield everything that our probes recorded of the hosts with these labels when they measured TLS."""
    program = Path(sys.executable).with_name("auditor")
    targets = [PROVINCE.fqdn(label) for label in labels]
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "check",
            "--only",
            "security.tls.versions",
            "--only",
            "security.tls.cert-chain",
            "--format",
            "json",
            "--evidence",
            folder,
            *targets,
        ]
        command = [str(program), "--config", str(lab / "auditor.toml"), *words]
        subprocess.run(command, check=False, capture_output=True, timeout=200)
        recorded = read(Path(folder))
        for evidence in recorded.store.all_evidence(recorded.run):
            yield from evidence.steps


def sslyze(python: str, places: Mapping[str, TlsSupport]) -> dict[str, dict[str, object] | None]:
    """Return sslyze's report of the same places, all measured in one process."""
    asked = [
        (place, str(support.address), support.port, support.server_name, STARTTLS.get(support.protocol, ""))
        for place, support in places.items()
    ]
    done = subprocess.run([python, "-c", _SSLYZE], input=json.dumps(asked), check=True, capture_output=True, text=True)
    found: dict[str, dict[str, object] | None] = json.loads(done.stdout.splitlines()[-1])
    return found


def _accepted(support: TlsSupport) -> str:
    return " ".join(
        f"{version.version}:{len(version.suites)}" for version in support.versions if version.answer is Answer.ACCEPTED
    )


def _differs(support: TlsSupport, told: Mapping[str, object] | None) -> str:
    if told is None:
        return "sslyze could not connect"
    own = {version.version: sorted(version.suites) for version in support.versions}
    suites = told["suites"]
    facts = told["facts"]
    assert isinstance(suites, list)
    assert isinstance(facts, dict)
    wrong = [
        f"{version} (only we: {_only(own[version], listed)}; only sslyze: {_only(listed, own[version])})"
        for version, listed in zip(VERSIONS, suites, strict=True)
        if listed is not None and listed != own[version]
    ]
    mine = {
        "compression": support.compression,
        "early data": None if support.early_data is None else support.early_data > 0,
        # sslyze looks at the best version, and over TLS 1.3 OpenSSL always says yes (RFC 8446 §4.1.2).
        "EMS": None if own["TLSv1.3"] else support.extended_master_secret,
        "secure renegotiation": support.secure_renegotiation,
    }
    wrong += [
        f"{name}: we {said}, sslyze {facts[name]}"
        for name, said in mine.items()
        if None not in (said, facts[name]) and said != facts[name]
    ]
    return ", ".join(wrong)


def _only(some: list[str], others: list[str]) -> str:
    return " ".join(sorted(set(some) - set(others))) or "-"


def main(lab: Path, python: str) -> int:
    found = rows(lab, python)
    for row in found:
        print(f"{row.name:38} {row.place:28} {row.accepted:50} {row.differs or 'the same'}")
    same = sum(not row.differs for row in found)
    print(f"{same} of {len(found)} places: the two say the same")
    return 0 if same == len(found) else 1


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["AUDITOR_REHEARSAL"]), sys.argv[1]))
