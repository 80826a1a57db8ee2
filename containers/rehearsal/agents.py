"""Net-SNMP's agents on the devices: their configuration, and the profiles with which the auditor reads them."""

from collections.abc import Iterator

from containers.rehearsal.addressing import Seat
from containers.rehearsal.model import Device, Uplink
from containers.rehearsal.workspace import Workspace

COMMUNITY, USER, AUTH_KEY, PRIV_KEY = "son-lam-2026", "kiemtra", "khoa-xac-thuc-son-lam", "khoa-ma-hoa-son-lam"
SECRETS = {"community": COMMUNITY, "auth": AUTH_KEY, "priv": PRIV_KEY}
PROFILES = {2: "legacy", 3: "core"}


def configuration(device: Device, number: int, seat: Seat) -> str:
    """A snmpd.conf. The view hides tables that an old device would not have."""
    listening = [f"udp:{address}:161" for address in seat.v4]
    listening += [f"udp6:[{address}]:161" for address in seat.v6 if device.uplink is Uplink.GLOBAL and device.agent_v6]
    lines = [
        f"agentAddress {','.join(listening)}",
        f"sysDescr {device.described}",
        f"sysName {device.label}",
        "sysServices 6",
        "view shown included .1",
        *(f"view shown excluded .{root}" for root in device.hidden),
        f"rocommunity {COMMUNITY} default -V shown",
        f"rocommunity6 {COMMUNITY} default -V shown",
        f'createUser {USER} SHA-256 "{AUTH_KEY}" AES "{PRIV_KEY}"',
        f"rouser {USER} priv -V shown",
        *(f"override {override.format(number=number)}" for override in device.overrides),
    ]
    return "\n".join(lines) + "\n"


def command(program: str, conf: str, work: str) -> tuple[str, ...]:
    """It keeps engine id and keys in its own folder and reads no file of the system."""
    return ("env", f"SNMP_PERSISTENT_DIR={work}", "MIBS=", program, "-f", "-C", "-c", conf, "-Lo", "-I", "-smux")


def write_secrets(space: Workspace) -> None:
    """What the auditor's profiles refer to."""
    space.secrets.mkdir()
    for name, text in SECRETS.items():
        (space.secrets / name).write_text(text, "ascii")


def profiles(space: Workspace) -> Iterator[str]:
    """The tables of auditor.toml."""
    yield f'[snmp.profiles.{PROFILES[3]}]\nversion = "3"\nuser = "{USER}"'
    yield f'auth = "sha256"\nauth_key = "file:{space.secrets / "auth"}"'
    yield f'priv = "aes128"\npriv_key = "file:{space.secrets / "priv"}"\n'
    yield f'[snmp.profiles.{PROFILES[2]}]\nversion = "2c"\ncommunity = "file:{space.secrets / "community"}"\n'
