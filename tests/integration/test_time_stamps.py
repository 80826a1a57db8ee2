"""Tests time stamps over seals, by OpenSSL's authority behind a small HTTP server, and a bad one's answers."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from auditor.service.pipeline.seals import stamping
from auditor.service.pipeline.seals.stamping import NotStamped

SEAL = {"format": "auditor-seal-2", "root": "sha256:00", "run": {"id": "a"}, "signature": {"value": "x"}}
CONFIG = """
[ tsa ]
default_tsa = office
[ office ]
serial = serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.54321.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_alg = sha256
"""
Answer = Callable[[bytes], tuple[int, bytes]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a root, an authority under it, and OpenSSL's configuration."""
    folder = tmp_path_factory.mktemp("tsa")
    root, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (folder / "root.pem").write_bytes(_certificate("root", root, "root", root).public_bytes(Encoding.PEM))
    made = _certificate("tsa", signer, "root", root, of_tsa=True)
    (folder / "tsa.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    other = ec.generate_private_key(ec.SECP256R1())
    (folder / "other.pem").write_bytes(_certificate("other", other, "other", other).public_bytes(Encoding.PEM))
    (folder / "tsa.cnf").write_text(CONFIG, encoding="utf-8")
    return folder


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, signer: ec.EllipticCurvePrivateKey, *, of_tsa: bool = False
) -> x509.Certificate:
    called = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, by)]
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(called[0]).issuer_name(called[1]).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    made = made.not_valid_after(now + timedelta(days=30))
    made = made.add_extension(x509.BasicConstraints(ca=not of_tsa, path_length=None), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    if of_tsa:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return made.sign(signer, hashes.SHA256())


@pytest.fixture
def stamps(authority: Path) -> Answer:
    """Return a function that gives OpenSSL's answer to a request."""

    def answer(request: bytes) -> tuple[int, bytes]:
        (authority / "request").write_bytes(request)
        words = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request", "-signer", "tsa.pem"]
        words += ["-inkey", "tsa.key", "-out", "reply"]
        subprocess.run(words, cwd=authority, check=True, capture_output=True, timeout=300)
        return 200, (authority / "reply").read_bytes()

    return answer


class Server:
    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.answer: Answer = lambda request: (500, b"")
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.asked.append((self.headers["Content-Type"], body))
                status, data = server.answer(body)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                server.asked.append(("GET", self.path.encode()))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing."""

        self.listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listening.server_port}/tsa"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.listening.serve_forever)
    thread.start()
    yield made
    made.listening.shutdown()
    thread.join()
    made.listening.server_close()


def test_a_seal_is_stamped_and_verified_offline(server: Server, stamps: Answer, authority: Path) -> None:
    server.answer = stamps
    seal = {**SEAL, "timestamp": stamping.stamped(SEAL, server.url, authority / "root.pem")}
    assert [kind for kind, _ in server.asked] == ["application/timestamp-query"]
    seal = json.loads(json.dumps(seal))
    stamp = stamping.check(seal, authority / "root.pem")
    assert stamp is not None
    assert stamp.time is not None
    assert abs(datetime.now(UTC) - stamp.time) < timedelta(minutes=5)
    assert len(server.asked) == 1


@pytest.mark.parametrize("changed", [{"root": "sha256:01"}, {"signature": {"value": "y"}}, {"signature": None}])
def test_a_stamp_is_over_the_seal_and_its_signature(
    server: Server, stamps: Answer, authority: Path, changed: dict[str, object]
) -> None:
    server.answer = stamps
    seal = {**SEAL, "timestamp": stamping.stamped(SEAL, server.url, None), **changed}
    stamp = stamping.check(seal, authority / "root.pem")
    assert stamp is not None
    assert (stamp.time, bool(stamp.why)) == (None, True)


def test_a_stamp_of_somebody_else_is_none(server: Server, stamps: Answer, authority: Path) -> None:
    server.answer = stamps
    with pytest.raises(NotStamped):
        stamping.stamped(SEAL, server.url, authority / "other.pem")
    seal = {**SEAL, "timestamp": stamping.stamped(SEAL, server.url, None)}
    stamp = stamping.check(seal, authority / "other.pem")
    assert stamp is not None
    assert stamp.time is None


def test_an_old_answer_is_not_taken_for_one_to_this_request(server: Server, stamps: Answer, authority: Path) -> None:
    server.answer = stamps
    stamping.stamped(SEAL, server.url, authority / "root.pem")
    old = (authority / "reply").read_bytes()
    server.answer = lambda request: (200, old)
    with pytest.raises(NotStamped, match="Nonce"):
        stamping.stamped(SEAL, server.url, authority / "root.pem")


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"", "HTTP 500"),
        (302, b"", "HTTP 302"),
        (200, b"", "."),
        (200, b"<html>", "."),
        (200, b"0" * 10_000_000, "more than 65536 octets"),
    ],
)
def test_what_is_no_stamp_is_told(server: Server, authority: Path, status: int, body: bytes, why: str) -> None:
    server.answer = lambda request: (status, body)
    with pytest.raises(NotStamped, match=why):
        stamping.stamped(SEAL, server.url, authority / "root.pem")
    assert len(server.asked) == 1  # no redirect is followed


def test_no_server_is_told() -> None:
    with pytest.raises(NotStamped, match="ClientConnector"):
        stamping.stamped(SEAL, "http://127.0.0.1:1/", None)


@pytest.mark.parametrize("held", [1, {}, {"response": 5}, {"response": "!!"}, {"response": "AAAA"}])
def test_a_damaged_stamp_is_wrong_and_no_traceback(authority: Path, held: object) -> None:
    stamp = stamping.check({**SEAL, "timestamp": held}, authority / "root.pem")
    assert stamp is not None
    assert (stamp.time, bool(stamp.why)) == (None, True)
    assert stamping.check(SEAL, authority / "root.pem") is None
