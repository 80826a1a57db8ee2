"""Serves SMTP with OpenSSL's TLS and passes its bytes on itself, so that it can refuse a hello without an alert."""

import asyncio
import ssl

_CHUNK = 65_536


class MailHost:
    """Greets, answers EHLO and STARTTLS, then does the TLS handshake.

    ``mute``: a hello that OpenSSL refuses gets no answer and the connection stays open. ``gone_after``: after this many
    connections, it sends nothing after STARTTLS.
    """

    def __init__(self, context: ssl.SSLContext, *, mute: bool = False, gone_after: int = 1_000_000) -> None:
        self._context = context
        self._mute = mute
        self._gone_after = gone_after
        self.connections = self.now = self.most = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            writer.write(b"220 mx ESMTP\r\n")
            while line := await reader.readline():
                if line.upper().startswith(b"STARTTLS"):
                    writer.write(b"220 go\r\n")
                    await self._shake_hands(reader, writer)
                    return
                writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        finally:
            self.now -= 1

    async def _shake_hands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = self._context.wrap_bio(came, going, server_side=True)
        silent = self.connections > self._gone_after
        while data := await reader.read(_CHUNK):
            came.write(data)
            refused = False
            try:
                session.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                refused = True
            if silent or (refused and self._mute):
                await reader.read()
                return
            writer.write(going.read())
            if refused:
                return
