"""Configures machines that are audited as hosts: their SSH and FTP daemons, and the services of scripted peers.

sshd, vsftpd, the Teredo and the TFTP server are the real ones. Telnet, SMB and an amplifier are played: Debian's
servers of those either refuse what is to be shown (SMB 1) or are far heavier than their first message.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from containers.rehearsal.addressing import BESIDE_TEREDO, AddressPlan
from containers.rehearsal.machine_services import MachineService
from containers.rehearsal.model import Machine, Province

SITE = "machines"
PLAYED = {
    MachineService.TELNET: "telnet",
    MachineService.SMB_1: "smb1",
    MachineService.MEMCACHED: "memcached",
    MachineService.EVERYTHING: "tarpit",
}
PLAYED |= {MachineService.SYN_PROXY: "syn-proxy"}
FORWARDED = {MachineService.TUNNEL: "tunnel", MachineService.SOURCE_ROUTES: "source-route"}
PORTS = {
    MachineService.SSH_KEYS: 22,
    MachineService.SSH_OLD: 22,
    MachineService.FTP: 21,
    MachineService.TELNET: 23,
    MachineService.SMB_1: 445,
    MachineService.EVERYTHING: 27017,
}
PORTS |= {MachineService.SYN_PROXY: 27017}
"""TCP ports to wait for before the province is ready."""

_SSH = "Port 22\nPidFile none\nUsePAM no\nStrictModes no\nMaxStartups 200\nPerSourcePenalties no\n"
_SSH_KEYS = """\
PasswordAuthentication no
KbdInteractiveAuthentication no
MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256
"""
_SSH_OLD = """\
KexAlgorithms curve25519-sha256,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1
HostKeyAlgorithms ssh-rsa,rsa-sha2-256
Ciphers aes128-ctr,aes128-cbc,3des-cbc
MACs hmac-sha2-256,hmac-sha1
"""


def addresses(machine: Machine, runs: MachineService, layout: AddressPlan) -> tuple[str, ...]:
    """Return the addresses on which one service of a machine listens."""
    seat = layout.machines[machine.label]
    families = dict(machine.runs)[runs]
    return tuple(str(a) for a in seat.every() if a.version in families)


def real(province: Province) -> Iterator[tuple[Machine, MachineService]]:
    """Services with a daemon of their own."""
    for machine in province.machines:
        yield from ((machine, runs) for runs, _ in machine.runs if runs not in (*PLAYED, *FORWARDED))


def played(province: Province, layout: AddressPlan) -> str:
    """Return the configuration of the scripted peer that plays services."""
    return _rows(province, layout, PLAYED)


def forwarded(province: Province, layout: AddressPlan) -> str:
    """Return the configuration of the scripted peer that forwards packets."""
    return _rows(province, layout, FORWARDED)


def _rows(province: Province, layout: AddressPlan, words: Mapping[MachineService, str]) -> str:
    rows = [
        {"service": words[runs], "address": address}
        for machine in province.machines
        for runs, _ in machine.runs
        if runs in words
        for address in addresses(machine, runs, layout)
    ]
    return json.dumps(rows)


def configuration(machine: Machine, runs: MachineService, layout: AddressPlan, work: Path) -> str:
    """Return the file of one sshd, vsftpd, dnsmasq or miredo-server; writes its key beside it."""
    listening = addresses(machine, runs, layout)
    if runs is MachineService.TEREDO:
        return f"ServerBindAddress {listening[0]}\nServerBindAddress2 {BESIDE_TEREDO.v4[0]}\n"
    if runs is MachineService.TFTP:
        (work / "files").mkdir()
        listen = "".join(f"listen-address={address}\n" for address in listening)
        own = f"pid-file={work / 'pid'}\nlog-facility=-\nuser=root\n"
        return f"port=0\nbind-interfaces\nenable-tftp\ntftp-root={work / 'files'}\n{own}{listen}"
    if runs is MachineService.FTP:
        (work / "empty").mkdir()
        return (
            f"listen=NO\nlisten_ipv6=YES\nlisten_address6={listening[0]}\nbackground=NO\nanonymous_enable=YES\n"
            f"local_enable=NO\nsecure_chroot_dir={work / 'empty'}\nnopriv_user=nobody\nseccomp_sandbox=NO\n"
        )
    key = work / "host_key"
    key.write_bytes(_key(runs))
    key.chmod(0o600)
    listen = "".join(f"ListenAddress {address}\n" for address in listening)
    return f"{_SSH}{listen}HostKey {key}\n{_SSH_KEYS if runs is MachineService.SSH_KEYS else _SSH_OLD}"


def _key(runs: MachineService) -> bytes:
    """Ed25519, or an RSA key so small that it can be broken."""
    small = runs is MachineService.SSH_OLD
    key = rsa.generate_private_key(65537, 1024) if small else ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
