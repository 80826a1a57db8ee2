"""Makes the recordings small, and pins the verdicts: ``python -m tests.support.recordings.build [FOLDER]``.

FOLDER has ``NAME.snmprec`` as LibreNMS keeps them, and ``expected.json``. Of each only what the probes ask for is kept.
Without FOLDER the verdicts are written anew from what is kept.
"""

import asyncio
import json
import lzma
import re
import sys
from pathlib import Path

from tests.support.recordings.recorded import (
    ADDRESSES,
    HERE,
    SUFFIX,
    VERDICTS,
    devices,
    names,
    recording,
    replay,
    verdicts,
)
from tests.support.snmp_agent import Oid, Recording

_CAPABILITIES = ("1.0.8802.1.1.2.1.4.1.1.11.", "1.0.8802.1.1.2.1.4.1.1.12.")
_OCTET = re.compile("[0-9A-F]{2}")


async def _compact(folder: Path) -> None:
    ADDRESSES.write_bytes((folder / "expected.json").read_bytes())
    for name in devices():
        path = folder / f"{name}.snmprec"
        _, agent = await replay(name, "gufo", Recording.read(path))
        lines = path.read_text("utf-8", errors="surrogateescape").splitlines()
        kept = "\n".join(_as_sent(line) for line in lines if _oid(line) in agent.served)
        (HERE / f"{name}{SUFFIX}").write_bytes(lzma.compress(kept.encode("utf-8", "surrogateescape"), preset=9))


def _oid(line: str) -> Oid:
    numbers = line.partition("|")[0].split(".")
    return tuple(map(int, numbers)) if all(number.isdecimal() for number in numbers) else ()


def _as_sent(line: str) -> str:
    """LibreNMS keeps LLDP's capabilities as text, ``28 2 4``: the octets, then the numbers of the bits that are set."""
    oid, _, text = line.split("|", 2)
    octets = _octets(text) if oid.startswith(_CAPABILITIES) else None
    return line if octets is None else f"{oid}|4x|{octets.hex()}"


def _octets(text: str) -> bytes | None:
    words = text.split()
    for size in range(1, len(words) + 1):
        if all(map(_OCTET.fullmatch, words[:size])):
            octets = bytes.fromhex("".join(words[:size]))
            bits = [at for at in range(len(octets) * 8) if octets[at // 8] & 0x80 >> at % 8]
            if [str(bit) for bit in bits] == words[size:]:
                again = _octets(octets.decode()) if octets.isascii() else None
                return octets if again is None else again
    return None


async def _pin() -> None:
    found = {}
    for name in names():
        replayed, _ = await replay(name, "gufo", recording(name))
        found[name] = dict(sorted(verdicts(name, replayed).items()))
        print(f"{name}: {replayed.questions} questions, {replayed.octets} octets")
    VERDICTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


async def main() -> None:
    if len(sys.argv) > 1:
        await _compact(Path(sys.argv[1]))
    await _pin()


if __name__ == "__main__":
    asyncio.run(main())
