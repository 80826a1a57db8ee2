"""Lists the Debian packages that the rehearsal needs, and tests whether each is installed.

An executable proves its package; directories that an ordinary user's PATH leaves out are searched too.
"""

import glob
import os
import shutil
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """A Debian package and an executable that only it brings, or the pattern of a file."""

    name: str
    executable: str
    only_tests: bool = False


PACKAGES = (
    Package("bind9", "named"),
    Package("bind9-utils", "dnssec-signzone"),
    Package("chrony", "chronyd"),
    Package("dnsmasq-base", "dnsmasq"),
    Package("frr", "ospf6d"),
    Package("frr-snmp", "/usr/lib/*/frr/modules/bgpd_snmp.so"),
    Package("iproute2", "ip"),
    Package("knot", "knotd"),
    Package("lldpd", "lldpd"),
    Package("miredo-server", "miredo-server"),
    Package("nftables", "nft"),
    Package("nginx-light", "nginx"),
    Package("postfix", "postconf"),
    Package("radvd", "radvd"),
    Package("openssh-server", "sshd"),
    Package("snmpd", "snmpd"),
    Package("unbound", "unbound"),
    Package("util-linux", "nsenter"),
    Package("vsftpd", "vsftpd"),
    Package("bind9-dnsutils", "dig", only_tests=True),
    Package("buildah", "buildah", only_tests=True),
    Package("chromium-headless-shell", "chromium-headless-shell", only_tests=True),
    Package("crun", "crun", only_tests=True),
    Package("curl", "curl", only_tests=True),
    Package("fish", "fish", only_tests=True),
    Package("iputils-ping", "ping", only_tests=True),
    Package("iputils-tracepath", "tracepath", only_tests=True),
    Package("libcap2-bin", "getcap", only_tests=True),
    Package("mandoc", "mandoc", only_tests=True),
    Package("mmdebstrap", "mmdebstrap", only_tests=True),
    Package("netavark", "/usr/lib/podman/netavark", only_tests=True),
    Package("openssl", "openssl", only_tests=True),
    Package("pdns-backend-bind", "/usr/lib/*/pdns/libbindbackend.so", only_tests=True),
    Package("pdns-server", "pdns_server", only_tests=True),
    Package("podman", "podman", only_tests=True),
    Package("podman-compose", "podman-compose", only_tests=True),
    Package("postgresql", "/usr/lib/postgresql/*/bin/initdb", only_tests=True),
    Package("promtool", "promtool", only_tests=True),
    Package("rpm", "rpm", only_tests=True),
    Package("snmp", "snmpget", only_tests=True),
    Package("sslscan", "sslscan", only_tests=True),
    Package("tayga", "tayga", only_tests=True),
    Package("traceroute", "traceroute", only_tests=True),
    Package("unbound-host", "unbound-host", only_tests=True),
    Package("zsh", "zsh", only_tests=True),
)

SEARCH_PATH = os.pathsep.join(
    (os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/frr")
)


def find(executable: str) -> str | None:
    """Return the full path of an executable, system directories included; of a pattern the first file that fits."""
    if "/" in executable:
        return next(iter(sorted(glob.glob(executable))), None)
    return shutil.which(executable, path=SEARCH_PATH)


def needed(*, tests: bool = False) -> tuple[str, ...]:
    """Return the packages to run the rehearsal, with the independent clients of its own tests if asked."""
    return tuple(p.name for p in PACKAGES if tests or not p.only_tests)


def missing(*, tests: bool = False) -> tuple[str, ...]:
    """Return the needed packages that are not installed."""
    return tuple(p.name for p in PACKAGES if (tests or not p.only_tests) and find(p.executable) is None)


def install_line(names: tuple[str, ...]) -> str:
    """Return the command line that installs the packages."""
    return f"apt-get install -y --no-install-recommends {' '.join(names)}"
