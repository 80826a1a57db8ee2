"""Runs inside a rehearsal: what TLS servers accept, by us and by sslscan: versions, suites, groups, compression.

One place of each host, over IPv6 where there is one.

    apt-get install sslscan
    python -m containers.rehearsal run -- .venv/bin/python -m tests.support.sslscan_oracle [LABEL…]
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from containers.rehearsal.packages import SEARCH_PATH
from probes.observations.tls import Answer, TlsSupport
from probes.wire.tls import groups, suites
from tests.support.testssl_oracle import places
from tests.support.tls_oracles import MAILS, PORTALS

_VERSIONS = {"2": "SSLv2", "3": "SSLv3", "1.0": "TLSv1.0", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3"}
_AT_ONCE = 2
_SECONDS = 200


@dataclass(slots=True)
class Told:
    """What sslscan says of a place. Versions are those that it looked at, and whether they are enabled."""

    versions: dict[str, bool] = field(default_factory=dict)
    suites: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    facts: dict[str, bool] = field(default_factory=dict)


def told(one: TlsSupport) -> Told | None:
    """sslscan about one place; None where it came to no end."""
    program = shutil.which("sslscan", path=SEARCH_PATH) or "sslscan"
    begins = [f"--starttls-{one.protocol}"] if one.protocol in ("smtp", "imap", "pop3", "ldap") else []
    host = f"[{one.address}]" if one.address.version == 6 else str(one.address)
    words = ["--xml=-", "--no-check-certificate", f"--sni-name={one.server_name}", *begins, f"{host}:{one.port}"]
    try:
        done = subprocess.run(
            [program, *words], check=False, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS
        )
        return read(done.stdout)
    except (subprocess.TimeoutExpired, ElementTree.ParseError):
        return None


def read(xml: bytes) -> Told | None:
    """The facts of its document."""
    test = ElementTree.fromstring(xml).find("ssltest")
    if test is None:
        return None
    found = Told()
    for protocol in test.iter("protocol"):
        found.versions[_VERSIONS[protocol.get("version", "")]] = protocol.get("enabled") == "1"
    for cipher in test.iter("cipher"):
        name = suites.name_of(int(cipher.get("id", "0"), 16))
        found.suites.setdefault(_name(cipher.get("sslversion", "")), set()).add(name)
    for group in test.iter("group"):
        if group.get("sslversion") == "TLSv1.3":
            found.groups.add(groups.name_of(int(group.get("id", "0"), 16)))
    compression, fallback = test.find("compression"), test.find("fallback")
    if compression is not None:
        found.facts["compression"] = compression.get("supported") == "1"
    if fallback is not None:
        found.facts["fallback"] = fallback.get("supported") == "1"
    return found


def _name(version: str) -> str:
    return {"TLSv1": "TLSv1.0"}.get(version, version)


def differs(one: TlsSupport, said: Told | None) -> str:
    """What the two say differently, empty where they agree."""
    if said is None:
        return "sslscan came to no end"
    accepted = {version.version: version for version in one.versions if version.answer is Answer.ACCEPTED}
    wrong = [
        f"{version}: we {version in accepted}, sslscan {enabled}"
        for version, enabled in said.versions.items()
        if enabled is not (version in accepted)
    ]
    for version, mine in accepted.items():
        theirs = said.suites.get(version, set())
        if theirs != set(mine.suites):
            more, less = sorted(set(mine.suites) - theirs), sorted(theirs - set(mine.suites))
            wrong.append(f"{version} (only we: {' '.join(more) or '-'}; only sslscan: {' '.join(less) or '-'})")
    classical = {group for group in one.groups if "MLKEM" not in group}  # which it does not know
    if said.groups and said.groups != classical:
        wrong.append(f"groups: we {' '.join(one.groups)}, sslscan {' '.join(sorted(said.groups))}")
    facts = {"compression": one.compression, "fallback": one.fallback_scsv}
    wrong += [
        f"{name}: we {mine}, sslscan {said.facts[name]}"
        for name, mine in facts.items()
        if mine is not None and name in said.facts and mine is not said.facts[name]
    ]
    return ", ".join(wrong)


def main(lab: Path, labels: Sequence[str]) -> int:
    found = places(lab, labels or (*PORTALS, *MAILS))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        said = list(pool.map(told, found))
    same = 0
    for one, theirs in zip(found, said, strict=True):
        wrong = differs(one, theirs)
        same += not wrong
        listed = " ".join(f"{v.version}:{len(v.suites)}" for v in one.versions if v.answer is Answer.ACCEPTED)
        print(f"{one.server_name!s:38} {one.address!s:20} {one.port:5} {listed:50} {wrong or 'the same'}", flush=True)
    print(f"{same} of {len(found)} places: the two say the same")
    return 0 if same == len(found) else 1


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["AUDITOR_REHEARSAL"]), sys.argv[1:]))
