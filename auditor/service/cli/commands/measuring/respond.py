"""Runs ``auditor respond``: the answering side of control endpoints, on this machine until it is interrupted."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address

from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.listening_problems import port_not_opened
from auditor.service.cli.words import ui
from auditor.service.garbage_collection import collect_as_usual
from inventory.model import IPAddress
from probes.net.respond.responder import ECHO_PORT, Responder, ResponderOffer
from probes.observations.exposure import SWEPT, UNUSED
from probes.wire.path.stamp import PORT

EVERYWHERE = ("::", "0.0.0.0")  # noqa: S104  # the whole purpose is to be reached
DEFAULT_PORTS = tuple(sorted({53, *SWEPT} - {*UNUSED}))


def respond(
    addresses: Sequence[str],
    ports: str | None,
    object_port: int | None,
    echo: int = ECHO_PORT,
    stamp: int = PORT,
    witness: int | None = None,
    dns: int | None = None,
) -> int:
    """Open the ports, print those that could not be opened, and answer until Ctrl-C. Exit with 2 if none was opened."""
    offer = ResponderOffer(tcp=_ports(ports), object_port=object_port, echo=echo, stamp=stamp, witness=witness, dns=dns)
    where = _addresses(addresses)
    return asyncio.run(_run(where, offer))


async def _run(addresses: list[IPAddress], offer: ResponderOffer) -> int:
    collect_as_usual()
    async with Responder(addresses, offer) as listening:
        for name, error in listening.refused:
            print(f"✘ {port_not_opened(error, at=name).worded(ui)}", file=sys.stderr)
        if not listening.opened:
            raise refuse([ui("no port could be opened")])
        print(ui("answering: {opened}", opened=", ".join(listening.opened)), flush=True)
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    return EXIT_OK


def _ports(text: str | None) -> tuple[int, ...]:
    if text is None:
        return DEFAULT_PORTS
    words = [word.strip() for word in text.split(",")]
    bad = [word for word in words if not (word.isascii() and word.isdigit() and 0 < int(word) < 65_536)]
    if bad:
        raise refuse(ui("--tcp: '{word}' is not a port (1 to 65535)", word=word) for word in bad)
    return tuple(dict.fromkeys(int(word) for word in words))


def _addresses(texts: Sequence[str]) -> list[IPAddress]:
    bad, found = [], []
    for text in texts or EVERYWHERE:
        try:
            found.append(ip_address(text))
        except ValueError:
            bad.append(text)
    if bad:
        raise refuse(ui("--bind: '{word}' is not an IP address", word=word) for word in bad)
    return found
