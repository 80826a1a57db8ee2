# SPDX-License-Identifier: GPL-2.0-only
"""Finds the routers and DHCPv6 servers of a link: listens there, and asks if wanted.

The questions are those of every host when its cable is plugged in; no offer is accepted.
"""

import asyncio
import secrets
import socket
from contextlib import suppress
from typing import Any

from probes.rawpkt import advertisements, packets, sockets
from probes.rawpkt.requests import Lan
from probes.rawpkt.station import Station

MOST = 200
"""Different advertisements kept of each kind; a link with more is being attacked."""
_OURS = 4  # PACKET_OUTGOING
_ASKED_AGAIN = 4.0
"""Seconds between the first solicitations: a router may have missed one (RFC 4861 §6.3.7)."""
_TRIES = 3
_HOURLY = 3600.0
"""Seconds between solicitations later on, which find routers that started since or answer only solicitations."""


class Watch:
    """Watches one interface once."""

    def __init__(self, station: Station, request: Lan) -> None:
        self._station = station
        self._r = request
        self._heard: dict[str, dict[str, dict[str, Any]]] = {"router": {}, "server": {}}
        self._dropped = 0
        self._duid = b"\0\4" + secrets.token_bytes(16)  # DUID-UUID (RFC 6355)

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        try:
            sock = sockets.link_listener(self._r.interface)
        except PermissionError:
            raise
        except OSError as problem:
            raise sockets.NoRoute(f"{self._r.interface}: {problem.strerror}") from problem
        with sock:
            loop.add_reader(sock, self._readable, sock)
            try:
                solicited = await self._watch()
            finally:
                loop.remove_reader(sock)
        return {
            "solicited": solicited,
            "dropped": self._dropped,
            "routers": list(self._heard["router"].values()),
            "servers": list(self._heard["server"].values()),
        }

    async def _watch(self) -> bool:
        """Watch until the time is over; True if we could ask, as an interface needs a link-local address for that."""
        loop = asyncio.get_running_loop()
        end, solicited, tries = loop.time() + self._r.wait, False, 0
        while (left := end - loop.time()) > 0:
            if self._r.solicit:
                await self._station.pace.turn(2)
                solicited = self._ask() or solicited
            tries += 1
            await asyncio.sleep(min(left, _ASKED_AGAIN if tries < _TRIES else _HOURLY))
        return solicited

    def _ask(self) -> bool:
        source = sockets.interface_address(self._r.interface)
        if source is None:
            return False
        number = socket.if_nametoindex(self._r.interface)
        self._station.send_link("ff02::2", number, packets.router_solicitation(source))
        self._station.send_link("ff02::1:2", number, packets.dhcp_solicit(source, secrets.token_bytes(3), self._duid))
        return True

    def _readable(self, sock: socket.socket) -> None:
        for _ in range(64):
            try:
                data, about = sock.recvfrom(65_535)
            except OSError:
                return
            if about[2] != _OURS:
                with suppress(ValueError):
                    self._note(data, bytes(about[4]))

    def _note(self, data: bytes, mac: bytes) -> None:
        """Record an advertisement; repeated ones of one sender are counted, and the longest lifetime is kept."""
        pair = advertisements.read(data)
        if pair is None:
            return
        kind, said = pair
        entry = {**said, "mac": mac.hex(":")[:17], "count": 1}
        known, key = self._heard[kind], repr({**entry, "lifetime": bool(entry.get("lifetime")), **_undated(entry)})
        if key in known:
            known[key]["count"] += 1
            if "lifetime" in entry:
                known[key]["lifetime"] = max(known[key]["lifetime"], entry["lifetime"])
        elif len(known) < MOST:
            known[key] = entry
        else:
            self._dropped += 1


def _undated(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the prefixes without their lifetimes, which may run down from one message to the next."""
    return {"prefixes": [prefix["prefix"] for prefix in entry.get("prefixes", ())]}
