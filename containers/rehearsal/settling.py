"""Waits until routers and LLDP have found each other and the load is sent: `python -m containers.rehearsal.settling`.

Runs at a vantage. Services are ready after half a second; these take two or three by their nature, and few tests need
them.
"""

import os
import sys
import time
from pathlib import Path

from gufo.snmp import Aes128Key, Sha256Key, SnmpError, User
from gufo.snmp.sync import SnmpSession

from containers.rehearsal.addressing import lay_out
from containers.rehearsal.agents import AUTH_KEY, PRIV_KEY, USER
from containers.rehearsal.model import DeviceSpec
from containers.rehearsal.peers.load import DONE
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.routers import declared
from containers.rehearsal.workspace import Workspace

SECONDS = 240.0
_OSPF, _FULL = "1.3.6.1.2.1.191.1.9.1.8", 8
_BGP, _ESTABLISHED = "1.3.6.1.3.5.1.1.2.1.13", 6
_ROUTES = "1.3.6.1.3.5.1.1.9.1.9"
_LLDP = "1.0.8802.1.1.2.1.4.1.1.9"


def settled(device: DeviceSpec, address: str) -> bool:
    """True if its agent shows all that it will show."""
    wanted = [(_OSPF, _FULL), (_BGP, _ESTABLISHED), (_ROUTES, None)] if declared(device) else []
    wanted += [(_LLDP, None)] if device.lldp else []
    if not wanted:
        return True
    user = User(USER, auth_key=Sha256Key(AUTH_KEY.encode()), priv_key=Aes128Key(PRIV_KEY.encode()))
    try:
        session = SnmpSession(address, user=user, timeout=0.5)
        session.refresh()
        return all(_shows(session, column, value) for column, value in wanted)
    except (SnmpError, OSError):
        return False


def _shows(session: SnmpSession, column: str, value: int | None) -> bool:
    rows = [found for _, found in session.getnext(column)]
    return bool(rows) and (value is None or all(row == value for row in rows))


def main() -> int:
    layout, deadline = lay_out(PROVINCE), time.monotonic() + SECONDS
    done = Workspace(Path(os.environ["AUDITOR_REHEARSAL"])).work("load") / DONE
    while not done.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    for device in PROVINCE.devices:
        address = str(layout.devices[device.label].v4[0])
        while not settled(device, address):
            if time.monotonic() > deadline:
                print(f"{device.label} has not found its neighbours", file=sys.stderr)
                return 1
            time.sleep(0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
