"""Runs inside a rehearsal: what TLS servers accept and show, by us and by ``openssl s_client``.

Compared are versions, suites, groups of TLS 1.3, and the chain of certificates as it is sent.

A client offers everything, and again without what was chosen, until nothing is agreed on. Every hello but that with
ML-KEM fits into one segment: where larger ones are lost, the others still show what the server accepts.

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
"""Nothing here is about trust, and reading the system's authorities is more than half of what a start costs."""
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
"""Registered names of groups of TLS 1.3 by what s_client says of their keys; all fit into a hello of one segment."""
_LARGE_GROUPS = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
_OLD_CURVES = ("secp224r1", "secp192r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1")
"""What TLS 1.2 and older know beside them."""
_CIPHER = re.compile(r"Cipher is (?!\(NONE\))(\S+)")
_LARGE_GROUP = re.compile(r"Negotiated TLS1\.3 group: (\S+)")
_KEY = re.compile(r"(?:Peer|Server) Temp Key: (?:ECDH, |DH, )?(\w+)")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


@dataclass(slots=True)
class OpensslReport:
    """What openssl says of a place."""

    suites: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    chain: tuple[bytes, ...] = ()


def told(support: TlsSupport) -> OpensslReport:
    """What s_client can agree on with one place, and the chain that it is sent."""
    openssl_report = OpensslReport()
    for version, option in _OPTIONS.items():
        ask = _asking(support, version, option, openssl_report)
        openssl_report.suites[version] = {_registered()[name] for name in _taken(list(_known(version)), ask)}
    if openssl_report.suites["TLSv1.3"]:
        for offered in (_GROUPS.values(), _LARGE_GROUPS):
            openssl_report.groups |= _taken(list(offered), lambda left: _group(support, left))
    return openssl_report


def shown(support: TlsSupport, alike: OpensslReport) -> OpensslReport:
    """What s_client is told by a place that is set up as another: what that one accepts, and its own chain."""
    own = OpensslReport(suites=alike.suites, groups=alike.groups)
    version = max((version for version, suites in alike.suites.items() if suites), default="TLSv1.3")
    _asking(support, version, _OPTIONS[version], own)(list(_known(version)))
    return own


def _asking(
    support: TlsSupport, version: str, option: str, openssl_report: OpensslReport
) -> Callable[[list[str]], str | None]:
    """Asks which of some suites is agreed on; the first chain that is seen is kept."""
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
    """Everything that is agreed on when what was chosen before is left out."""
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
    """What it prints; nothing where it came to no end."""
    try:
        done = subprocess.run(["openssl", *words], check=False, capture_output=True, input=b"", timeout=_SECONDS)
        return done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        return ""


@cache
def _registered() -> dict[str, str]:
    """The registered name of each suite that openssl knows, by its own."""
    listed = _openssl("ciphers", "-stdname", "-v", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    pairs = re.findall(r"^(TLS_\S+)\s+-\s+(\S+)", listed, re.MULTILINE)
    return {own: name for name, own in pairs if "PSK" not in name and "SRP" not in name}


def _known(version: str) -> Sequence[str]:
    new = version == "TLSv1.3"
    return [own for own, name in _registered().items() if ("_WITH_" not in name) is new]


def differs(place: Place, openssl_report: OpensslReport) -> str:
    """What the two say differently, empty where they agree."""
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
