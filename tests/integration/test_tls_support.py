"""Tests the TLS enumeration against nginx and openssl s_server, with ``openssl s_client`` as the second opinion.

s_client is run once for each suite that OpenSSL knows: our result must be the suites that it can agree on, and no more.
"""

import asyncio
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar

import pytest

from inventory.model import Endpoint, IPAddress
from inventory.scope import Scope
from probes.framework.evidence import FailureKind, Observation
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.certificates import OtherCertificate
from probes.observations.tls import Answer, Stopped, TlsSupport
from probes.tls_support import enumerate_tls
from tests.support import private_net

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
OPENSSL = shutil.which("openssl")
pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(not NGINX or not OPENSSL, reason="needs nginx and openssl (Debian: nginx-light openssl)"),
]
HERE = ip_address("2001:db8::1")
EVERYTHING = Scope(allow=(ip_network("::/0"),))
NAME = "www.example.vn"
WEAK = (
    "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ssl_prefer_server_ciphers on;"
    "ssl_dhparam {dh}; ssl_early_data on; ssl_conf_command Options -ExtendedMasterSecret;"
)
GOOD = (
    "ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1;"
    "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305;"
)
CLIENT = "ssl_protocols TLSv1.2; ssl_verify_client on; ssl_client_certificate {pem};"


T = TypeVar("T")
BOTH_KINDS = "ssl_certificate {pem}.ec; ssl_certificate_key {pem}.ec.key; ssl_protocols TLSv1.2;"


class Unlimited:
    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Admit packets without waiting."""

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with key, certificate and DSA-style DH parameters: a safe prime takes seconds to find."""
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "30"]
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "pem")]
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *files, *subject)
    openssl("dhparam", "-dsaparam", "-out", str(tmp_path / "dh"), "1024")
    return tmp_path


def openssl(*arguments: str) -> str:
    done = subprocess.run([str(OPENSSL), *arguments], capture_output=True, text=True, input="", timeout=300)
    return done.stdout + done.stderr


@contextmanager
def nginx(folder: Path, directives: str) -> Iterator[None]:
    """Run one TLS server on [2001:db8::1]:443."""
    told = directives.format(dh=folder / "dh", pem=folder / "pem")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(
        f"daemon off; master_process off; user root root; pid {folder}/pid; error_log {folder}/log;"
        f"events {{}} http {{ access_log off; client_body_temp_path {folder}/body; {places} server {{"
        f"listen [{HERE}]:443 ssl; ssl_certificate {folder}/pem; ssl_certificate_key {folder}/key.pem; {told} }} }}"
    )
    with running(str(NGINX), "-c", str(folder / "conf"), "-e", str(folder / "log")):
        yield


