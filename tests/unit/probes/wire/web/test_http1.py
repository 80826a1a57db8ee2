"""Tests that heads and bodies of HTTP/1 are read as browsers read them, in pieces of any size."""

import pytest

from probes.wire.web.http1 import FIELD_LIMIT, HEAD_LIMIT, Body, HeadReader, NotHttpError, ResponseHead

OK = b"HTTP/1.1 200 OK\r\n"


def read(raw: bytes, step: int = 1_000_000) -> tuple[ResponseHead, bytes, Body]:
    reader, head, at = HeadReader(), None, 0
    while head is None:
        assert at < len(raw)
        head = reader.feed(raw[at : at + step])
        at += step
    body = Body(head)
    rest = reader.rest + raw[at:]
    return head, b"".join(body.feed(rest[n : n + step]) for n in range(0, len(rest), step)), body


@pytest.mark.parametrize("step", [1, 7, 1_000_000])
@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (OK + b"X Powered By: app\r\n\r\n", "x powered by", "app"),
        (OK + b"Server : nginx\r\n\r\n", "server", "nginx"),
        (OK + b"nonsense\r\nServer: a\r\n\r\n", "server", "a"),
        (b"\r\n\r\nHTTP/1.0 200\nServer: a\n\n", "server", "a"),
        (b"HTTP/1.1 200 OK\nServer: a\n\r\n", "server", "a"),
        (OK + b"Server: a\r\n\n", "server", "a"),
        (OK + b"Server: a\r\n b\r\n\tc\r\n\r\n", "server", "a b c"),
        (OK + b"Server: C\xe1\xbb\x95ng\r\n\r\n", "server", "Cổng"),
        (b"HTTP/1.1 103 Early Hints\r\nServer: x\r\n\r\nHTTP/1.1 200 OK\r\nServer: y\r\n\r\n", "server", "y"),
        (OK + b"Set-Cookie: a=" + b"x" * 60_000 + b"\r\n\r\n", "set-cookie", "a=" + "x" * 60_000),
    ],
)
def test_head_that_browsers_take_is_read(raw: bytes, name: str, value: str, step: int) -> None:
    head, _, _ = read(raw, step)
    assert (head.status, head.values(name)) == (200, [value])


@pytest.mark.parametrize(
    "raw", [b"220 mail ESMTP\r\n", b"SSH-2.0-OpenSSH_10.0\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/x\r\n\r\n"]
)
def test_head_of_something_else_is_refused(raw: bytes) -> None:
    with pytest.raises(NotHttpError):
        HeadReader().feed(raw)


@pytest.mark.parametrize("step", [1, 1_000_000])
def test_empty_lines_behind_the_head_are_body(step: int) -> None:
    assert read(OK + b"Content-Length: 8\r\n\r\n\n\n\r\n\r\nab", step)[1] == b"\n\n\r\n\r\nab"


def test_head_without_end_is_refused_at_its_bound() -> None:
    reader = HeadReader()
    reader.feed(OK + b"a" * (HEAD_LIMIT - len(OK)))
    with pytest.raises(NotHttpError):
        reader.feed(b"a")


def test_field_that_is_too_long_is_cut() -> None:
    head, _, _ = read(OK + b"a: " + b"x" * 100_000 + b"\r\n\r\n")
    assert len(head.values("a")[0]) == FIELD_LIMIT


@pytest.mark.parametrize("step", [1, 3, 1_000_000])
@pytest.mark.parametrize(
    ("fields", "body", "complete"),
    [
        (b"Content-Length: 5", b"hello", True),
        (b"Content-Length: 1", b"hello", True),
        (b"Content-Length: 9", b"hello", False),
        (b"Content-Length: 5, 5", b"hello", True),
        (b"Content-Length: 5\r\nContent-Length: 7", b"hello", True),
        (b"Content-Length: many", b"hello", True),
        (b"Transfer-Encoding: identity\r\nContent-Length: 5", b"hello", True),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 5", b"2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX-T: 1\r\n\r\n", True),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"5\nhello\n0\n\n", True),
        (b"Transfer-Encoding: chunked", b"00000000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", True),
        (b"Transfer-Encoding: chunked", b"ffffffffffffffff\r\nhello", False),
        (b"Transfer-Encoding: chunked", b"5\r\nhello\r\n1ffffffffffffffff\r\nmore", False),
        (b"Transfer-Encoding: chunked", b"5\r\nhello\r\n", False),
        (b"Transfer-Encoding: chunked", b"5\r\nhello\r\nxyz\r\n", False),
        (b"Server: a", b"hello", True),
    ],
)
def test_body_is_taken_apart(fields: bytes, body: bytes, complete: bool, step: int) -> None:
    _, content, framing = read(OK + fields + b"\r\n\r\n" + body, step)
    assert content == (b"h" if fields == b"Content-Length: 1" else b"hello")
    assert framing.complete is complete


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_body_of_an_answer_without_one_is_empty(status: bytes) -> None:
    _, content, framing = read(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\nhello")
    assert (content, framing.complete) == (b"", True)


def test_chunk_line_without_end_breaks_the_body() -> None:
    _, content, framing = read(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 10_000, 1_000)
    assert (content, framing.complete) == (b"", False)
