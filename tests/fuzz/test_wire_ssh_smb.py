"""SSH packets and SMB answers against arbitrary bytes: an error of the codec, or a value, and nothing else."""

import contextlib
import struct

from hypothesis import example, given
from hypothesis import strategies as st

from probes.wire.exposure import smb, ssh
from probes.wire.exposure.ssh import KexOffer, SshError
from probes.wire.exposure.ssh_keys import KEX, exchange, secrets

NAMES = st.lists(st.from_regex(r"[a-z0-9@.\-]{1,20}", fullmatch=True), max_size=5).map(tuple)
PAIR = st.tuples(NAMES, NAMES)
OFFER = st.builds(KexOffer, kex=NAMES, host_keys=NAMES, ciphers=PAIR, macs=PAIR, compression=PAIR)


@given(st.binary(max_size=300))
@example(bytes([ssh.KEXINIT]) + bytes(16) + b"\xff\xff\xff\xff")
def test_ssh_readers_raise_their_own_error_alone(data: bytes) -> None:
    for read in (ssh.offered, ssh.kex_reply, ssh.host_key, ssh.body, ssh.methods, ssh.length):
        with contextlib.suppress(SshError):
            read(data)


@given(OFFER)
def test_an_offer_comes_back(offer: KexOffer) -> None:
    assert ssh.offered(ssh.kexinit(bytes(16), offer)) == offer


@given(st.binary(min_size=1, max_size=200))
def test_a_packet_comes_back(payload: bytes) -> None:
    made = ssh.packet(payload)
    assert len(made) % 8 == 0
    assert ssh.length(made[:4]) == len(made) - 4
    assert ssh.body(made[4:]) == payload


@given(st.sampled_from(KEX), st.binary(max_size=140))
def test_no_public_value_breaks_an_exchange(name: str, theirs: bytes) -> None:
    ours = exchange(name, lambda bits: 5)
    with contextlib.suppress(SshError):
        secrets(ours, theirs, (b"", b"", b"", b""), b"")


SMB1 = st.binary(max_size=80).map(lambda rest: b"\xffSMB\x72" + rest)
SMB2 = st.binary(max_size=120).map(lambda rest: b"\xfeSMB" + struct.pack("<HHIH", 64, 0, 0, 0) + rest)


@given(st.one_of(st.binary(max_size=120), SMB1, SMB2))
def test_smb_answers_raise_their_own_error_alone(data: bytes) -> None:
    with contextlib.suppress(smb.SmbError):
        smb.answer(data)
    with contextlib.suppress(smb.SmbError):
        smb.length(data[:4])