@contextmanager
def running(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(2_000):
            if subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout.strip():
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate()


async def measure(name: str | None = NAME) -> TlsSupport:
    (found,) = await recorded(name)
    assert isinstance(found, TlsSupport)
    return found


async def recorded(name: str | None = NAME) -> tuple[Observation, ...]:
    setting = Setting(
        scope=EVERYTHING,
        limits=Unlimited(),
        timing=replace(QUICK, tls=4.0, tcp_connect=4.0, is_hurried=False),
        names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
        strict=True,
    )
    rec = Recorder(asyncio.get_running_loop().time)
    async with KernelNet(setting) as net:
        found = await enumerate_tls(net, rec, Endpoint(address=HERE, port=443, name=name), protocol="https")
    assert rec.steps[0] == found
    return rec.steps


def inside(main: Callable[[], Awaitable[T]]) -> T:
    return private_net.run(f"ip addr add {HERE}/128 dev lo nodad", main)


def filtered(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def accepted(found: TlsSupport) -> dict[str, set[str]]:
    return {one.version: set(one.suites) for one in found.versions if one.answer is Answer.ACCEPTED}


def by_client(option: str) -> set[str]:
    """Return the suites, by registered name, that s_client can agree on with the server."""
    listed = re.findall(r"(TLS_\S+)\s+-\s+(\S+)", listing())
    if option == "-tls1_3":
        pairs = [(name, name) for name, _ in listed if "_WITH_" not in name]
        return {name for name, own in pairs if agreed(option, "-ciphersuites", own)}
    pairs = [(name, own) for name, own in listed if "_WITH_" in name and "PSK" not in name and "SRP" not in name]
    return {name for name, own in pairs if agreed(option, "-cipher", f"{own}:@SECLEVEL=0")}


def listing() -> str:
    return openssl("ciphers", "-stdname", "-v", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")


def agreed(*options: str) -> bool:
    said = openssl("s_client", "-connect", f"[{HERE}]:443", "-servername", NAME, *options)
    return re.search(r"Cipher is (?!\(NONE\))", said) is not None


@pytest.mark.slow
def test_a_weak_server_has_exactly_the_suites_that_openssl_agrees_on(folder: Path) -> None:
    async def main() -> TlsSupport:
        with nginx(folder, WEAK):
            found = await measure()
            for option, version in (("-tls1", "TLSv1.0"), ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
                assert accepted(found)[version] == by_client(option), version
            return found

    found = inside(main)
    assert set(accepted(found)) == {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
    assert all(one.ordered for one in found.versions if one.answer is Answer.ACCEPTED)
    assert found.extended_master_secret is False
    assert found.early_data == 16_384
    assert found.secure_renegotiation is True
    assert [len(prime) for prime in found.primes] in ([128], [172])  # OpenSSL may prefer its built-in prime
    assert found.failure is None


def test_a_good_server(folder: Path) -> None:
    async def main() -> TlsSupport:
        with nginx(folder, GOOD):
            return await measure()

    found = inside(main)
    assert accepted(found) == {
        "TLSv1.3": {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"},
        "TLSv1.2": {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    }
    assert found.groups == ("x25519", "secp256r1")
    assert found.curves == ("x25519",)
    assert found.signatures == ("rsa_pss_rsae_sha256",)
    assert found.early_data == 0
    assert (found.compression, found.heartbeat, found.fallback_scsv) == (False, False, True)
    assert found.hellos < 40


def test_a_server_that_wants_a_client_certificate(folder: Path) -> None:
    async def main() -> TlsSupport:
        with nginx(folder, CLIENT):
            return await measure()

    found = inside(main)
    assert found.certificate_requested
    assert accepted(found)["TLSv1.2"]


def test_a_limit_on_connections_ends_the_enumeration(folder: Path) -> None:
    """The server accepts twelve connections; then its packet filter drops new ones."""
    rules = """table inet t { chain c { type filter hook input priority 0
        tcp dport 443 ct state new limit rate over 1/hour burst 12 packets drop
    }
    }"""

    async def main() -> TlsSupport:
        with nginx(folder, GOOD):
            filtered(rules)
            return await measure()

    found = inside(main)
    assert found.stopped is Stopped.RATE
    assert accepted(found)
    assert not all(one.complete for one in found.versions)


def test_what_is_no_tls(folder: Path) -> None:
    async def main() -> TlsSupport:
        with running("python3", "-m", "http.server", "443", "--bind", str(HERE), "--directory", str(folder)):
            return await measure()

    found = inside(main)
    assert not accepted(found)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.PROTOCOL


def test_certificates_of_both_kinds_are_recorded(folder: Path) -> None:
    """The hellos that enumerate the suites receive both certificates; no other connection is made for that."""
    files = ["-keyout", str(folder / "pem.ec.key"), "-out", str(folder / "pem.ec")]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl("req", "-x509", *curve, "-nodes", *files, "-subj", f"/CN={NAME}", "-days", "30")

    async def both() -> tuple[Observation, ...]:
        with nginx(folder, BOTH_KINDS):
            return await recorded()

    support, *others = inside(both)
    assert isinstance(support, TlsSupport)
    chains = [one.chain for one in others if isinstance(one, OtherCertificate)]
    texts = [(folder / name).read_text("ascii") for name in ("pem.ec", "pem")]
    assert sorted(chains) == sorted((ssl.PEM_cert_to_DER_cert(text),) for text in texts)
    assert len(others) == len(chains)
