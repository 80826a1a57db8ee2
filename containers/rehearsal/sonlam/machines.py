"""Declares servers that are audited as hosts, by address; a healthy one first."""

from containers.rehearsal.machine_services import MachineService
from containers.rehearsal.model import Machine

BOTH = frozenset({4, 6})
ONLY_V4, ONLY_V6 = frozenset({4}), frozenset({6})

EVERYTHING = (
    "security.ports.cleartext",
    "security.ports.mgmt-exposed",
    "security.ports.smb",
    "security.ports.unexpected",
    "security.ports.v4v6-parity",
)
"""Checks that are undecided for a machine that accepts everything, or that bans scanners."""

MACHINES = (
    Machine(
        label="may-trung-chuyen",
        agency="SL-KHCN",
        runs=((MachineService.SSH_KEYS, BOTH),),
        tags="jump-host",
        authorised=True,
        allowed_ports="22",
    ),
    Machine(
        label="may-cu",
        agency="SL-XD",
        runs=((MachineService.SSH_OLD, BOTH),),
        authorised=True,
        expected={
            "security.ports.mgmt-exposed": "warn",
            "security.ssh.algorithms": "fail",
            "security.ssh.auth": "fail",
        },
    ),
    Machine(
        label="may-telnet",
        agency="SL-TC",
        runs=((MachineService.TELNET, BOTH),),
        allowed_ports="443",
        expected={
            "security.ports.cleartext": "fail",
            "security.ports.mgmt-exposed": "fail",
            "security.ports.unexpected": "fail",
        },
    ),
    # The firewall knows IPv4 alone: what it holds back there is open to everybody over IPv6.
    Machine(
        label="may-ftp",
        agency="SL-GD",
        runs=((MachineService.FTP, ONLY_V6),),
        expected={"security.ports.cleartext": "fail", "security.ports.v4v6-parity": "fail"},
    ),
    Machine(
        label="may-tep",
        agency="SL-YT",
        runs=((MachineService.SMB_1, BOTH),),
        expected={"security.ports.mgmt-exposed": "fail", "security.ports.smb": "fail"},
    ),
    Machine(
        label="may-dem",
        agency="SL-NV",
        runs=((MachineService.MEMCACHED, BOTH),),
        authorised=True,
        expected={"security.ports.amplifiers": "fail"},
    ),
    Machine(
        label="may-manh",
        agency="SL-KHCN",
        runs=((MachineService.SSH_KEYS, BOTH),),
        tags="jump-host",
        authorised=True,
        allowed_ports="22",
        fragments_lost=True,
        expected={"ipv6.path.fragment": "warn"},
    ),
    Machine(
        label="may-telnet6",
        agency="SL-TC",
        runs=((MachineService.TELNET, ONLY_V6),),
        expected={
            "security.ports.cleartext": "fail",
            "security.ports.mgmt-exposed": "fail",
            "security.ports.v4v6-parity": "fail",
        },
    ),
    Machine(
        label="may-tep6",
        agency="SL-YT",
        runs=((MachineService.SMB_1, ONLY_V6),),
        expected={
            "security.ports.mgmt-exposed": "fail",
            "security.ports.smb": "fail",
            "security.ports.v4v6-parity": "fail",
        },
    ),
    Machine(
        label="may-duongham",
        agency="SL-XD",
        runs=((MachineService.TUNNEL, BOTH), (MachineService.SOURCE_ROUTES, BOTH)),
        authorised=True,
        expected={"security.ipv6.tunnel-endpoints": "fail", "security.ipv6.rh0": "fail"},
    ),
    # Something in between accepts for it whatever is knocked at: nothing of it is believed.
    Machine(
        label="may-hoden",
        agency="SL-GD",
        runs=((MachineService.EVERYTHING, BOTH),),
        expected={
            "security.http.admin-exposed": "inconclusive",
            "security.ports.cleartext": "inconclusive",
            "security.ports.mgmt-exposed": "inconclusive",
            "security.ports.smb": "inconclusive",
            "security.ports.v4v6-parity": "inconclusive",
            "security.ssh.algorithms": "inconclusive",
        },
        consequences=EVERYTHING,
    ),
    # Left over from when Windows asked for one.
    Machine(
        label="may-teredo",
        agency="SL-YT",
        runs=((MachineService.TEREDO, ONLY_V4),),
        authorised=True,
        expected={"security.ipv6.tunnel-endpoints": "warn"},
    ),
    # Switches fetch their configurations there, and so can anybody.
    Machine(
        label="may-cauhinh",
        agency="SL-KHCN",
        runs=((MachineService.TFTP, BOTH),),
        authorised=True,
        expected={"security.ports.cleartext": "fail"},
    ),
    # What resets every connection that was made for it has nothing open; whether SSH is behind, nobody can tell.
    Machine(
        label="may-dungsau",
        agency="SL-CT",
        runs=((MachineService.SYN_PROXY, BOTH),),
        expected={"security.ssh.algorithms": "inconclusive"},
    ),
    # What it has open over IPv4 is not known, and over IPv6 there is no fault to be found.
    Machine(
        label="may-cam",
        agency="SL-TP",
        runs=((MachineService.SSH_KEYS, BOTH),),
        tags="jump-host",
        authorised=True,
        allowed_ports="22",
        bans_v4=True,
        expected=dict.fromkeys(EVERYTHING, "inconclusive"),
        consequences=("security.ipv6.tunnel-endpoints", "security.ports.amplifiers"),  # undecided while it bans
    ),
)
