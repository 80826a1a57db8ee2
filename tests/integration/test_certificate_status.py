"""Tests certificate status and hellos as browsers send them, against openssl s_server and a web server.

The staple comes from a responder of our own; the list and the issuer's certificate are fetched from a plain web
server.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from auditor.facts.tls.certificates import read
from auditor.facts.tls.revocations import List, Staple, of_list, of_staple
from inventory.model import Endpoint, IPAddress, Service, SubjectId
from inventory.scope import Scope
from probes.certificate_status import certificate_status
from probes.framework.evidence import Evidence, EvidenceId, FailureKind, Observation, RunId
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.large_hello import large_hello
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.tls import BrowserHello, HelloAnswer
from tests.support import private_net

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(not NGINX, reason="needs nginx and openssl (Debian: nginx-light openssl)"),
]
HERE = ip_address("2001:db8::1")
NAME = "www.example.vn"
BASE = f"http://[{HERE}]"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
EVERYTHING = Scope(allow=(ip_network("::/0"),))
DER = serialization.Encoding.DER


class Unlimited:
    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Admit packets without waiting."""

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0


class Authority:
    """Issues a root, a leaf, a revocation list that contains the leaf, and an OCSP response that says it is good."""

    def __init__(self, folder: Path) -> None:
        self.key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.root = self._made("Root", self.key, ())
        points = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{BASE}/list.crl")], None, None, None)
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(f"{BASE}/root.der")
        )
        more = (x509.CRLDistributionPoints([points]), x509.AuthorityInformationAccess([access]))
        self.leaf = self._made(NAME, key, more)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "pem").write_bytes(self.leaf.public_bytes(serialization.Encoding.PEM) + private)
        (folder / "ocsp").write_bytes(self._response())
        web = folder / "web"
        web.mkdir()
        (web / "root.der").write_bytes(self.root.public_bytes(DER))
        (web / "list.crl").write_bytes(self._list())

    def _made(
        self, name: str, key: ec.EllipticCurvePrivateKey, more: tuple[x509.ExtensionType, ...]
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name("Root"))
        builder = builder.public_key(key.public_key()).serial_number(4711 if more else 1)
        builder = builder.not_valid_before(NOW - DAY).not_valid_after(NOW + 30 * DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=not more, path_length=None), critical=True)
        for one in more:
            builder = builder.add_extension(one, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _list(self) -> bytes:
        entry = x509.RevokedCertificateBuilder().serial_number(4711).revocation_date(NOW - DAY).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.root.subject)
        builder = builder.last_update(NOW - DAY).next_update(NOW + DAY).add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def _response(self) -> bytes:
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=self.leaf,
            issuer=self.root,
            algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.GOOD,
            this_update=NOW - DAY,
            next_update=NOW + DAY,
            revocation_time=None,
            revocation_reason=None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.root)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(DER)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def running(port: int, *command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(2_000):
            if f":{port} " in subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout:
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.communicate()


def server(folder: Path, *options: str) -> tuple[str, ...]:
    place = ("-accept", f"[{HERE}]:443", "-cert", str(folder / "pem"), "-key", str(folder / "pem"))
    return ("openssl", "s_server", "-quiet", *place, "-status_file", str(folder / "ocsp"), *options)


def nginx(folder: Path) -> tuple[str, ...]:
    """Return the command of a server that serves several connections at once; s_server does not."""
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(
        f"daemon off; master_process off; user root root; pid {folder}/pid; error_log {folder}/log;"
        f"events {{}} http {{ access_log off; client_body_temp_path {folder}/body; {places} server {{"
        f"listen [{HERE}]:443 ssl; ssl_certificate {folder}/pem; ssl_certificate_key {folder}/pem; }} }}"
    )
    return (str(NGINX), "-c", str(folder / "conf"), "-e", str(folder / "log"))


def files(folder: Path) -> tuple[str, ...]:
    where = ("--bind", str(HERE), "--directory", str(folder / "web"), "80")
    return (sys.executable, "-m", "http.server", *where)


def filtered(rules: str) -> None:
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def measured(folder: Path, probe: Callable[..., Awaitable[None]], *command: str, rules: str = "") -> Recorder:
    """Return a probe's record of the server in a separate network namespace with the MTU of Ethernet."""

    async def main() -> Recorder:
        setting = Setting(
            scope=EVERYTHING,
            limits=Unlimited(),
            timing=replace(QUICK, tls=4.0, tcp_connect=4.0),
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            strict=True,
        )
        rec = Recorder(asyncio.get_running_loop().time)
        task = EndpointTask(
            endpoint=Endpoint(address=HERE, port=443, name=NAME), host=NAME, service=Service(name="https", port=443)
        )
        filtered(rules)
        with running(443, *command), running(80, *files(folder)):
            async with KernelNet(setting) as net:
                await probe(task, net, rec)
        return rec

    return private_net.run(f"ip link set lo mtu 1500; ip addr add {HERE}/128 dev lo nodad", main)


def of(rec: Recorder, kind: type[Observation]) -> Observation:
    return next(step for step in rec.steps if isinstance(step, kind))


@pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])
def test_certificate_status_of_a_server_records_staple_issuer_and_list(
    tmp_path: Path, authority: Authority, version: str
) -> None:
    rec = measured(tmp_path, certificate_status, *server(tmp_path, version))
    staple, issuer, listed = of(rec, TlsStaple), of(rec, IssuerFetch), of(rec, RevocationList)
    assert isinstance(staple, TlsStaple)
    assert isinstance(issuer, IssuerFetch)
    assert isinstance(listed, RevocationList)
    leaf, root = read(authority.leaf.public_bytes(DER)), read(authority.root.public_bytes(DER))
    assert leaf is not None
    assert root is not None
    assert staple.chain == (leaf.der,)
    assert of_staple(staple.ocsp, NOW, leaf, [root]) is Staple.GOOD
    assert issuer.issuers == (root.der,)
    assert of_list(_around(listed), listed, [root]) is List.REVOKED
    assert listed.entry is not None
    assert listed.entry.since == NOW - DAY


