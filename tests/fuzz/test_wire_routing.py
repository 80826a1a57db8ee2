"""The readers of routing tables against arbitrary bytes: an error that names the row, or a table."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.routing import roas, routes
from probes.wire.routing.faults import TableError

PIECES = st.sampled_from(
    [
        b'{"roas":[',
        b'{"asn": "AS1", "prefix": "::/0", "maxLength": 0}',
        b",",
        b"]}",
        b'"metadata": {}',
        b"\n",
        b"ASN,IP Prefix,Max Length\n",
        b"AS1,::/0,128\n",
        b"1.0.0.0\t24\t1_2,3\n",
        b"1\t::/0\t7\n",
        b"\xff",
        b"; ",
    ]
)
FILES = st.lists(PIECES | st.binary(max_size=30), max_size=8).map(b"".join)


@given(data=FILES)
def test_any_bytes(data: bytes) -> None:
    for read in (roas.read, routes.read):
        with contextlib.suppress(TableError):
            assert not read(data).empty
