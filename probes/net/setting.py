"""Defines the settings of a network: scope, limits, timeouts, and the configuration of single engines."""

from dataclasses import dataclass, field

from probes.net.core.rules import Admission, Permits, Timing
from probes.net.dns.source import Source
from probes.net.http.allowance import Allowance
from probes.net.origins import Origins
from probes.net.raw import privsep
from probes.net.raw.privsep import Access
from probes.net.raw.program import EVERYWHERE, CraftedScope
from probes.net.snmp.profiles import SnmpSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Holds the settings that a Net is made from.

    ``contact`` goes into the User-Agent, ``helo`` is our name in SMTP (empty: our address), ``relay_test`` are mail
    addresses of our own for the question of relaying; ``inside`` is where names inside TSLCD are looked up, None to
    look them up where all others are; ``strict`` lets our bugs raise (tests).
    """

    scope: Permits
    limits: Admission
    timing: Timing
    names: Source
    snmp: SnmpSetting = field(default_factory=SnmpSetting)
    contact: str = ""
    helo: str = ""
    relay_test: tuple[str, ...] = ()
    strict: bool = False
    origins: Origins = field(default_factory=Origins)
    crafted: CraftedScope = EVERYWHERE  # as it is given to the crafted-packet program
    inside: Source | None = None
    downloads: Allowance | None = None
    raw_access: Access | None = field(default_factory=privsep.current)
