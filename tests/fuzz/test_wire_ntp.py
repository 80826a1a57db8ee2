"""The reader of NTP answers against arbitrary bytes."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.path.ntp import NtpError, read, request


@given(wire=st.binary(max_size=200), cookie=st.binary(min_size=8, max_size=8))
def test_any_bytes(wire: bytes, cookie: bytes) -> None:
    with contextlib.suppress(NtpError):
        answer = read(wire, cookie)
        assert 0 <= answer.stratum <= 255
        assert answer.sent >= -2_208_988_800


@given(
    wire=st.binary(min_size=24, max_size=24),
    times=st.binary(min_size=16, max_size=80),
    cookie=st.binary(min_size=8, max_size=8),
)
def test_any_answer_to_our_question(wire: bytes, times: bytes, cookie: bytes) -> None:
    """Every other answer is a value if its first byte and origin are right."""
    whole = b"\x24" + wire[1:] + cookie + times
    if times[8:16] == bytes(8):
        return
    answer = read(whole, cookie)
    assert answer.synchronised is (0 < wire[1] < 16)
    assert request(cookie)[40:] == cookie