def _around(step: Observation) -> Evidence:
    return Evidence(
        id=EvidenceId("e"),
        run=RunId("r"),
        subject=SubjectId("s"),
        endpoint=None,
        task="",
        probe="certificate_status",
        probe_version=1,
        attempt=1,
        vantage="v",
        started=NOW,
        queued=0.0,
        steps=(step,),
        failure=None,
    )


def test_large_hello_to_a_sound_server_is_answered(tmp_path: Path, authority: Authority) -> None:
    large, small = measured(tmp_path, large_hello, *nginx(tmp_path)).steps
    assert isinstance(large, BrowserHello)
    assert isinstance(small, BrowserHello)
    assert (large.answer, small.answer) == (HelloAnswer.HELLO, HelloAnswer.HELLO)
    assert large.size > 1_460 > small.size


def test_large_hello_to_a_server_of_tls12_is_answered(tmp_path: Path, authority: Authority) -> None:
    steps = measured(tmp_path, large_hello, *server(tmp_path, "-tls1_2")).steps
    assert all(isinstance(one, BrowserHello) and one.taken for one in steps)


def test_large_hello_where_full_packets_are_lost_is_silence(tmp_path: Path, authority: Authority) -> None:
    rules = "add table ip6 t\nadd chain ip6 t c { type filter hook input priority 0; }\n"
    rules += "add rule ip6 t c tcp dport 443 meta length > 1400 drop\n"
    steps = measured(tmp_path, large_hello, *nginx(tmp_path), rules=rules).steps
    hellos = sorted((step for step in steps if isinstance(step, BrowserHello)), key=lambda hello: hello.t0)
    assert [(hello.large, hello.taken) for hello in hellos] == [(True, False), (False, True), (True, False)]
    silent = [hello.failure.kind for hello in hellos if hello.failure is not None]
    assert silent == [FailureKind.TIMEOUT] * 2
