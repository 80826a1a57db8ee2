"""Writes the configuration of Net-SNMP's agents on the devices, and the profiles with which the auditor reads them."""

from collections.abc import Iterator
from pathlib import Path

from containers.rehearsal.addressing import Seat
from containers.rehearsal.agent_access import AgentAccess
from containers.rehearsal.model import DeviceSpec, Uplink
from containers.rehearsal.routers import NEIGHBOUR
from containers.rehearsal.workspace import Workspace

COMMUNITY, USER, AUTH_KEY, PRIV_KEY = "son-lam-2026", "kiemtra", "khoa-xac-thuc-son-lam", "khoa-ma-hoa-son-lam"
SECRETS = {"community": COMMUNITY, "auth": AUTH_KEY, "priv": PRIV_KEY}
AGENTX = "agentx"
"""The socket in an agent's own folder, at which daemons beside it add their tables."""
PROFILES = {2: "legacy", 3: "core"}


UP_TIME = "up-time"
"""The script in an agent's own folder that says for how long the device has been up."""
_UNUSED = "-smux,cpu,cpu_linux,diskio,vmstat"
"""Modules that an agent does not load: they check processor and disks every few seconds, and no test reads them."""
_UP_TIME = ".1.3.6.1.2.1.1.3"
_DAYS = 300
"""Days of uptime before the rehearsal began."""
_LLDP_CHASSIS = ".1.0.8802.1.1.2.1.3.2.0 octet_str {label}"


def configuration(device: DeviceSpec, number: int, seat: Seat, work: Path) -> str:
    """A snmpd.conf. The view hides tables that an old device would not have. Daemons beside the agent add their tables
    through AgentX; every other device says that it speaks LLDP and hears nobody."""
    listening = [f"udp:{address}:161" for address in seat.v4]
    listening += [f"udp6:[{address}]:161" for address in seat.v6 if device.uplink is Uplink.GLOBAL and device.agent_v6]
    lines = [
        f"agentAddress {'udp:127.0.0.1:161' if device.access is AgentAccess.CLOSED else ','.join(listening)}",
        f"sysDescr {device.described}",
        f"sysName {device.label}",
        "sysServices 6",
        "view shown included .1",
        *(f"view shown excluded .{root}" for root in device.hidden),
        *_lets_in(device),
        *(f"override {override.format(number=number)}" for override in device.overrides),
    ]
    if device.object_id:
        lines.append(f"sysObjectID {device.object_id}")
    if device.load is not None:
        lines.append(f"pass -p 1 {_UP_TIME} /bin/sh {work / UP_TIME}")
    if device.lldp or device.routing is not None:
        lines += ["master agentx", f"agentXSocket {work / AGENTX}"]
    if not device.lldp:
        lines.append(f"override {_LLDP_CHASSIS.format(label=device.label)}")
    return "\n".join(lines) + "\n"


def up_time(began: float) -> str:
    """Return a script for snmpd's ``pass``: the uptime in centiseconds since 300 days before ``began`` (Unix time)."""
    since = int(began) - _DAYS * 86_400
    return (
        f'[ "$1" = -g ] && [ "$2" = {_UP_TIME}.0 ] || exit 0\n'
        f'printf "%s\\ntimeticks\\n%s\\n" {_UP_TIME}.0 $((($(date +%s) - {since}) * 100 % 4294967296))\n'
    )


def clock(work: Path) -> str:
    """The line by which a script that stays tells the time of the agent; of one that is called anew each time Net-SNMP
    remembers for half a minute what it said."""
    return f"pass_persist -p 1 {_UP_TIME} /bin/sh {work / UP_TIME}\n"


def told_time(began: float, behind: Path) -> str:
    """Return a script for snmpd's ``pass_persist``: ``up_time`` less the seconds in the file ``behind``, if any."""
    since = int(began) - _DAYS * 86_400
    return f"""while read -r word; do
    case $word in
    PING) echo PONG ;;
    get) read -r oid
        if [ "$oid" = {_UP_TIME}.0 ]; then
            ago=$(cat {behind} 2>/dev/null || echo 0)
            printf '%s\\ntimeticks\\n%s\\n' "$oid" $((($(date +%s) - ago - {since}) * 100 % 4294967296))
        else echo NONE; fi ;;
    getnext) read -r oid; echo NONE ;;
    *) echo NONE ;;
    esac
done
"""


def stand_in() -> str:
    """Configure an agent to show the same neighbour where lldpd cannot run."""
    columns = ((4, "integer 7"), (5, f"octet_str {NEIGHBOUR}"), (9, f"octet_str {NEIGHBOUR}"), (12, "octet_str 0x08"))
    rows = (f"override .1.0.8802.1.1.2.1.4.1.1.{column}.100.2.1 {value}\n" for column, value in columns)
    return "".join(rows)


def _lets_in(device: DeviceSpec) -> Iterator[str]:
    if device.version == 2:
        yield from (f"rocommunity{family} {COMMUNITY} default -V shown" for family in ("", "6"))
    if device.access is AgentAccess.PUBLIC:
        yield from (f"rocommunity{family} public default -V shown" for family in ("", "6"))
    user = "mayquet" if device.access is AgentAccess.OTHERS else USER
    yield f'createUser {user} SHA-256 "{AUTH_KEY}" AES "{PRIV_KEY}"'
    kind = "rwuser" if device.access is AgentAccess.WRITABLE else "rouser"
    yield f"{kind} {user} {'auth' if device.access is AgentAccess.WITHOUT_PRIVACY else 'priv'} -V shown"
    if device.access is AgentAccess.OLD_USER:
        yield f'createUser nguoicu MD5 "{AUTH_KEY}" DES "{PRIV_KEY}"\nrouser nguoicu priv -V shown'


def command(program: str, conf: str, work: str) -> tuple[str, ...]:
    """It keeps engine id and keys in its own folder and reads no file of the system."""
    return ("env", f"SNMP_PERSISTENT_DIR={work}", "MIBS=", program, "-f", "-C", "-c", conf, "-Lo", "-I", _UNUSED)


def write_secrets(space: Workspace) -> None:
    """Write the secrets that the auditor's profiles refer to."""
    space.secrets.mkdir(mode=0o700)
    for name, text in SECRETS.items():
        path = space.secrets / name
        path.touch(mode=0o600)
        path.write_text(text, "ascii")


def profiles(space: Workspace) -> Iterator[str]:
    """Yield the tables of auditor.toml."""
    yield f'[snmp.profiles.{PROFILES[3]}]\nversion = "3"\nuser = "{USER}"'
    yield f'auth = "sha256"\nauth_key = "file:{space.secrets / "auth"}"'
    yield f'priv = "aes128"\npriv_key = "file:{space.secrets / "priv"}"\n'
    yield f'[snmp.profiles.{PROFILES[2]}]\nversion = "2c"\ncommunity = "file:{space.secrets / "community"}"\n'
