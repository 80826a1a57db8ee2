"""The fronts with TLS flaws answer the messages that show a flaw; the server behind answers everything else."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from containers.rehearsal.library_flaws import LibraryFlaw
from containers.rehearsal.peers.flawed_tls import FlawedFront
from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.flight import FlightReader
from probes.wire.tls.hello import HelloOffer, hello_record, message, records
from probes.wire.tls.numbers import CHANGE_CIPHER_SPEC, CLIENT_KEY_EXCHANGE, HANDSHAKE, HEARTBEAT, TLS10, TLS12

KEY = ec.generate_private_key(ec.SECP256R1())
CERTIFICATE = b"a certificate"
CLIENT_RANDOM = bytes(range(32))
EARLY = records(b"\x01", kind=CHANGE_CIPHER_SPEC, version=TLS12)
KEY_EXCHANGE = records(message(CLIENT_KEY_EXCHANGE, bytes(66)), kind=HANDSHAKE, version=TLS12)
UNEXPECTED, BAD_MAC = bytes.fromhex("1503030002020a"), bytes.fromhex("15030300020214")


def hello(*, heartbeat: bool, version: int = TLS12) -> bytes:
    offer = HelloOffer(
        version=version,
        suites=suites.usual(),
        server_name="www.example.vn",
        groups=groups.for_tls12(),
        signatures=signatures.EVERY,
        heartbeat=heartbeat,
    )
    return hello_record(offer, random=CLIENT_RANDOM)


@asynccontextmanager
async def connected(
    flaw: LibraryFlaw, folder: Path
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield a client of a front; the server behind echoes its input."""

    ended = asyncio.Event()

    async def back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        await closed(writer)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await front.serve(reader, writer)
        await closed(writer)
        ended.set()

    behind, ahead = str(folder / "behind"), str(folder / "front")
    front = FlawedFront(flaw=flaw, address="::1", behind=behind, chain=(CERTIFICATE,), key=KEY)
    async with await asyncio.start_unix_server(back, behind), await asyncio.start_unix_server(serve, ahead):
        reader, writer = await asyncio.open_unix_connection(ahead)
        async with asyncio.timeout(300):
            yield reader, writer
            await closed(writer)
            await ended.wait()


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("flaw", "record"),
    [
        (LibraryFlaw.HEARTBLEED, hello(heartbeat=False)),
        (LibraryFlaw.HEARTBLEED, hello(heartbeat=True, version=TLS10)),
        (LibraryFlaw.HEARTBLEED, records(b"\x01", version=TLS12)),
        (LibraryFlaw.HEARTBLEED, b"GET /"),
        (LibraryFlaw.EARLY_CCS, hello(heartbeat=True) + KEY_EXCHANGE + EARLY),
        (LibraryFlaw.EARLY_CCS, hello(heartbeat=False) + b"GET / HTTP/1.0"),
    ],
)
async def test_front_without_a_sign_of_the_flaw_passes_bytes_on(
    tmp_path: Path, flaw: LibraryFlaw, record: bytes
) -> None:
    async with connected(flaw, tmp_path) as (reader, writer):
        writer.write(record)
        assert await reader.readexactly(len(record)) == record


async def test_heartbleed_answers_with_as_many_bytes_as_are_claimed(tmp_path: Path) -> None:
    async with connected(LibraryFlaw.HEARTBLEED, tmp_path) as (reader, writer):
        writer.write(hello(heartbeat=True))
        flight = FlightReader()
        while not flight.done:
            flight.feed(await reader.read(65_536))
        writer.write(records(b"\x01" + (20_000).to_bytes(2) + b"abc", kind=HEARTBEAT, version=TLS12))
        answered = [await record(reader), await record(reader)]
        writer.write(EARLY)
        assert await reader.read() == UNEXPECTED
    assert [kind for kind, _ in answered] == [HEARTBEAT, HEARTBEAT]
    assert answered[0][1] + answered[1][1] == b"\x02\x4e\x20abc" + bytes(20_000 - 3 + 16)
    assert flight.flight.hello is not None
    assert flight.flight.hello.heartbeat
    assert flight.flight.certificates.endswith(CERTIFICATE)


async def test_heartbleed_signs_its_key_exchange(tmp_path: Path) -> None:
    async with connected(LibraryFlaw.HEARTBLEED, tmp_path) as (reader, writer):
        writer.write(hello(heartbeat=True))
        _, data = await record(reader)
    messages = {}
    while data:
        size = 4 + int.from_bytes(data[1:4])
        messages[data[0]], data = data[4:size], data[size:]
    exchange = messages[12]
    size = 4 + exchange[3]
    scheme, length = struct.unpack_from("!HH", exchange, size)
    assert scheme == 0x0403
    signed = CLIENT_RANDOM + messages[2][2:34] + exchange[:size]
    KEY.public_key().verify(exchange[size + 4 :][:length], signed, ec.ECDSA(hashes.SHA256()))


async def test_early_change_of_ciphers_makes_the_next_record_unreadable(tmp_path: Path) -> None:
    async with connected(LibraryFlaw.EARLY_CCS, tmp_path) as (reader, writer):
        first = hello(heartbeat=False)
        writer.write(first + EARLY)
        assert await reader.readexactly(len(first)) == first
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.write(KEY_EXCHANGE)
        assert await reader.read() == BAD_MAC


async def record(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(5)
    return head[0], await reader.readexactly(int.from_bytes(head[3:5]))
