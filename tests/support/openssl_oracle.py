"""Runs inside a rehearsal: compares our records of TLS servers with those of ``openssl s_client``.

Compared are accepted versions, suites and groups of TLS 1.3, and the chain of certificates as it is sent.

A client offers everything, and then again without the earlier choices, until nothing is agreed on. Every hello except
that with ML-KEM fits into one segment: where larger ones are lost, the others still show which settings are accepted.

    python -m containers.rehearsal run -- .venv/bin/python -m tests.support.openssl_oracle [LABEL… | --evidence DIR]
"""

import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from probes.observations.tls import TlsSupport
from tests.support.tls_comparison import Place, accepted, compare, of_groups, of_suites, of_versions

_WHO = "openssl"
_UNVERIFIED = ("-no-CAfile", "-no-CApath", "-no-CAstore")
"""Options that skip the system's authorities: trust is not compared, and reading them takes over half of each start."""
_SECONDS = 60
_OPTIONS = {"TLSv1.0": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
_GROUPS = {
    "X25519": "x25519",
    "prime256v1": "secp256r1",
    "X448": "x448",
    "secp384r1": "secp384r1",
    "secp521r1": "secp521r1",
    "2048": "ffdhe2048",
    "3072": "ffdhe3072",
    "4096": "ffdhe4096",
    "6144": "ffdhe6144",
    "8192": "ffdhe8192",
}
"""Registered names of the TLS 1.3 groups by s_client's names of their keys; all fit into a hello of one segment."""
_LARGE_GROUPS = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
_OLD_CURVES = ("secp224r1", "secp192r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
"""Curves that TLS 1.2 and older support besides these."""
_CIPHER = re.compile(r"Cipher is (?!\(NONE\))(\S+)")
_LARGE_GROUP = re.compile(r"Negotiated TLS1\.3 group: (\S+)")
_KEY = re.compile(r"(?:Peer|Server) Temp Key: (?:ECDH, |DH, )?(\w+)")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


@dataclass(slots=True)
class OpensslReport:
    """Holds openssl's report of one place."""

    suites: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    chain: tuple[bytes, ...] = ()


def told(support: TlsSupport) -> OpensslReport:
    """Return all suites and groups that s_client can negotiate with one place, and the chain that it receives."""
    openssl_report = OpensslReport()
    for version, option in _OPTIONS.items():
        ask = _asking(support, version, option, openssl_report)
        openssl_report.suites[version] = {_registered()[name] for name in _taken(list(_known(version)), ask)}
    if openssl_report.suites["TLSv1.3"]:
        for offered in (_GROUPS.values(), _LARGE_GROUPS):
            openssl_report.groups |= _taken(list(offered), lambda left: _group(support, left))
    return openssl_report


def shown(support: TlsSupport, alike: OpensslReport) -> OpensslReport:
    """Return the report for a place set up like another one: the other's suites and groups, and its own chain."""
    own = OpensslReport(suites=alike.suites, groups=alike.groups)
    version = max((version for version, suites in alike.suites.items() if suites), default="TLSv1.3")
    _asking(support, version, _OPTIONS[version], own)(list(_known(version)))
    return own


def _asking(
    support: TlsSupport, version: str, option: str, openssl_report: OpensslReport
) -> Callable[[list[str]], str | None]:
    """Return a function that asks which of some suites is agreed on; it keeps the first chain that it sees."""
    new = version == "TLSv1.3"
    groups = (*_GROUPS.values(), *(() if new else _OLD_CURVES))

    def ask(left: list[str]) -> str | None:
        suites = ["-ciphersuites", ":".join(left)] if new else ["-cipher", f"{':'.join(left)}:@SECLEVEL=0"]
        said = _client(support, option, "-groups", ":".join(groups), "-showcerts", *suites)
        agreed = _CIPHER.search(said)
        if agreed is not None:
            openssl_report.chain = openssl_report.chain or tuple(b64decode(text) for text in _CERTIFICATE.findall(said))
        return agreed and agreed[1]

    return ask


def _group(support: TlsSupport, left: list[str]) -> str | None:
    text = _client(support, "-tls1_3", "-groups", ":".join(left))
    if not _CIPHER.search(text):
        return None
    key, large = _KEY.search(text), _LARGE_GROUP.search(text)
    return _GROUPS[key[1]] if key is not None else large and large[1]


def _taken(left: list[str], ask: Callable[[list[str]], str | None]) -> set[str]:
    """Return everything that is negotiated when each earlier choice is left out of the next offer."""
    taken: set[str] = set()
    while left and (chosen := ask(left)) in left:
        left.remove(chosen)
        taken.add(chosen)
    return taken


def _client(support: TlsSupport, *words: str) -> str:
    begins = ["-starttls", support.protocol] if support.protocol in ("smtp", "imap", "pop3", "ldap") else []
    host = f"[{support.address}]" if support.address.version == 6 else str(support.address)
    name = ["-noservername"] if support.server_name is None else ["-servername", support.server_name]
    where = ["-connect", f"{host}:{support.port}", *name, *begins, *_UNVERIFIED]
    return _openssl("s_client", *where, *words)


def _openssl(*words: str) -> str:
    """Return the output of openssl; empty if it timed out."""
    try:
        done = subprocess.run(["openssl", *words], check=False, capture_output=True, input=b"", timeout=_SECONDS)
        return done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return ""


@cache
def _registered() -> dict[str, str]:
    """Return the registered name of each suite that openssl knows, by openssl's name."""
    listed = _openssl("ciphers", "-stdname", "-v", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    pairs = re.findall(r"^(TLS_\S+)\s+-\s+(\S+)", listed, re.MULTILINE)
    return {own: name for name, own in pairs if "PSK" not in name and "SRP" not in name}


def _known(version: str) -> Sequence[str]:
    new = version == "TLSv1.3"
    return [own for own, name in _registered().items() if ("_WITH_" not in name) is new]


def differs(place: Place, openssl_report: OpensslReport) -> str:
    """Return the differences between our record and openssl's; empty if there are none."""
    support = place.support
    wrong = [*of_versions(support, _WHO, {version: bool(listed) for version, listed in openssl_report.suites.items()})]
    listed = {version: openssl_report.suites[version] for version in accepted(support)}
    wrong += [*of_suites(support, _WHO, listed)]
    wrong += [*of_groups(support.groups, _WHO, openssl_report.groups)]
    if place.chain and place.chain != openssl_report.chain:
        wrong.append(f"chain: we {len(place.chain)} certificates, {_WHO} {len(openssl_report.chain)}, not the same")
    return ", ".join(wrong)


if __name__ == "__main__":
    sys.exit(compare(sys.argv[1:], told, differs, shown=shown))
