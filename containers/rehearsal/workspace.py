"""Lays out the files of one rehearsal on disk: one directory, nothing outside it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The working directory and the places in it that more than one module must agree on."""

    dir: Path

    @property
    def zones(self) -> Path:
        """Zone files."""
        return self.dir / "zones"

    @property
    def keys(self) -> Path:
        """DNSSEC keys."""
        return self.dir / "keys"

    @property
    def certificates(self) -> Path:
        """Certificates and their keys."""
        return self.dir / "certificates"

    @property
    def pages(self) -> Path:
        """The document root of the web servers."""
        return self.dir / "pages"

    @property
    def logs(self) -> Path:
        """Output of every daemon, for debugging."""
        return self.dir / "log"

    @property
    def resolv_conf(self) -> Path:
        """Laid over /etc/resolv.conf inside."""
        return self.dir / "resolv.conf"

    @property
    def hints(self) -> Path:
        """Root hints."""
        return self.dir / "root.hints"

    @property
    def policy(self) -> Path:
        """The overlay of the auditor's policy."""
        return self.dir / "policy.toml"

    @property
    def anchor(self) -> Path:
        """The root's DS."""
        return self.dir / "root.ds"

    @property
    def authority(self) -> Path:
        """The root certificate."""
        return self.dir / "ca.pem"

    @property
    def routes(self) -> Path:
        """The table of prefixes with their origin AS."""
        return self.dir / "routes.txt"

    @property
    def roas(self) -> Path:
        """Route origin authorisations."""
        return self.dir / "roas.json"

    @property
    def secrets(self) -> Path:
        """Credentials that the auditor's configuration refers to."""
        return self.dir / "secrets"

    def work(self, daemon: str) -> Path:
        """Return the private directory of one daemon."""
        return self.dir / "work" / daemon

    def zone(self, apex: str) -> Path:
        """Return the file of one zone."""
        return self.zones / ("root" if apex == "." else apex)

    def other(self, apex: str) -> Path:
        """Return the file of a zone that some of its servers hold otherwise than the rest."""
        return self.zones / f"{apex}.other"
