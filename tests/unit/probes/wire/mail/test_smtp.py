"""Tests the reading of SMTP replies: valid and invalid ones, and how much of them is kept."""

import pytest

from probes.wire.mail.smtp import (
    LINE_KEPT,
    LINE_LIMIT,
    LINES_LIMIT,
    ReplyReader,
    SmtpAnswer,
    SmtpWireError,
    enhanced,
    keywords,
    readable,
)


def read(*chunks: bytes) -> SmtpAnswer | None:
    reader = ReplyReader()
    for chunk in chunks:
        reader.feed(chunk)
    return reader.take()


def test_one_line_and_several() -> None:
    assert read(b"220 mx.vn ESMTP\r\n") == SmtpAnswer(220, ("220 mx.vn ESMTP",))
    assert read(b"250-mx.vn\r\n25", b"0-SIZE 1\r\n", b"250 STARTTLS\r\n") == SmtpAnswer(
        250, ("250-mx.vn", "250-SIZE 1", "250 STARTTLS")
    )
    assert read(b"354\n") == SmtpAnswer(354, ("354",))
    assert read(b"250-mx.vn\r\n250-SIZE") is None
    assert read(b"220-hi\r\n554 no\r\n") == SmtpAnswer(554, ("220-hi", "554 no"))


def test_a_greeting_that_a_firewall_has_blotted_out_is_one() -> None:
    """Cisco PIX leaves asterisks of all but 2 and 0, some versions of the space too; senders take the code."""
    assert read(b"220 ****2***0*\r\n") == SmtpAnswer(220, ("220 ****2***0*",))
    assert read(b"220*****2***0*\r\n") == SmtpAnswer(220, ("220*****2***0*",))


def test_what_comes_behind_a_reply_is_ahead_until_it_is_dropped() -> None:
    reader = ReplyReader()
    reader.feed(b"220 go\r\n250 injected\r\n")
    assert reader.take() == SmtpAnswer(220, ("220 go",))
    assert reader.ahead == len(b"250 injected\r\n")
    reader.drop()
    assert (reader.ahead, reader.take()) == (0, None)


@pytest.mark.parametrize(
    "wire",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 400 Bad\r\n",
        b"\r\n",
        b"2500 x\r\n",
        b"120 soon\r\n",
        b"650 x\r\n",
        b"25 x\r\n",
        b"\x16\x03\x03\0\x02\x02\x28\n",
        b"220_x\r\n",
    ],
)
def test_what_is_no_reply(wire: bytes) -> None:
    with pytest.raises(SmtpWireError):
        read(wire)


def test_nothing_is_without_end() -> None:
    with pytest.raises(SmtpWireError, match="line without end"):
        read(b"220 " + b"x" * LINE_LIMIT)
    with pytest.raises(SmtpWireError, match="reply without end"):
        read(b"220-x\r\n" * (LINES_LIMIT + 1))
    with pytest.raises(SmtpWireError, match="reply without end"):
        read((b"220-" + b"x" * 16_000 + b"\r\n") * 6)


def test_what_was_read_of_a_broken_reply_is_kept() -> None:
    reader = ReplyReader()
    reader.feed(b"220-hello\r\nrubbish\r\n")
    with pytest.raises(SmtpWireError):
        reader.take()
    assert reader.lines == ("220-hello", "rubbish")


def test_long_lines_are_cut_and_unprintable_ones_made_harmless() -> None:
    reply = read(b"220 " + b"y" * 2_000 + b"\r\n")
    assert reply is not None
    assert (len(reply.lines[0]), reply.cut) == (LINE_KEPT, True)
    assert readable(b"220 \x1b[2J\xff\r") == "220 \N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"
    assert readable("220 \u202etxt \u0111".encode()) == "220 \N{REPLACEMENT CHARACTER}txt \u0111"


def test_enhanced_codes() -> None:
    assert enhanced("554 5.7.1 relay denied") == "5.7.1"
    assert enhanced("451-4.7.0 later") == "4.7.0"
    for none in ("554 no", "220 5", "250 10.0.0.1 hello", "", "250 3.1.1 x"):
        assert enhanced(none) == ""


def test_keywords_of_ehlo_are_read_once_each() -> None:
    lines = ("250-mx.vn greets you", "250-size 1", "250-AUTH=LOGIN", "250-STARTTLS", "250-STARTTLS", "250-_x", "250 ")
    assert keywords(lines) == ("SIZE", "AUTH", "STARTTLS")
    assert keywords(("250 STARTTLS",)) == ()
