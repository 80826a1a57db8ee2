"""First bytes of servers against arbitrary bytes: a protocol with a short printable product, or nothing."""

from hypothesis import given
from hypothesis import strategies as st

from probes.observations.exposure import SWEPT
from probes.wire.exposure.recognised_protocols import PRODUCT, recognise

BEGUN = st.sampled_from(
    (
        b"SSH-2.0-",
        b"\xff\xfd",
        b"RFB 003",
        b"HTTP/1.1 200 ",
        b"\x16\x03\x03",
        b"\x03\x00\x00\x13\x0e\xd0",
        b"\x04\x01",
        b"\x05\x00\x0c",
        b"\x30\x84",
        b"VERSION ",
        b"220 ",
        b"* OK",
        b"\x4a\0\0\0\x0a",
        b"\x4a\0\0\0\xff",
        b"",
    )
)


@given(st.sampled_from(SWEPT), BEGUN, st.binary(max_size=600), st.booleans())
def test_no_bytes_break_the_recognition(port: int, begun: bytes, rest: bytes, by_itself: bool) -> None:
    data = begun + rest
    found = recognise(port, data, b"") if by_itself else recognise(port, b"", data)
    assert found is None or (len(found.product) <= PRODUCT and (found.product.isprintable() or not found.product))
