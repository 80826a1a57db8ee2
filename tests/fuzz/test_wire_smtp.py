"""Any bytes of a mail host are a reply, the beginning of one, or a WireError, and stay within the bounds."""

from hypothesis import example, given
from hypothesis import strategies as st

from probes.wire.mail.smtp import LINE_KEPT, LINES_LIMIT, ReplyReader, SmtpWireError, enhanced, keywords

LINES = st.builds(
    lambda code, sep, text, end: code + sep + text + end,
    st.sampled_from([b"220", b"250", b"554", b"451", b"999", b"25"]),
    st.sampled_from([b" ", b"-", b"", b"x"]),
    st.binary(max_size=40),
    st.sampled_from([b"\r\n", b"\n", b""]),
)


@given(st.lists(LINES | st.binary(max_size=60), max_size=30))
@example([b"220-\n"] * 200)
def test_any_bytes(chunks: list[bytes]) -> None:
    whole, piecewise = ReplyReader(), ReplyReader()
    whole.feed(b"".join(chunks))
    got = []
    for chunk in chunks:
        piecewise.feed(chunk)
        got += drained(piecewise)
        if got and got[-1] is None:
            break
    assert got == drained(whole)
    for reply in got:
        if reply is not None:
            code, lines = reply
            assert 200 <= code <= 599
            assert len(lines) <= LINES_LIMIT
            assert all(len(line) <= LINE_KEPT and line.isprintable() for line in lines)
            keywords(lines)
            enhanced(lines[0])


def drained(reader: ReplyReader) -> list[tuple[int, tuple[str, ...]] | None]:
    """Return the replies, with None at the end if other data came."""
    pairs: list[tuple[int, tuple[str, ...]] | None] = []
    try:
        while (reply := reader.take()) is not None:
            pairs.append((reply.code, reply.lines))
    except SmtpWireError:
        pairs.append(None)
    return pairs
