"""Lets a browser outside reach a service inside a network namespace: run inside, with a socket that listens outside.

    python -m tests.support.relay DESCRIPTOR ADDRESS PORT

A socket belongs to the namespace in which it was made, wherever it is accepted from.
"""

import asyncio
import contextlib
import socket
import sys

PIECE = 65_536


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(PIECE):
            sink.write(piece)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.close()


async def relay(number: int, address: str, port: int) -> None:
    async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(address, port)
        await asyncio.gather(_pump(reader, back), _pump(there, writer))

    server = await asyncio.start_server(both, sock=socket.socket(fileno=number))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(relay(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
