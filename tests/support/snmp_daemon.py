"""Runs Net-SNMP's daemon on the loopback of its own network namespace, over both families."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

LOOPBACK = "udp:127.0.0.1:161,udp6:[::1]:161"


@asynccontextmanager
async def snmpd(folder: Path, conf: str, at: str = LOOPBACK) -> AsyncIterator[None]:
    """Run the daemon, once it reports to be ready. It keeps all files in ``folder`` and reads no system file."""
    (folder / "conf").write_text(f"agentAddress {at}\n{conf}")
    log = folder / "log"
    command = ["/usr/sbin/snmpd", "-f", "-C", "-c", str(folder / "conf"), "-Lf", str(log), "-I", "-smux"]
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "MIBS": ""}
    with subprocess.Popen(command, env=env, cwd=folder) as daemon:  # noqa: ASYNC220 - it stays
        try:
            async with asyncio.timeout(300):
                while not _is_ready(log):  # noqa: ASYNC110 - another program writes it
                    await asyncio.sleep(0.02)
            yield
        finally:
            daemon.kill()


def _is_ready(log: Path) -> bool:
    return log.exists() and "NET-SNMP version" in log.read_text()
