"""Lists the services that machines run which are audited as hosts."""

from enum import Enum


class MachineService(Enum):
    """A service of a machine."""

    SSH_KEYS = "sshd, modern, keys alone"
    SSH_OLD = "sshd, old algorithms and passwords"
    FTP = "vsftpd without TLS"
    TELNET = "a Telnet server"
    TFTP = "dnsmasq with configurations to fetch over TFTP"
    SMB_1 = "a file server that still knows SMB 1"
    MEMCACHED = "memcached that answers over UDP"
    TUNNEL = "the end of a tunnel that takes packets from anybody"
    SOURCE_ROUTES = "passes on packets as a type 0 routing header says"
    TEREDO = "a Teredo server"
    SYN_PROXY = "a proxy that makes every handshake itself and resets it where the machine refuses"
    EVERYTHING = "a tarpit: every port accepts, and nothing is ever said"
