"""Simulates a long path: packets to some IPv6 addresses are delayed for a moment, packets back are not.

A scripted peer, because the queueing disciplines that delay packets are not in every kernel. A TUN device takes the
packets of these addresses out of the router and gives them back later; a rule sends what comes from the device on its
old way. Where there is no /dev/net/tun nothing is slow, and the log says so.
"""

import asyncio
import fcntl
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

DEVICE = "slow0"
TABLE = "77"
_TUNSETIFF = 0x400454CA
_TUN_WITHOUT_HEADER = 0x1001  # IFF_TUN | IFF_NO_PI
_PACKET = 65_536


async def delay(addresses: list[str], link: str, seconds: float) -> None:
    """Take packets and give them back, until stopped."""
    try:
        device = opened(DEVICE)
    except OSError as error:
        print(f"nothing is slow: {error}", file=sys.stderr, flush=True)
        await asyncio.Event().wait()
        return
    _lead(addresses, link)
    hold_back(device, seconds)
    await asyncio.Event().wait()


def opened(name: str) -> int:
    """Return a TUN device, made where there is none of that name."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", name.encode(), _TUN_WITHOUT_HEADER))
    return device


def hold_back(device: int, seconds: float) -> None:
    """Return each arriving packet after a delay, from now on."""
    loop = asyncio.get_running_loop()

    def hold() -> None:
        loop.call_later(seconds, os.write, device, os.read(device, _PACKET))

    loop.add_reader(device, hold)


def _lead(addresses: list[str], link: str) -> None:
    lines = [f"link set {DEVICE} addrgenmode none", f"link set {DEVICE} up"]
    lines += [f"route add ::/0 via fe80::2 dev {link} table {TABLE}", f"rule add iif {DEVICE} lookup {TABLE}"]
    lines += [f"route add {address}/128 dev {DEVICE}" for address in addresses]
    subprocess.run(["ip", "-6", "-batch", "-"], input="\n".join(lines), text=True, check=True)


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    asyncio.run(delay(told["addresses"], told["link"], told["seconds"]))
