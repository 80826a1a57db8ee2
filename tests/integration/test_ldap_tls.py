"""Tests TLS of a scripted directory, behind StartTLS and from the first byte, against openssl and sslscan.

Behind StartTLS only openssl is compared: sslscan requires the name of the operation in the answer, which RFC 4511
§4.14.2 leaves out.
"""

import asyncio
import subprocess
import sys
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from inventory.model import Endpoint, IPAddress, Service
from inventory.scope import Scope
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.tls import Answer, TlsSupport
from probes.observations.web import TlsHandshake
from probes.tls import mail_tls
from probes.tls_support import mail_tls_support
from tests.integration.test_certificate_status import running
from tests.support import openssl_oracle, private_net, sslscan_oracle
from tests.support.tls_comparison import places

pytestmark = pytest.mark.needs_root
HERE = ip_address("2001:db8::1")
NAME = "ldap.example.vn"


class Unlimited:
    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Admit packets without waiting."""

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-days", "30"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "-", "-out", "-", *subject]
    made = subprocess.run(command, capture_output=True, check=True)
    (tmp_path / "pem").write_bytes(made.stdout)
    return tmp_path / "pem"


def by_openssl(port: int, *options: str) -> str:
    command = ["openssl", "s_client", "-connect", f"[{HERE}]:{port}", "-servername", NAME, *options]
    return subprocess.run(command, capture_output=True, input="", text=True, timeout=300, check=False).stdout


@pytest.mark.parametrize(("service", "port", "options"), [("ldap", 389, ("-starttls", "ldap")), ("ldaps", 636, ())])
def test_tls_of_a_directory_is_what_other_programs_see(
    pem: Path, service: str, port: int, options: tuple[str, ...]
) -> None:
    async def main() -> tuple[Recorder, str, list[str]]:
        setting = Setting(
            scope=Scope(allow=(ip_network("::/0"),)),
            limits=Unlimited(),
            timing=replace(QUICK, tls=5.0, tcp_connect=5.0),
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            strict=True,
        )
        rec = Recorder(asyncio.get_running_loop().time)
        task = EndpointTask(
            endpoint=Endpoint(address=HERE, port=port, name=NAME), host=NAME, service=Service(name=service, port=port)
        )
        with running(port, sys.executable, "-m", "tests.support.ldap_peer", str(HERE), str(pem)):
            async with KernelNet(setting) as net:
                await mail_tls(task, net, rec)
                await mail_tls_support(task, net, rec)
            (place,) = places(rec.steps)
            differing = [openssl_oracle.differs(place, openssl_oracle.told(place.support))]
            if service == "ldaps":
                differing.append(sslscan_oracle.differs(place, sslscan_oracle.told(place.support)))
            return rec, by_openssl(port, *options), differing

    rec, said, differing = private_net.run(f"ip addr add {HERE}/128 dev lo nodad", main)
    shaken, support = rec.steps
    assert isinstance(shaken, TlsHandshake)
    assert isinstance(support, TlsSupport)
    assert (shaken.protocol, shaken.version, shaken.failure) == (service, "TLSv1.3", None)
    assert f"New, {shaken.version}, Cipher is {shaken.cipher}" in said
    accepted = {one.version for one in support.versions if one.answer is Answer.ACCEPTED}
    assert {"TLSv1.2", "TLSv1.3"} == accepted
    assert not any(differing), differing
